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
  /// What the analyst should know although nothing is wrong with the store.
  package var notice: String?
  package var isGood: Bool { problem == nil }
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
        ("leaves have their hashes in the tree, and checkpoints its roots", examination.tree),
        ("what the server acknowledged is in its log", examination.acknowledgements),
        ("one replica began the store, and all others continue it", examination.lineage),
        ("each own chain is unbroken", examination.ownChains),
        ("the records are the log's with the pending changes", examination.overlay),
        ("the log's key signed one history, and no lie", examination.evidence),
      ]
      let findings = try checks.enumerated().map { index, check in
        progress(index, checks.count)
        return Finding(check: check.0, problem: try problem(of: check.1))
      }
      return findings + [
        Finding(check: "the server took in what it was sent", notice: try examination.server())
      ]
    }
  }
}

/// What a check finds; that it cannot read the file is what it finds.
private func problem(of check: () throws -> String?) throws -> String? {
  do { return try check() } catch StoreFailure.corrupt(let what) { return what }
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

  func tree() throws -> String? {
    let log = try LogReader(db)
    return try log.logKey.flatMap { try log.treeProblem(logKey: $0) }
  }

  /// Invariant 2 of DESIGN.md §7, as far as the store can see: an acknowledged change is pending no
  /// more once the log here has its leaf, and the log leads to the largest checkpoint that was shown.
  func acknowledgements() throws -> String? {
    let log = try LogReader(db)
    for row in try PendingChanges(db).rows() {
      if let leaf = row.acknowledged, leaf < log.treeSize {
        return "change \(row.dot) is not in leaf \(leaf), where the server said it is"
      }
    }
    guard let seen = try db.largestCheckpoint(), seen.size.rawValue <= log.treeSize else {
      return nil
    }
    return try log.root(ofSize: seen.size.rawValue).bytes == seen.root.bytes
      ? nil : "the log is not the one whose checkpoint of \(seen.size) leaves was seen"
  }

  /// What proves that the log's key signed what cannot be true.
  func evidence() throws -> String? {
    let kept = try db.evidence()
    guard let first = kept.first else { return nil }
    do throws(EvidenceError) {
      return "\(try first.document.check().accusation); see hashiya evidence show \(first.id)"
    } catch {
      return "the kept evidence \(first.id) proves nothing: it was altered"
    }
  }

  /// What the server said when it last took nothing in.
  func server() throws -> String? {
    try String.fetchOne(
      db, sql: "SELECT value FROM setting WHERE name = ?",
      arguments: [Setting.serverRestored.rawValue]
    ).map { "\($0) Your work is safe here; tell its operator" }
  }

  /// Two that began it would be of two workspaces.
  func lineage() throws -> String? {
    var earlier = Set<ReplicaID>()
    for replica in try OwnReplica.all(db) {
      let isFounded = earlier.isEmpty && replica.succession == nil
      guard isFounded || replica.succession.map({ earlier.contains($0.predecessor) }) == true else {
        return "replica \(replica.id.hex.prefix(8)) does not continue one of this store's"
      }
      earlier.insert(replica.id)
    }
    return earlier.isEmpty ? "the store has no replica of its own" : nil
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
