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
  /// What proves nothing is not kept, whoever believes that it does.
  package func keep(_ content: EvidenceDocument.Content) throws {
    try write { db in
      guard let workspace = try PendingChanges(db).workspace(LogReader(unverified: db)),
        let logKey = try LogReader(unverified: db).logKey
      else { return }
      let document = EvidenceDocument(workspace: workspace.hex, logKey: logKey, content: content)
      guard (try? document.check()) != nil,
        try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM evidence") ?? 0 < Limits.evidenceMax
      else { return }
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
      let chosen = try db.evidence().filter { ids?.contains($0.id) ?? true }
      for evidence in chosen {
        try db.execute(sql: "DELETE FROM evidence WHERE id = ?", arguments: [evidence.id])
        guard case .fork = evidence.document.content else { continue }
        try db.set(.largestCheckpoint, nil)
        try db.execute(sql: "UPDATE pending SET acknowledged = NULL")
        try db.reseal("pending", key: "sequence", where: "1")
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
