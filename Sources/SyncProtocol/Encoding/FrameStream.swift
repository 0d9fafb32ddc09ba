/// Splits a stream of bytes into frames, each a varint length (LEB128, as in Protocol Buffers) and
/// so many bytes.
///
/// Holds at most one incomplete frame; a length over the limit is refused before its bytes arrive.
package struct FrameReader: Sendable {
  private var buffer: [UInt8] = []
  private var offset = 0
  private let frameBytesMax: Int

  package init(frameBytesMax: Int = Limits.frameBytesMax) { self.frameBytesMax = frameBytesMax }

  /// Whether nothing is waiting for the rest of its frame.
  package var isAtBoundary: Bool { offset == buffer.count }

  /// Takes in the next bytes of the stream.
  package mutating func append(_ bytes: some Sequence<UInt8>) {
    if offset > 0, offset >= buffer.count / 2 {
      buffer.removeFirst(offset)
      offset = 0
    }
    buffer.append(contentsOf: bytes)
  }

  /// The next whole frame; nil when more bytes are needed.
  package mutating func next() throws(FrameError) -> [UInt8]? {
    var length: UInt64 = 0
    var position = offset
    var shift: UInt64 = 0
    while true {
      guard position < buffer.count else { return nil }
      let byte = buffer[position]
      position += 1
      length |= UInt64(byte & 0x7F) << shift
      guard length <= UInt64(frameBytesMax) else { throw .tooLong(length) }
      if byte < 0x80 {
        // One length has one spelling, so a bundle's bytes have one meaning.
        guard byte > 0 || shift == 0 else { throw .badLength }
        break
      }
      shift += 7
      guard shift <= 28 else { throw .badLength }
    }
    guard buffer.count - position >= Int(length) else { return nil }
    offset = position + Int(length)
    return Array(buffer[position..<offset])
  }
}

/// Why a stream is not a sequence of frames.
package enum FrameError: Error, Hashable, Sendable {
  /// A length is longer than five bytes, or than it needs to be.
  case badLength
  /// A frame of so many bytes is over the limit.
  case tooLong(UInt64)
}

extension FrameReader {
  /// The frames of bytes that are there in full; what is left of a frame that is not there to its end
  /// is passed over.
  package static func frames(of bytes: some Collection<UInt8>) throws(FrameError) -> [[UInt8]] {
    var reader = FrameReader()
    reader.append(bytes)
    var frames: [[UInt8]] = []
    while let frame = try reader.next() { frames.append(frame) }
    return frames
  }
}

/// A frame's length and bytes.
package func framed(_ bytes: [UInt8]) -> [UInt8] {
  var out: [UInt8] = []
  out.reserveCapacity(bytes.count + 5)
  var rest = bytes.count
  while rest >= 0x80 {
    out.append(UInt8(rest & 0x7F) | 0x80)
    rest >>= 7
  }
  out.append(UInt8(rest))
  return out + bytes
}
