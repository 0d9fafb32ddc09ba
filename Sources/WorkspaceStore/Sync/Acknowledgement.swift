import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol
package import TransparencyLog

extension Workspace {
  /// Remembers that the log has these batches, each at its leaf, and the checkpoint that proves it:
  /// together, so that no change is ever acknowledged without the note.
  ///
  /// Throws ``IngestFailure/wrongRoot(size:)`` when the store has seen another root of that size
  /// meanwhile; then nothing is remembered.
  ///
  /// - Parameter held: the leaves of batches that the log took in just now, each with its proof.
  package func acknowledge(
    _ batches: [(batch: OutgoingBatch, leaf: LeafIndex)], by checkpoint: SignedCheckpoint,
    holding held: [HeldLeaf] = []
  ) throws {
    try write { db in
      let seen = try db.largestCheckpoint()
      if let seen, seen.size == checkpoint.checkpoint.size,
        seen.root != checkpoint.checkpoint.root
      {
        throw IngestFailure.wrongRoot(size: seen.size.rawValue)
      }
      try db.remember(checkpoint)
      try db.keep(held, note: checkpoint.note.encoded)
      try db.forgetHeldLeaves(before: LogReader(unverified: db).treeSize)
      for (batch, leaf) in batches {
        try db.execute(
          sql: """
            UPDATE pending SET acknowledged = ? WHERE replica = ? AND counter BETWEEN ? AND ?
            """,
          arguments: [
            Int64(leaf.rawValue), batch.replica.blob, Int64(batch.first.rawValue),
            Int64(batch.last.rawValue),
          ])
      }
    }
  }

  /// Takes refused changes out of the state and brings the rest again (ruling 16); returns what it
  /// took out.
  package func quarantine(_ refusals: [Dot: Refusal]) throws -> [Dot: Refusal] {
    try write { db in
      try PendingSettlement(db: db, machine: machine).quarantine(refusals, log: LogReader(db))
    }
  }

  /// Forgets mail that the server has taken, or will never take.
  package func forgetMail(_ batches: [CarriedBatch]) throws {
    guard !batches.isEmpty else { return }
    try write { db in
      for batch in batches {
        try db.execute(sql: "DELETE FROM mail WHERE sequence = ?", arguments: [batch.sequence])
      }
    }
  }

  /// Records how a sync ended, and from which tree size it went on when it brought anything.
  ///
  /// - Parameter clockOffset: by how much this machine's clock is behind the server's, in seconds.
  package func recordSync(
    inSync: Bool, broughtFrom: UInt64? = nil, clockOffset: Int64
  ) throws {
    try write { db in
      try db.set(.lastSync, String(machine.now()))
      try db.set(.serverRestored, nil)
      try db.set(.clockOffset, clockOffset == 0 ? nil : String(clockOffset))
      if let broughtFrom { try db.set(.broughtFrom, String(broughtFrom)) }
      try db.set(.inSync, inSync ? "true" : "false")
    }
  }

  /// Keeps both sides of what should not be: each pair once, and the first
  /// ``Limits/evidencePairsMax``, since a server may show new ones for ever and the first prove as
  /// much.
  package func keepEvidence(_ what: String, ours: [UInt8], theirs: [UInt8]) throws {
    try write { db in
      let kept = try db.evidence()
      guard kept.count < Limits.evidencePairsMax,
        !kept.contains(where: { $0.ours == ours && $0.theirs == theirs })
      else { return }
      try db.execute(
        sql: "INSERT INTO evidence (time, what, ours, theirs) VALUES (?, ?, ?, ?)",
        arguments: [machine.now(), what, Data(ours), Data(theirs)])
    }
  }
}

/// Both sides of what should not be.
struct Evidence {
  /// What it proves, in words.
  var what: String
  var ours: [UInt8]
  var theirs: [UInt8]
}

extension Database {
  /// What was kept, the oldest first.
  func evidence() throws -> [Evidence] {
    try Row.fetchAll(self, sql: "SELECT what, ours, theirs FROM evidence ORDER BY id").map { row in
      Evidence(
        what: try row.text("what"), ours: try row.optionalBytes("ours") ?? [],
        theirs: try row.optionalBytes("theirs") ?? [])
    }
  }
}

extension WorkspaceReader {
  /// The (record, field) pairs in conflict now, of records that are not deleted; a nil field is the
  /// lifecycle.
  package func conflictKeys() throws -> Set<ConflictKey> {
    var keys = Set<ConflictKey>()
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT id, state FROM pending_record WHERE conflicts > 0 AND is_deleted = 0
        UNION ALL
        SELECT id, state FROM record
        WHERE conflicts > 0 AND is_deleted = 0
          AND id NOT IN (SELECT id FROM pending_record)
        """)
    while let row = try rows.next() {
      let record = try row.record("id")
      let state = try decodedState(row.bytes("state"))
      for field in state.conflictingFields { keys.insert(ConflictKey(record, field)) }
      if state.isLifecycleInConflict { keys.insert(ConflictKey(record, nil)) }
    }
    return keys
  }
}

/// One conflict: a record, and a register or (nil) the lifecycle.
package struct ConflictKey: Hashable, Sendable {
  package var record: RecordID
  package var field: FieldID?

  package init(_ record: RecordID, _ field: FieldID?) {
    self.record = record
    self.field = field
  }
}
