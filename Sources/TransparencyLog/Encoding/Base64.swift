/// Standard Base 64 with padding
/// ([RFC 4648, section 4](https://www.rfc-editor.org/rfc/rfc4648#section-4)), which the C2SP formats
/// use throughout.
///
/// Decoding is strict, so every byte string has one spelling: padding is required, the unused bits
/// of the last character are zero (section 3.5), and nothing outside the alphabet is skipped.
package enum Base64 {
  /// Four characters for each three bytes or fewer.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var characters: [UInt8] = []
    characters.reserveCapacity((bytes.count + 2) / 3 * 4)
    var rest = bytes[...]
    while !rest.isEmpty {
      appendGroup(rest.prefix(3), to: &characters)
      rest = rest.dropFirst(3)
    }
    return String(decoding: characters, as: UTF8.self)
  }

  /// The bytes that `text` spells; nil unless `encode` would spell them the same way.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    decode(Array(text.utf8))
  }

  /// The bytes that the ASCII characters `text` spell; nil unless `encode` would spell them so.
  package static func decode(_ text: [UInt8]) -> [UInt8]? {
    guard text.count.isMultiple(of: 4) else { return nil }
    let paddingCount = text.suffix(2).reversed().prefix { $0 == padding }.count
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    var buffer: UInt32 = 0
    var bitCount = 0
    for character in text.dropLast(paddingCount) {
      guard let sextet = value(character) else { return nil }
      buffer = buffer << 6 | UInt32(sextet)
      bitCount += 6
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: buffer >> bitCount))
        buffer &= (1 << bitCount) - 1
      }
    }
    // RFC 4648 § 3.5: the bits that encode nothing are zero.
    guard buffer == 0 else { return nil }
    return bytes
  }

  private static let padding = UInt8(ascii: "=")
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  private static func appendGroup(_ group: some Collection<UInt8>, to characters: inout [UInt8]) {
    var bits: UInt32 = 0
    for byte in group { bits = bits << 8 | UInt32(byte) }
    bits <<= UInt32(8 * (3 - group.count))
    for position in 0..<4 {
      let sextet = Int(bits >> UInt32(18 - 6 * position) & 0x3f)
      characters.append(position <= group.count ? alphabet[sextet] : padding)
    }
  }

  private static func value(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
