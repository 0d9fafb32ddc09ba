import TransparencyLog

/// Base 64 with the alphabet for addresses and file names, without padding
/// ([RFC 4648, section 5](https://www.rfc-editor.org/rfc/rfc4648#section-5)), as share codes and
/// tokens are spelt; each byte string has one spelling.
enum Base64URL {
  static func encode(_ bytes: [UInt8]) -> String {
    let characters = Base64.encode(bytes).utf8.compactMap { character -> UInt8? in
      switch character {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: character
      }
    }
    return String(decoding: characters, as: UTF8.self)
  }

  /// The bytes that `text`, in ASCII, spells; nil unless ``encode(_:)`` would spell them the same way.
  static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var standard: [UInt8] = []
    for character in text {
      switch character {
      case UInt8(ascii: "-"): standard.append(UInt8(ascii: "+"))
      case UInt8(ascii: "_"): standard.append(UInt8(ascii: "/"))
      case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): return nil
      default: standard.append(character)
      }
    }
    let padding = (4 - standard.count % 4) % 4
    guard padding < 3 else { return nil }
    return Base64.decode(standard + Array(repeating: UInt8(ascii: "="), count: padding))
  }
}
