/// What a line needs so that text from right to left stays where it was put (Unicode Standard Annex 9).
package enum BidiText {
  private static let firstStrongIsolate = "\u{2068}"
  private static let popDirectionalIsolate = "\u{2069}"

  /// `text` in a first-strong isolate; it must hold no isolates that are left open.
  package static func isolated(_ text: String) -> String {
    firstStrongIsolate + text + popDirectionalIsolate
  }

  /// Whether any character could make a terminal order the line from right to left.
  ///
  /// Whole blocks are tested and not each character's class: an isolate too many does no harm.
  package static func mayRunRightToLeft(_ text: String) -> Bool {
    text.unicodeScalars.contains { scalar in
      switch scalar.value {
      case 0x0590...0x08FF, 0x200F, 0x202B, 0x202E, 0x2067, 0xFB1D...0xFDFF, 0xFE70...0xFEFF,
        0x10800...0x10FFF, 0x1E800...0x1EFFF:
        true
      default: false
      }
    }
  }
}
