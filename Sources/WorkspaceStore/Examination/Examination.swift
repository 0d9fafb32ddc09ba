import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol
import TransparencyLog

/// One thing that must hold of a store, and whether it does.
package struct Finding: Sendable {
  /// What was checked, for people.
  package var check: String
  /// What is wrong; nil when nothing is.
  package var problem: String?
  package var isGood: Bool { problem == nil }

  package init(check: String, problem: String?) {
    self.check = check
    self.problem = problem
  }
}

extension Workspace {
  /// Checks what must hold of the store's own file (DESIGN.md §7); changes nothing.
  ///
  /// Re-executing the log is the auditor's part. Linear in the file.
  package func examine(progress: (Int, Int) -> Void = { _, _ in }) throws -> [Finding] {
    try logDatabase.read { db in
      let examination = StoreExamination(db: db)
      let checks: [(String, () throws -> String?)] = [
        ("SQLite finds its file whole", examination.integrity),
        ("the log's root is the one that was signed", examination.signedRoot),
        ("every leaf has its hash in the tree", examination.leafHashes),
        ("each own chain is unbroken", examination.ownChains),
        ("the records are the log's with the pending changes", examination.overlay),
      ]
      return try checks.enumerated().map { index, check in
        progress(index, checks.count)
        return Finding(check: check.0, problem: try check.1())
      }
    }
  }
}

private struct StoreExamination {
  let db: Database

  func integrity() throws -> String? {
    let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check")
    if lines != ["ok"] { return lines.prefix(3).joined(separator: "; ") }
    let orphans = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count
    return orphans == 0 ? nil : "\(orphans) rows point at rows that are not there"
  }

  func signedRoot() throws -> String? {
    let log = try LogReader(db)
    guard log.treeSize > 0 else { return nil }
    guard let key = log.logKey, let stored = try log.checkpoint(ofAtMost: log.treeSize),
      stored.size == log.treeSize
    else { return "there is no signed checkpoint of \(log.treeSize) leaves" }
    guard
      let signed = try? SignedCheckpoint(
        opening: stored.note, origin: key.name.line, logKey: key)
    else { return "the checkpoint of \(stored.size) leaves is not signed by the log" }
    let root = try log.root(ofSize: log.treeSize)
    return root.bytes == signed.checkpoint.root.bytes
      ? nil : "the root is \(root.hex), the checkpoint says otherwise"
  }

  func leafHashes() throws -> String? {
    let log = try LogReader(db)
    let rows = try Row.fetchCursor(db, sql: "SELECT position, bytes FROM leaf ORDER BY position")
    while let row = try rows.next() {
      let index = LeafIndex(row["position"] as Int64)
      let stored = try log.tree.readHashes([StoredHashIndex(leaf: index)])
      if stored.first != MerkleTree.leafHash((row["bytes"] as Data).array) {
        return "leaf \(index) is not the one that was hashed"
      }
    }
    return nil
  }

  func ownChains() throws -> String? {
    let log = try LogReader(db)
    var ends: [ReplicaID: Digest256] = [:]
    for row in try PendingChanges(db).rows() {
      let before = Dot(row.dot.replica, Counter(row.dot.counter.rawValue - 1))
      let expected =
        try ends[row.dot.replica]
        ?? (before.counter == 0 ? .zero : log.chainHash(at: before))
      guard expected == row.previous, (try? row.received()) != nil else {
        return "change \(row.dot) does not follow the one before it"
      }
      ends[row.dot.replica] = row.chain
    }
    return nil
  }

  func overlay() throws -> String? {
    let log = try LogReader(db)
    let pending = PendingChanges(db)
    let states = try pending.fold(pending.rows(), on: log)
    var total = Digest256.zero
    for (record, state) in states.sorted(by: { $0.key < $1.key }) {
      let stored = try Data.fetchOne(
        db, sql: "SELECT state FROM pending_record WHERE id = ?", arguments: [record.blob])
      guard stored?.array == state.stored else {
        return "record \(hexText(record.bytes)) is not what its changes make of it"
      }
      let base = try log.state(of: record)?.digestSum(in: record) ?? .zero
      total = total &+ (state.digestSum(in: record) &- base)
    }
    let rows = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM pending_record") ?? 0
    guard rows == states.count else {
      return "\(rows) records have pending states, not \(states.count)"
    }
    return try pending.totalDelta() == total ? nil : "the sum of the pending changes differs"
  }
}
