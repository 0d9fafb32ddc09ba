import SyncProtocol
import WorkspaceStore

/// A stretch of an answer that is still to be written: bytes, or a batch that is still in the log.
enum AnswerPiece: Sendable {
  case bytes([UInt8])
  case batch(leaf: UInt64, Range<Int>)

  /// The frame of nested messages, each of which ends with the next and the innermost with a batch, as
  /// Protocol Buffers encode it: so a batch of megabytes is copied from the log to the connection in
  /// small pieces, and never encoded as a whole.
  ///
  /// - Parameter layers: innermost first; of each message the fields before its last, encoded, and that
  ///   field's number, below 16.
  static func frame(
    around leaf: LeafOutline, _ layers: [(before: [UInt8], field: UInt8)]
  ) -> [AnswerPiece] {
    var head: [UInt8] = []
    for layer in layers {
      let length = varint(head.count + leaf.batchByteCount)
      head = layer.before + [layer.field << 3 | 2] + length + head
    }
    head = varint(head.count + leaf.batchByteCount) + head
    return [.bytes(head), .batch(leaf: leaf.index, 0..<leaf.batchByteCount)]
  }

  /// How many bytes it makes.
  var byteCount: Int {
    switch self {
    case .bytes(let bytes): bytes.count
    case .batch(_, let range): range.count
    }
  }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }
}

extension [AnswerPiece] {
  /// Takes about `count` bytes off the front, reading what is in the log.
  mutating func take(_ count: Int, from reader: LogReader) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, let first {
      switch first {
      case .bytes(let head):
        bytes += head
        removeFirst()
      case .batch(let leaf, let range):
        let end = Swift.min(range.upperBound, range.lowerBound + count - bytes.count)
        bytes += try reader.batchPiece(ofLeaf: leaf, range.lowerBound..<end)
        if end < range.upperBound {
          self[0] = .batch(leaf: leaf, end..<range.upperBound)
        } else {
          removeFirst()
        }
      }
    }
    return bytes
  }
}
