/// The direction in which a text is read.
package enum TextDirection: Hashable, Sendable {
  case leftToRight, rightToLeft

  /// The direction of the first letter that has one (UAX #9, rules P2 and P3, for text that holds
  /// no isolates); nil for a text of digits, punctuation and symbols.
  package static func firstStrong(in text: some Sequence<Unicode.Scalar>) -> Self? {
    for scalar in text {
      if let direction = strong(scalar) { return direction }
    }
    return nil
  }

  /// Whether any letter of `text` is read from right to left.
  package static func isRightToLeft(anywhereIn text: some Sequence<Unicode.Scalar>) -> Bool {
    text.contains { strong($0) == .rightToLeft }
  }

  /// The direction of one letter; nil for everything else.
  ///
  /// The standard library does not tell the property Bidi_Class. The blocks of right-to-left
  /// scripts are fixed by the standard, unassigned code points included, so blocks and letters are
  /// enough.
  private static func strong(_ scalar: Unicode.Scalar) -> Self? {
    switch scalar.value {
    case 0x200F, 0x061C: return .rightToLeft
    case 0x200E: return .leftToRight
    default: break
    }
    guard isLetter(scalar) else { return nil }
    switch scalar.value {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFF: return .rightToLeft
    case 0x10800...0x10FFF, 0x1E800...0x1EFFF: return .rightToLeft
    default: return .leftToRight
    }
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: false
    }
  }
}
