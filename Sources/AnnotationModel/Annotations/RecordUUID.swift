import MergeCore

/// The 16 bytes that name annotations, relations and replies.
package enum RecordUUID {
  /// The number of bytes.
  package static let byteCount = 16
  /// The number of random bytes that ``make(milliseconds:random:)`` takes.
  package static let randomByteCount = 10

  /// A UUIDv7 (RFC 9562, section 5.7): 48 bits of Unix time in milliseconds, then 74 random bits.
  ///
  /// `random` must have ``randomByteCount`` bytes from a cryptographic source; six of their bits
  /// are replaced by version and variant. The time says roughly when, for sorting; nothing relies
  /// on it.
  package static func make(milliseconds: UInt64, random: [UInt8]) -> [UInt8] {
    precondition(milliseconds < 1 << 48, "a UUIDv7 has 48 bits of time")
    precondition(random.count == randomByteCount, "a UUIDv7 takes ten random bytes")
    let time = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * $0)) }
    return marked(time + random, version: 7)
  }

  /// The bytes with a version and the variant of RFC 9562 (sections 4.1 and 4.2) written into them.
  static func marked(_ bytes: [UInt8], version: UInt8) -> [UInt8] {
    var marked = bytes
    marked[6] = version << 4 | marked[6] & 0x0F
    marked[8] = 0x80 | marked[8] & 0x3F
    return marked
  }

  /// The text of 16 bytes: lowercase, with dashes (RFC 9562, section 4).
  package static func text(_ bytes: [UInt8]) -> String {
    precondition(bytes.count == byteCount, "a UUID has 16 bytes")
    var text = ""
    for (index, byte) in bytes.enumerated() {
      if [4, 6, 8, 10].contains(index) { text += "-" }
      text += hexText([byte])
    }
    return text
  }

  /// Reads a UUID of any version: 8-4-4-4-12 digits or 32 digits, in either case; nil for anything
  /// else.
  package static func bytes(of text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    let dash = UInt8(ascii: "-")
    switch characters.count {
    case 32:
      return hexBytes(text)
    case 36:
      guard [8, 13, 18, 23].allSatisfy({ characters[$0] == dash }) else { return nil }
      let digits = characters.filter { $0 != dash }
      guard digits.count == 32 else { return nil }
      return hexBytes(String(decoding: digits, as: UTF8.self))
    default:
      return nil
    }
  }
}
