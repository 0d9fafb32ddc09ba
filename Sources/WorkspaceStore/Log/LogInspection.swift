import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol
import TransparencyLog

// What auditor and doctor read beyond what merging needs.

extension LogReader {
  /// Merged records after `record` in the order of their encoded ids: at most `countMax`, each with
  /// its stored state.
  package func records(after record: [UInt8], countMax: Int) throws -> [(
    id: [UInt8], state: [UInt8]
  )] {
    try Row.fetchAll(
      db, sql: "SELECT id, state FROM record WHERE id > ? ORDER BY id LIMIT ?",
      arguments: [Data(record), countMax]
    ).map { (try $0.bytes("id"), try $0.bytes("state")) }
  }

  /// How many merged records have an id that ends in these lowercase hexadecimal digits; reads all.
  package func recordCount(endingIn digits: String) throws -> Int {
    try Int.fetchOne(
      db, sql: "SELECT COUNT(*) FROM record WHERE substr(lower(hex(id)), -length(?1)) = ?1",
      arguments: [digits]) ?? 0
  }

  /// The merged records whose ids end in these lowercase hexadecimal digits; reads all.
  package func records(endingIn digits: String) throws -> [RecordID] {
    try Row.fetchAll(
      db, sql: "SELECT id FROM record WHERE substr(lower(hex(id)), -length(?1)) = ?1 ORDER BY id",
      arguments: [digits]
    ).compactMap { RecordID(encoded: try $0.bytes("id")) }
  }

  /// How many merged records there are, and how many of their parts are in conflict.
  package func recordCounts() throws -> (records: Int, conflicts: Int) {
    let records = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM record")
    return (records ?? 0, try Int.fetchOne(db, sql: "SELECT SUM(conflicts) FROM record") ?? 0)
  }

  /// The leaves that hold changes of a record, in log order, each once.
  package func leaves(changing record: RecordID) throws -> [UInt64] {
    try Row.fetchAll(
      db, sql: "SELECT DISTINCT leaf FROM record_change WHERE record = ? ORDER BY leaf",
      arguments: [record.blob]
    ).map { try $0.size("leaf") }
  }

  /// The bytes of `count` leaves from `start` on, without their batches; fewer at the log's end.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` at one that does not have its hash in the tree.
  package func leafBytes(from start: UInt64, count: Int) throws -> [[UInt8]] {
    try Row.fetchAll(
      db, sql: "SELECT position, bytes FROM leaf WHERE position >= ? ORDER BY position LIMIT ?",
      arguments: [Int64(position: start), count]
    ).map { row in
      let (index, bytes) = (try row.size("position"), try row.bytes("bytes"))
      let hash = try tree.readHashes([StoredHashIndex(leaf: LeafIndex(index))])
      guard hash == [MerkleTree.leafHash(bytes)] else {
        throw StoreFailure.corrupt("leaf \(index) is not the one that was hashed")
      }
      return bytes
    }
  }

  /// The first record that a leaf changed; nil for a membership act, and for a leaf without changes.
  package func firstRecord(changedAt leaf: UInt64) throws -> RecordID? {
    let row = try Row.fetchOne(
      db, sql: "SELECT record FROM record_change WHERE leaf = ? ORDER BY counter, record LIMIT 1",
      arguments: [Int64(position: leaf)])
    return try row.flatMap { RecordID(encoded: try $0.bytes("record")) }
  }

  /// The context that a replica's chain has after a logged change; the empty one before the first.
  package func chainContext(after dot: Dot) throws -> SignedContext {
    let row = try Row.fetchOne(
      db, sql: "SELECT context_size, context_root FROM change WHERE replica = ? AND counter = ?",
      arguments: [dot.replica.blob, Int64(dot.counter.rawValue)])
    guard let row else { return .empty }
    let size = try row.size("context_size")
    return SignedContext(
      treeSize: size, root: size == 0 ? nil : Digest256(try row.bytes("context_root")))
  }

  /// How many leaves the file holds, whatever the log's end says.
  package func storedLeafCount() throws -> UInt64 {
    UInt64(try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM leaf") ?? 0)
  }

  /// What SQLite finds wrong with the file: nothing when all is well.
  ///
  /// Reads all of the file.
  package func integrityProblems() throws -> [String] {
    let found = try String.fetchAll(db, sql: "PRAGMA integrity_check(20)")
    let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").prefix(20)
    return found.filter { Array($0.utf8) != Array("ok".utf8) }
      + (try orphans.map { "a row of \(try $0.text("table")) hangs on nothing" })
  }
}
