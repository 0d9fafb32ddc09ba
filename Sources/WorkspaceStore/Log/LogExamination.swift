import FoundationEssentials
import GRDB
import MergeCore
package import TransparencyLog

// What doctors check of a log's file; auditors re-execute it besides.

extension Database {
  /// The tables that have rows which are not as they were written, with how many; empty when all are.
  ///
  /// Looks at every table that has a seal, whichever there are. Linear, and holds one row.
  func brokenSeals() throws -> [(table: String, count: Int)] {
    let tables = try String.fetchAll(
      self, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return try tables.compactMap { table in
      guard try columns(in: table).last?.name == Seal.columnName else { return nil }
      let rows = try Row.fetchCursor(self, sql: "SELECT * FROM \(table)")
      var count = 0
      while let row = try rows.next() { count += row.isSealed(in: table) ? 0 : 1 }
      return count == 0 ? nil : (table, count)
    }
  }
}

extension LogReader {
  /// Rows that are not as they were written, in words; nil when all are.
  ///
  /// Of `sqlite_sequence`, whose rows SQLite writes, whether they fit the rows that they number. Reads all
  /// of the file.
  package func sealProblem() throws -> String? {
    let broken = try db.brokenSeals()
    guard !broken.isEmpty else { return try db.rowNumberProblem() }
    let words = broken.map { "\($0.count) \($0.count == 1 ? "row" : "rows") of \($0.table)" }
    return "not as it was written: " + words.joined(separator: ", ")
  }

  /// What is wrong with the leaves and the tree over them; nil when nothing is.
  ///
  /// Hashes every leaf anew, and compares with the hash that was stored of it and, size by size,
  /// with the roots that were signed. Linear in the leaves, of which it holds one.
  ///
  /// - Parameter logKey: what signs the checkpoints.
  package func treeProblem(logKey: VerifierKey) throws -> String? {
    let stored = try storedLeafCount()
    guard stored == treeSize else { return "the log has \(treeSize) leaves, the file \(stored)" }
    var accumulator = TreeAccumulator()
    let leaves = try Row.fetchCursor(
      db, sql: "SELECT position, bytes FROM leaf ORDER BY position")
    let checkpoints = try Row.fetchCursor(
      db, sql: "SELECT tree_size, note FROM checkpoint ORDER BY tree_size")
    var checkpoint = try checkpoints.next()
    while let leaf = try leaves.next() {
      let index = accumulator.size.nextLeaf
      guard try leaf.size("position") == index.rawValue else { return "leaf \(index) is missing" }
      let hash = MerkleTree.leafHash(try leaf.bytes("bytes"))
      guard try tree.readHashes([StoredHashIndex(leaf: index)]) == [hash] else {
        return "leaf \(index) is not the one that was hashed"
      }
      accumulator.append(leafHash: hash)
      while let row = checkpoint, try row.size("tree_size") == accumulator.size.rawValue {
        if let problem = try Self.problem(of: row, accumulator, logKey) { return problem }
        checkpoint = try checkpoints.next()
      }
    }
    return try checkpoint.map { "there is a checkpoint of \(try $0.size("tree_size")) leaves" }
  }

  private static func problem(
    of row: Row, _ tree: TreeAccumulator, _ logKey: VerifierKey
  ) throws -> String? {
    let note = try row.bytes("note")
    guard
      let signed = try? SignedCheckpoint(
        opening: note, origin: logKey.name.line, logKey: logKey)
    else { return "the checkpoint of \(tree.size) leaves is not signed by the log" }
    guard signed.checkpoint.size == tree.size else {
      return "the checkpoint of \(tree.size) leaves is one of \(signed.checkpoint.size)"
    }
    return signed.checkpoint.root == tree.root
      ? nil : "the checkpoint of \(tree.size) leaves has another root than the leaves"
  }
}
