import FoundationEssentials
import GRDB
import MergeCore
package import SyncProtocol
import TransparencyLog

/// Evidence as the store keeps it.
package struct KeptEvidence: Sendable {
  /// The number by which people name it.
  package var id: Int64
  /// When it was kept, milliseconds since 1970.
  package var time: Int64
  package var document: EvidenceDocument
}

extension Workspace {
  /// Keeps what proves that the log's key signed what cannot be true: once for each such thing, and the
  /// first ``Limits/evidenceMax`` of them, since a server may lie for ever and the first proves as much.
  ///
  /// False leaves leave the last place to a fork, so that whoever signs many of them hides none. What
  /// proves nothing is not kept, whoever believes that it does.
  package func keep(_ content: EvidenceDocument.Content) throws {
    try write { db in
      guard let workspace = try PendingChanges(db).workspace(LogReader(unverified: db)),
        let logKey = try LogReader(unverified: db).logKey
      else { return }
      let document = EvidenceDocument(workspace: workspace.hex, logKey: logKey, content: content)
      guard (try? document.check()) != nil, try db.hasRoom(for: content) else { return }
      try db.insertSealed(
        into: "evidence",
        [
          try db.nextNumber(of: "id", in: "evidence"), machine.now(), document.subject,
          Data(document.encoded),
        ], .ignore)
    }
  }

  /// Forgets evidence, nil meaning all, and returns how much.
  ///
  /// With a fork goes what the store remembers of the other history beyond its own leaves: the largest
  /// checkpoint seen, and the server's word that it has changes whose leaves never came.
  package func clearEvidence(_ ids: [Int64]?) throws -> Int {
    try write { db in
      // Read as it stands: what does not decode any more has to go, too.
      let kept = try Row.fetchAll(db, sql: "SELECT id, subject FROM evidence")
      let chosen = try kept.filter { try ids?.contains($0.number("id")) ?? true }
      for row in chosen {
        try db.execute(sql: "DELETE FROM evidence WHERE id = ?", arguments: [row.number("id")])
        guard Array(try row.text("subject").utf8) == Array("fork".utf8) else { continue }
        try db.set(.largestCheckpoint, nil)
        try db.updateSealed(
          "pending", set: [("acknowledged", nil)], where: "acknowledged IS NOT NULL")
      }
      return chosen.count
    }
  }
}

extension WorkspaceReader {
  /// What is kept, the oldest first.
  package func evidence() throws -> [KeptEvidence] { try db.evidence() }

  /// How much is kept, without reading it.
  package func evidenceCount() throws -> Int {
    try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM evidence") ?? 0
  }

  /// Whether the log's key is proved to have signed two histories.
  package func isForkProved() throws -> Bool {
    try Int.fetchOne(db, sql: "SELECT 1 FROM evidence WHERE subject = 'fork'") != nil
  }
}

extension Database {
  fileprivate func hasRoom(for content: EvidenceDocument.Content) throws -> Bool {
    if case .fork = content { return true }
    let leaves = try Int.fetchOne(
      self, sql: "SELECT COUNT(*) FROM evidence WHERE subject <> 'fork'")
    return leaves ?? 0 < Limits.evidenceMax - 1
  }

  /// What is kept, the oldest first; throws ``StoreFailure/corrupt(_:)`` for what does not decode.
  func evidence() throws -> [KeptEvidence] {
    try Row.fetchAll(self, sql: "SELECT * FROM evidence ORDER BY id").map { row in
      let row = try row.sealed(in: "evidence")
      let id = try row.number("id")
      guard let document = try? EvidenceDocument(decoding: row.bytes("document")),
        Array(document.subject.utf8) == Array(try row.text("subject").utf8)
      else { throw StoreFailure.corrupt("the kept evidence \(id) does not decode") }
      return KeptEvidence(id: id, time: try row.number("time"), document: document)
    }
  }
}
