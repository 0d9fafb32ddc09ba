import MergeCore

/// A recursive-descent reader of one JSON value; RFC 8259's grammar, section by section.
struct JSONParser {
  private let bytes: [UInt8]
  private var offset = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSONValue {
    do {
      // Once for the whole line, so that strings can be cut out of it byte by byte.
      _ = try UTF8Text.scalars(of: bytes)
    } catch {
      throw .notUTF8(offset: error.byteOffset)
    }
    skipSpace()
    let value = try value()
    skipSpace()
    guard offset == bytes.count else { throw .unexpected(offset: offset) }
    return value
  }

  private mutating func value() throws(JSONError) -> JSONValue {
    switch peek {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONError) -> JSONValue
  ) throws(JSONError) -> JSONValue {
    guard depth < AnnotationLimits.jsonDepth else { throw .tooDeep(offset: offset) }
    depth += 1
    offset += 1
    skipSpace()
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func object() throws(JSONError) -> JSONValue {
    var members: [JSONMember] = []
    var names: Set<[UInt8]> = []
    if take("}") { return .object([]) }
    while true {
      let name = try string()
      guard names.insert(Array(name.utf8)).inserted else { throw .duplicateName(name) }
      skipSpace()
      guard take(":") else { throw .unexpected(offset: offset) }
      skipSpace()
      members.append(JSONMember(name: name, value: try value()))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw .unexpected(offset: offset) }
      skipSpace()
    }
  }

  private mutating func array() throws(JSONError) -> JSONValue {
    var elements: [JSONValue] = []
    if take("]") { return .array([]) }
    while true {
      elements.append(try value())
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw .unexpected(offset: offset) }
      skipSpace()
    }
  }

  /// RFC 8259, section 6: no leading zeros, no plus sign, digits on both sides of a point.
  private mutating func number() throws(JSONError) -> JSONValue {
    let start = offset
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return .number(String(decoding: bytes[start..<offset], as: UTF8.self))
  }

  private mutating func digits() throws(JSONError) {
    let start = offset
    while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { offset += 1 }
    guard offset > start else { throw .unexpected(offset: offset) }
  }

  /// RFC 8259, section 7.
  ///
  /// Control characters must be escaped.
  private mutating func string() throws(JSONError) -> String {
    guard take("\"") else { throw .unexpected(offset: offset) }
    var text: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        text += UTF8Text.bytes(of: [try escape()])
      case 0..<0x20:
        throw .unexpected(offset: offset)
      default:
        text.append(byte)
        offset += 1
      }
    }
    throw .unexpected(offset: offset)
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    let start = offset
    offset += 1
    guard let letter = peek else { throw .unexpected(offset: offset) }
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try codePoint(escapedAt: start)
    default: throw .unexpected(offset: offset - 1)
    }
  }

  private mutating func codePoint(escapedAt start: Int) throws(JSONError) -> Unicode.Scalar {
    let unit = try codeUnit()
    if let scalar = Unicode.Scalar(unit) { return scalar }
    guard (0xD800...0xDBFF).contains(unit), take("\\"), take("u") else {
      throw .loneSurrogate(offset: start)
    }
    let low = try codeUnit()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { throw .loneSurrogate(offset: start) }
    return scalar
  }

  private mutating func codeUnit() throws(JSONError) -> UInt32 {
    guard offset + 4 <= bytes.count,
      let pair = hexBytes(String(decoding: bytes[offset..<offset + 4], as: UTF8.self))
    else { throw .unexpected(offset: offset) }
    offset += 4
    return pair.reduce(0) { $0 << 8 | UInt32($1) }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[offset...].starts(with: word.utf8) else { throw .unexpected(offset: offset) }
    offset += word.utf8.count
    return value
  }

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard let byte = peek, UInt32(byte) == character.value else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }
}
