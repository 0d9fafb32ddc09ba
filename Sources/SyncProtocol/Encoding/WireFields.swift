/// Walks over the fields of an encoded message without decoding or copying any.
///
/// A part of two bytes decodes into hundreds, so whatever a peer can repeat is counted here first.
/// Knows varints, fixed sizes and length-delimited fields; groups, which proto3 does not have, are
/// malformed.
struct WireFields {
  /// A field's number and, where it is length-delimited, where its bytes lie.
  struct Field {
    var number: UInt64
    /// Nil for a number of whatever width.
    var bytes: Range<Int>?
  }

  private let buffer: UnsafeBufferPointer<UInt8>
  private var position: Int
  private let end: Int

  init(_ buffer: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
    self.buffer = buffer
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field; nil at the end.
  mutating func next() throws(Malformed) -> Field? {
    guard position < end else { return nil }
    let tag = try varint()
    guard tag >> 3 > 0 else { throw Malformed() }
    switch tag & 7 {
    case 0:
      _ = try varint()
      return Field(number: tag >> 3, bytes: nil)
    case 1:
      try skip(8)
      return Field(number: tag >> 3, bytes: nil)
    case 2:
      let length = try varint()
      guard length <= UInt64(end - position) else { throw Malformed() }
      let start = position
      position += Int(length)
      return Field(number: tag >> 3, bytes: start..<position)
    case 5:
      try skip(4)
      return Field(number: tag >> 3, bytes: nil)
    default: throw Malformed()
    }
  }

  /// The bytes do not make fields.
  struct Malformed: Error {}

  private mutating func skip(_ count: Int) throws(Malformed) {
    guard count <= end - position else { throw Malformed() }
    position += count
  }

  private mutating func varint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end, shift < 64 {
      let byte = buffer[position]
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Malformed()
  }
}
