/// Arabic text with the differences taken away that writers do not hold to, for finding only.
///
/// Harakat, tatweel and bidi marks are dropped; alef, yeh, kaf and heh are unified with the letters
/// they are exchanged with; hamza seats lose their hamza; digits become European, quotation marks
/// plain, white space of any length one space, and ASCII letters small. What is shown, stored and
/// hashed is never folded.
package struct FoldedText: Sendable {
  /// The folded code points.
  package let scalars: [Unicode.Scalar]
  /// For each folded code point, the offset in the original that it came from; ascending.
  package let origins: [Int]
  private let original: [Unicode.Scalar]

  /// Folds `original`; linear in its length.
  package init(_ original: [Unicode.Scalar]) {
    var scalars: [Unicode.Scalar] = []
    var origins: [Int] = []
    for (offset, scalar) in original.enumerated() {
      guard let folded = SpellingFold.folded(scalar) else { continue }
      if folded == " ", scalars.last == " " { continue }
      scalars.append(folded)
      origins.append(offset)
    }
    self.scalars = scalars
    self.origins = origins
    self.original = original
  }

  /// The offsets in the original that a range of folded code points came from, with the harakat and
  /// tatweels that belong to its last letter.
  ///
  /// The range must not be empty.
  package func origin(of range: Range<Int>) -> Range<Int> {
    var end = origins[range.upperBound - 1] + 1
    while end < original.count, SpellingFold.isAttached(original[end]) { end += 1 }
    return origins[range.lowerBound]..<end
  }
}

/// The folding of one code point.
package enum SpellingFold {
  /// What a code point becomes; nil when it is dropped.
  package static func folded(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
    if isAttached(scalar) || BidiControl.contains(scalar) { return nil }
    switch scalar.value {
    case 0x200B...0x200D, 0xFEFF, 0x00AD: return nil  // zero-width space and joiners, soft hyphen
    case 0x0622, 0x0623, 0x0625, 0x0671...0x0673, 0x0675: return "\u{0627}"  // alef
    case 0x0624, 0x0676: return "\u{0648}"  // waw
    case 0x0626, 0x0649, 0x06CC, 0x06D2: return "\u{064A}"  // yeh
    case 0x0629, 0x06BE, 0x06C0...0x06C3, 0x06D5: return "\u{0647}"  // heh
    case 0x06A9: return "\u{0643}"  // kaf
    case 0x0660...0x0669: return digit(scalar.value - 0x0660)
    case 0x06F0...0x06F9: return digit(scalar.value - 0x06F0)
    case 0x2018...0x201B: return "'"
    case 0x201C...0x201F, 0x00AB, 0x00BB: return "\""
    case 0x0041...0x005A: return Unicode.Scalar(UInt8(scalar.value + 0x20))
    default: return scalar.properties.isWhitespace ? " " : scalar
    }
  }

  /// Whether a code point hangs on the letter before it and says nothing to a search: the Arabic
  /// marks (harakat, shadda, the combining hamzas and madda, the marks of the Quran) and the
  /// tatweel.
  package static func isAttached(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x0610...0x061A, 0x0640, 0x064B...0x065F, 0x0670: true
    case 0x06D6...0x06DC, 0x06DF...0x06E4, 0x06E7, 0x06E8, 0x06EA...0x06ED: true
    case 0x08CA...0x08E1, 0x08E3...0x08FF: true
    default: false
    }
  }

  private static func digit(_ value: UInt32) -> Unicode.Scalar {
    Unicode.Scalar(UInt8(ascii: "0") + UInt8(value))
  }
}
