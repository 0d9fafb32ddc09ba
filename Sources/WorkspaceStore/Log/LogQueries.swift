import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// A leaf as the log keeps it.
package struct StoredLeaf: Sendable {
  package var index: UInt64
  package var leafBytes: [UInt8]
  package var batchBytes: [UInt8]
  package var reportBytes: [UInt8]
  /// Whether the row is as it was written.
  package var isSealed: Bool
}

extension LogReader {
  /// The leaf at `index`; nil past the end.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` for one that is not as it was written.
  package func leaf(at index: UInt64) throws -> StoredLeaf? {
    try Row.fetchOne(
      db, sql: "SELECT * FROM leaf WHERE position = ?", arguments: [Int64(position: index)]
    ).map { try StoredLeaf($0).whole() }
  }

  /// Leaves from `start` on: at most `countMax`, and no more once they exceed `bytesMax` bytes, but
  /// always one where there is one.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` at one that is not as it was written.
  package func leaves(from start: UInt64, countMax: Int, bytesMax: Int) throws -> [StoredLeaf] {
    try storedLeaves(from: start, countMax: countMax, bytesMax: bytesMax).map { try $0.whole() }
  }

  /// The same, whether they are as they were written or not: for those who compare them.
  package func storedLeaves(
    from start: UInt64, countMax: Int, bytesMax: Int
  ) throws -> [StoredLeaf] {
    let rows = try Row.fetchCursor(
      db, sql: "SELECT * FROM leaf WHERE position >= ? ORDER BY position LIMIT ?",
      arguments: [Int64(position: start), countMax])
    var leaves: [StoredLeaf] = []
    var bytes = 0
    while bytes < bytesMax, let row = try rows.next() {
      let leaf = try StoredLeaf(row)
      bytes += leaf.leafBytes.count + leaf.batchBytes.count
      leaves.append(leaf)
    }
    return leaves
  }

  /// The signed note of the largest checkpoint of at most `size` leaves, with its size.
  package func checkpoint(ofAtMost size: UInt64) throws -> (size: UInt64, note: [UInt8])? {
    try Row.fetchOne(
      db,
      sql: "SELECT * FROM checkpoint WHERE tree_size <= ? ORDER BY tree_size DESC LIMIT 1",
      arguments: [Int64(position: size)]
    ).map { (try $0.size("tree_size"), try $0.bytes("note")) }
  }

  /// The sizes between the two, the second included, that have a checkpoint; ascending.
  package func checkpoints(after start: UInt64, upTo end: UInt64) throws -> [(
    size: UInt64, note: [UInt8]
  )] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT * FROM checkpoint WHERE tree_size > ? AND tree_size <= ? ORDER BY tree_size
        """, arguments: [Int64(position: start), Int64(position: end)]
    ).map { (try $0.size("tree_size"), try $0.bytes("note")) }
  }

  /// The encoded batch whose leaf holds a logged dot: the evidence of a fork.
  package func batch(holding dot: Dot) throws -> [UInt8]? {
    guard let index = try leafIndex(of: dot) else { return nil }
    return try leaf(at: index)?.batchBytes
  }
}

extension StoredLeaf {
  fileprivate init(_ row: Row) throws {
    index = try row.size("position")
    leafBytes = try row.bytes("bytes")
    batchBytes = try row.bytes("batch")
    reportBytes = try row.bytes("report")
    isSealed = row.isSealed(in: "leaf")
  }

  fileprivate func whole() throws(StoreFailure) -> StoredLeaf {
    guard isSealed else { throw .corrupt("leaf \(index) is not as it was written") }
    return self
  }
}
