/// Unicode normalisation (UAX #15).
package enum NormalForm {
  /// Normal form C of `text`.
  ///
  /// Unicode's stability policy fixes the normal form of every assigned code point for ever, so names
  /// that hold no unassigned ones hash alike under all versions. The standard library computes this
  /// form for `==` and hashing and offers it as `_nfcCodeUnits`, which the Foundation of every
  /// toolchain is linked against. Foundation's `precomposedStringWithCanonicalMapping` was rejected:
  /// it brings the whole Foundation and its ICU data into a program whose start-up time counts.
  ///
  /// Compared with Python's `unicodedata` over every code point among marks, the library differs for
  /// three alone: composite Tibetan vowels, whose parts it does not put in order among other marks.
  /// They are taken apart here first.
  package static func composed(_ text: String) -> [Unicode.Scalar] {
    let apart = UTF8Text.string(of: text.unicodeScalars.flatMap(parts))
    do {
      return try UTF8Text.scalars(of: apart._nfcCodeUnits)
    } catch {
      preconditionFailure("the normal form of a string is UTF-8")
    }
  }

  private static func parts(of scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    switch scalar.value {
    case 0x0F73: ["\u{0F71}", "\u{0F72}"]
    case 0x0F75: ["\u{0F71}", "\u{0F74}"]
    case 0x0F81: ["\u{0F71}", "\u{0F80}"]
    default: [scalar]
    }
  }
}
