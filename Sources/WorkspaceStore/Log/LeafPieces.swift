import FoundationEssentials
import GRDB
import SyncProtocol

/// A leaf without its batch, which may be a hundred times as large.
package struct LeafOutline: Sendable {
  package var index: UInt64
  package var leafBytes: [UInt8]
  package var batchByteCount: Int
}

extension LogReader {
  /// Leaves from `start` on without their batches: at most `countMax`, and no more once they exceed
  /// `leafBytesMax` bytes, or `bytesMax` with their batches, but always one where there is one.
  package func outlines(
    from start: UInt64, countMax: Int, bytesMax: Int, leafBytesMax: Int
  ) throws -> [LeafOutline] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT position, bytes, length(batch) AS batch_bytes FROM leaf
          WHERE position >= ? ORDER BY position LIMIT ?
          """), arguments: [Int64(position: start), countMax])
    var outlines: [LeafOutline] = []
    var (bytes, leafBytes) = (0, 0)
    while bytes < bytesMax, leafBytes < leafBytesMax, let row = try rows.next() {
      let outline = LeafOutline(
        index: try row.size("position"), leafBytes: try row.bytes("bytes"),
        batchByteCount: Int(try row.size("batch_bytes")))
      leafBytes += outline.leafBytes.count
      bytes += outline.leafBytes.count + outline.batchByteCount
      outlines.append(outline)
    }
    return outlines
  }

  /// A part of a leaf's batch; throws ``StoreFailure/corrupt(_:)`` when it is not there.
  ///
  /// With the first part the whole leaf is read once, and is found damaged before any of it is told.
  package func batchPiece(ofLeaf index: UInt64, _ range: Range<Int>) throws -> [UInt8] {
    if range.lowerBound == 0 { _ = try leaf(at: index) }
    let piece = try Data.fetchOne(
      db.cachedStatement(sql: "SELECT substr(batch, ?, ?) FROM leaf WHERE position = ?"),
      arguments: [range.lowerBound + 1, range.count, Int64(position: index)])
    guard let piece, piece.count == range.count else {
      throw StoreFailure.corrupt("leaf \(index) lacks a part of its batch")
    }
    return piece.array
  }
}
