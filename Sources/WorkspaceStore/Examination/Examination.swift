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
  /// Whether a repair of the file can help.
  package var isOfFile = true
  package var isGood: Bool { problem == nil }
}

extension Workspace {
  /// Checks what must hold of the store's own file (DESIGN.md §7); changes nothing.
  ///
  /// A check that cannot read the file has found that; the others go on. Re-executing the log is the
  /// auditor's part. Linear in the file.
  package func examine(progress: (Int, Int) -> Void = { _, _ in }) throws -> [Finding] {
    var findings: [Finding] = []
    do {
      try logDatabase.read { db in
        let checks = checks(of: db)
        for (index, check) in checks.enumerated() {
          progress(index, checks.count)
          findings.append(
            Finding(
              check: check.0, problem: try problem(of: check.1),
              isOfFile: check.0 != Self.honestServer))
        }
        let notice = try? LogExaminer(db: db).server()
        findings.append(Finding(check: "the server took in what it was sent", notice: notice))
      }
    } catch {
      // A damaged file may fail even the end of the transaction that it was read in.
      guard let problem = try problem(of: { throw error }), findings.allSatisfy(\.isGood) else {
        return findings
      }
      findings.append(Finding(check: "SQLite finds its file whole", problem: problem))
    }
    return findings
  }

  private static let honestServer = "the log's key signed one history, and no lie"

  private func checks(of db: Database) -> [(String, () throws -> String?)] {
    let log = LogExaminer(db: db)
    let own = OwnWorkExaminer(db: db)
    let kept = KeptExaminer(db: db)
    return [
      ("SQLite finds its file whole", log.integrity),
      (
        "the file has this program's tables, and nothing that acts by itself",
        { try self.logDatabase.schemaProblem(in: db) }
      ),
      ("every row is as it was written", { try LogReader(unverified: db).sealProblem() }),
      ("the log's root is the one that was signed", log.signedRoot),
      ("leaves have their hashes in the tree, and checkpoints its roots", log.tree),
      ("what the server acknowledged is in its log", log.acknowledgements),
      ("one replica began the store, and all others continue it", own.lineage),
      ("each own chain is unbroken", own.chains),
      ("the records are the log's with the pending changes", own.overlay),
      ("what the store remembers can be read", kept.settings),
      ("ids of scripts name their records", kept.aliases),
      ("refused changes can be read", kept.quarantine),
      ("batches carried for others are whole", kept.mail),
      (Self.honestServer, log.evidence),
    ]
  }
}

/// What a check finds; that it cannot read the file is what it finds.
private func problem(of check: () throws -> String?) throws -> String? {
  do {
    return try check()
  } catch let refusal as Refusal {
    return refusal.detail
  } catch {
    guard case .corrupt(let what) = StoreFailure(error) else { throw error }
    return what
  }
}

private struct LogExaminer {
  let db: Database

  func integrity() throws -> String? {
    let problems = try LogReader(unverified: db).integrityProblems()
    return problems.isEmpty ? nil : problems.prefix(3).joined(separator: "; ")
  }

  func signedRoot() throws -> String? {
    let log = try LogReader(unverified: db)
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
    let log = try LogReader(unverified: db)
    return try log.logKey.flatMap { try log.treeProblem(logKey: $0) }
  }

  /// Invariant 2 of DESIGN.md §7, as far as the store can see: an acknowledged change is pending no
  /// more once the log here has its leaf, and the log leads to the largest checkpoint that was shown.
  func acknowledgements() throws -> String? {
    let log = try LogReader(unverified: db)
    let seen = try db.largestCheckpoint()
    for row in try PendingChanges(db).rows() {
      guard let leaf = row.acknowledged else { continue }
      if leaf < log.treeSize {
        return "change \(row.dot) is not in leaf \(leaf), where the server said it is"
      }
      guard let seen, leaf < seen.size.rawValue else {
        return "change \(row.dot) is said to be in leaf \(leaf), which no server has signed"
      }
    }
    guard let seen, seen.size.rawValue <= log.treeSize else { return nil }
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
    try db.setting(.serverRestored).map { "\($0) Your work is safe here; tell its operator" }
  }
}
