import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol
package import TransparencyLog

extension Workspace {
  /// Remembers that the log has these batches, each at its leaf, and the checkpoint that proves it:
  /// together, so that no change is ever acknowledged without the note.
  ///
  /// Throws ``IngestFailure/fork(size:)`` when the store has seen another root of that size meanwhile;
  /// then nothing is remembered.
  ///
  /// - Parameter held: the leaves of batches that the log took in just now, each with its proof.
  package func acknowledge(
    _ batches: [(batch: OutgoingBatch, leaf: LeafIndex)], by checkpoint: SignedCheckpoint,
    holding held: [HeldLeaf] = []
  ) throws {
    do {
      try acknowledge(batches, checkpoint, held)
    } catch let failure as IngestFailure {
      throw try explained(failure, [], note: checkpoint.note.encoded)
    }
  }

  private func acknowledge(
    _ batches: [(batch: OutgoingBatch, leaf: LeafIndex)], _ checkpoint: SignedCheckpoint,
    _ held: [HeldLeaf]
  ) throws {
    try write { db in
      if case .fork? = try WorkspaceReader(db).standing(ofNote: checkpoint.note.encoded) {
        throw IngestFailure.fork(size: checkpoint.checkpoint.size.rawValue)
      }
      try db.remember(checkpoint)
      try db.keep(held, note: checkpoint.note.encoded)
      try db.forgetHeldLeaves(before: LogReader(unverified: db).treeSize)
      for (batch, leaf) in batches {
        try db.updateSealed(
          "pending", set: [("acknowledged", Int64(leaf.rawValue))],
          where: "replica = ? AND counter BETWEEN ? AND ?",
          [batch.replica.blob, Int64(batch.first.rawValue), Int64(batch.last.rawValue)])
      }
    }
  }

  /// Takes refused changes out of the state and brings the rest again (ruling 16); or tells where
  /// batches are to be cut, when that is all.
  ///
  /// - Parameter alone: those that were refused in a batch of their own.
  package func quarantine(_ refusals: [Dot: Refusal], alone: Set<Dot> = []) throws -> SetAside {
    try write { db in
      try PendingSettlement(db: db, machine: machine).quarantine(
        refusals, alone: alone, log: LogReader(db))
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
  /// - Parameters:
  ///   - clockOffset: by how much requests correct this machine's clock, in seconds.
  ///   - clockSkew: by how much the clock is behind the server's, in seconds, where that is known.
  package func recordSync(
    inSync: Bool, broughtFrom: UInt64? = nil, clockOffset: Int64, clockSkew: Int64? = nil
  ) throws {
    try write { db in
      try db.set(.lastSync, String(machine.now()))
      try db.set(.serverRestored, nil)
      // The server answered this store's replica, so whoever called it revoked was wrong.
      try db.set(.revoked, nil)
      try db.set(.clockOffset, clockOffset == 0 ? nil : String(clockOffset))
      if let clockSkew {
        let isOff = abs(clockSkew) > Limits.clockWarningSeconds
        try db.set(.clockSkew, isOff ? String(clockSkew) : nil)
      }
      if let broughtFrom { try db.set(.broughtFrom, String(broughtFrom)) }
      try db.set(.inSync, inSync ? "true" : "false")
      try db.set(.refused, nil)
    }
  }

  /// Remembers what was found out about the way to the server; nil when there is nothing.
  package func remember(passingSizes: String?) throws {
    try write { db in try db.set(.passingSizes, passingSizes) }
  }

  /// Remembers that what the server sent was refused, until an exchange ends well: nobody is in sync
  /// with a server that is not believed.
  package func rememberRefused(_ reason: String) throws {
    try write { db in
      try db.set(.inSync, "false")
      try db.set(.refused, "\(machine.now()) \(reason)")
    }
  }
}

extension WorkspaceReader {
  /// The (record, field) pairs in conflict now, of records that are not deleted; a nil field is the
  /// lifecycle.
  ///
  /// Labels of one name are one pair: the first of them, and its name.
  package func conflictKeys() throws -> Set<ConflictKey> {
    var keys = Set<ConflictKey>()
    for (record, state) in try overlaidRecords(where: "conflicts > 0 AND is_deleted = 0") {
      for field in state.conflictingFields { keys.insert(ConflictKey(record, field)) }
      if state.isLifecycleInConflict { keys.insert(ConflictKey(record, nil)) }
    }
    for clash in try labelClashes() {
      if let first = clash.labels.first { keys.insert(ConflictKey(first.id, LabelField.name)) }
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
