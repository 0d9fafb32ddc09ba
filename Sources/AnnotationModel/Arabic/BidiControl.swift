/// The invisible marks that steer the direction of text (UAX #9, section 2).
///
/// Terminals and editors insert them when text is copied, so they reach what people type without
/// being seen.
package enum BidiControl {
  /// Whether `scalar` is one of the twelve: the Arabic letter mark, the left-to-right and
  /// right-to-left marks, embeddings, overrides, isolates and their ends.
  package static func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
  }

  /// Whether `scalar` is one of what terminals, editors and web pages leave around words that are
  /// copied from them: white space, one of the twelve marks, or a byte order mark.
  package static func isAround(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || contains(scalar) || scalar.value == 0xFEFF
  }

  /// A name or handle as it was meant: `text` without what stands around it by accident.
  package static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !isAround($0) }),
      let last = scalars.lastIndex(where: { !isAround($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  /// `text` without any of the twelve marks.
  package static func removed(from text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    text.filter { !contains($0) }
  }
}
