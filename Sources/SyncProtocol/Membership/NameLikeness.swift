/// Names of people that read alike: people who bear them have to be told apart.
package enum NameLikeness {
  /// Whether two names are one to those who read or type them: in whichever case and normal form, and
  /// with whatever white space at the ends and invisible marks, which the log of another program may
  /// hold.
  ///
  /// For showing and finding alone: what a revocation ends goes by bytes (Protocol, §11), since letter
  /// case depends on the version of Unicode.
  package static func areAlike(_ left: String, _ right: String) -> Bool {
    if left.utf8.elementsEqual(right.utf8) { return true }
    if let left = plainASCII(left), let right = plainASCII(right) {
      return left.count == right.count && zip(left, right).allSatisfy { lowered($0) == lowered($1) }
    }
    // Strings are equal when they are canonically equivalent, which is what is asked here.
    return folded(left) == folded(right)
  }

  /// The bytes of a name that is ASCII and has no white space at its ends; nil for any other.
  private static func plainASCII(_ name: String) -> String.UTF8View? {
    let bytes = name.utf8
    guard let first = bytes.first, let last = bytes.last, first > 0x20, last > 0x20,
      bytes.allSatisfy({ (0x20..<0x7F).contains($0) })
    else { return nil }
    return bytes
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }

  private static func folded(_ name: String) -> String {
    let visible = name.lowercased().unicodeScalars.filter {
      !$0.properties.isDefaultIgnorableCodePoint && $0.properties.generalCategory != .control
    }
    guard let first = visible.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = visible.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(String.UnicodeScalarView(visible[first...last]))
  }
}
