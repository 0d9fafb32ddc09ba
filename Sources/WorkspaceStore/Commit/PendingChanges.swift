import AnnotationModel
import FoundationEssentials
import GRDB
import MergeCore
import SwiftProtobuf
import SyncProtocol

/// The changes that the state does not have from the log yet, and what they make of the records:
/// an overlay on the log's state, folded in the order of making (ruling 1).
struct PendingChanges {
  let db: Database

  init(_ db: Database) { self.db = db }

  /// Every pending change, in the order of making.
  func rows() throws -> [PendingRow] {
    try Row.fetchAll(db, sql: "SELECT * FROM pending ORDER BY sequence").map(PendingRow.init)
  }

  /// The pending change that was made first; nil where there is none.
  func first() throws -> PendingRow? {
    try Row.fetchOne(db, sql: "SELECT * FROM pending ORDER BY sequence LIMIT 1")
      .map(PendingRow.init)
  }

  /// The last pending change of a replica.
  func last(of replica: ReplicaID) throws -> PendingRow? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT * FROM pending WHERE replica = ? ORDER BY counter DESC LIMIT 1"),
      arguments: [replica.blob]
    ).map(PendingRow.init)
  }

  /// The log's members with one's own pending acts; an act that its author may not make is left
  /// out, and refused when it reaches the server.
  func membership(on log: LogReader) throws -> MembershipState {
    var membership = log.membership
    let acts = try Row.fetchAll(db, sql: "SELECT * FROM pending WHERE is_act = 1 ORDER BY sequence")
      .map(PendingRow.init)
    guard !acts.isEmpty, let workspace = try workspace(log) else { return membership }
    for row in acts {
      let act = try row.received().skeleton.act
      let context = ActContext(
        workspace: workspace, author: row.dot.replica, leafIndex: log.treeSize, leafTime: 0)
      do {
        try membership.apply(act, at: context) { try chainHash(at: $0, log) }
      } catch is Refusal {
        continue
      }
    }
    return membership
  }

  /// The workspace: the log's, or the one that this store founded or was invited to.
  func workspace(_ log: LogReader) throws -> Digest256? {
    try log.workspace
      ?? db.setting(.workspace).flatMap { Digest256(hex: $0) }
  }

  /// The chain hash at a dot, logged or pending.
  func chainHash(at dot: Dot, _ log: LogReader) throws -> Digest256? {
    try log.chainHash(at: dot)
      ?? row(at: dot)?.chain
  }

  /// The pending change at a dot; nil where there is none.
  func row(at dot: Dot) throws -> PendingRow? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM pending WHERE replica = ? AND counter = ?"),
      arguments: [dot.replica.blob, Int64(dot.counter.rawValue)]
    ).map(PendingRow.init)
  }

  /// The pending change at a dot, which was just made.
  func made(_ dot: Dot) throws -> PendingRow {
    guard let row = try row(at: dot) else {
      throw StoreFailure.corrupt("pending change \(dot) is missing")
    }
    return row
  }

  /// Takes a pending change out again.
  func remove(_ dot: Dot) throws {
    try db.execute(
      sql: "DELETE FROM pending WHERE replica = ? AND counter = ?",
      arguments: [dot.replica.blob, Int64(dot.counter.rawValue)])
  }

  /// The sum by which the pending changes alter the log's state digest.
  func totalDelta() throws -> Digest256 {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM pending_total") else {
      throw StoreFailure.corrupt("the pending total is missing")
    }
    return try row.sealed(in: "pending_total").digest("delta")
  }
}

// MARK: - The overlay

extension PendingChanges {
  /// Folds the pending changes of these records anew onto the log's state.
  ///
  /// Cost: the pending operations on these records.
  func rebuild(_ records: Set<RecordID>, on log: LogReader) throws {
    let states = try run(rows(touching: records), only: records, on: log).states
    for record in records.sorted() {
      try store(states[record], of: record, on: log)
    }
  }

  /// The states that pending changes make of the log's.
  func fold(_ rows: [PendingRow], on log: LogReader) throws -> [RecordID: RecordState] {
    try run(rows, on: log).states
  }

  /// Folds pending changes onto the log's state; all records they touch, or only some.
  private func run(_ rows: [PendingRow], only records: Set<RecordID>? = nil, on log: LogReader)
    throws -> MergeRun
  {
    var run = MergeRun(stateDigest: .zero, citations: .lenient)
    var lineages: [ReplicaID: VersionVector] = [:]
    for row in rows {
      let decoded = try decode(row)
      let replica = row.dot.replica
      let lineage = try lineages[replica] ?? OwnReplica.lineage(of: replica, db) ?? VersionVector()
      lineages[replica] = lineage
      var change = decoded.change(at: .pending, lineage: lineage)
      if let records { change.operations.removeAll { !records.contains($0.record) } }
      try run.merge(
        change, isKnown: log.contains(decoded.identity), read: log.state(of:)
      ) {
        try log.partOperations(on: $0, $1, dotsMax: $2)
      }
    }
    return run
  }

  /// Merges one more change, just inserted, onto the records as they are; throws the ``Refusal`` of
  /// one that goes beyond what a record may hold of its member, or brings back what may not come back.
  ///
  /// What takes another change back needs the history that the pending changes make: then those before
  /// it are folded anew.
  ///
  /// - Parameter replicas: those of the author's member, whose entries count.
  func apply(
    _ decoded: DecodedChange, lineage: VersionVector, placedBy replicas: Set<ReplicaID>,
    on log: LogReader
  ) throws {
    let records = Set(decoded.records)
    let earlier =
      try decoded.undoes == nil
      ? nil
      : run(
        rows(touching: records).filter { $0.dot != decoded.received.dot }, only: records, on: log)
    try decoded.checkUndone(in: log, placedBy: replicas) { earlier?.contains($0) ?? false }
    var run = MergeRun(stateDigest: .zero)
    let change = decoded.change(at: .pending, lineage: lineage)
    try run.merge(change, isKnown: log.contains(decoded.identity)) { record in
      if let earlier { return try earlier.states[record] ?? log.state(of: record) }
      return try overlay(of: record) ?? log.state(of: record)
    } history: { record, part, dotsMax in
      try earlier?.operations(on: record, part, dotsMax: dotsMax) {
        try log.partOperations(on: record, part, dotsMax: $0)
      } ?? []
    }
    try run.checkLimits(after: decoded, placedBy: replicas)
    for record in decoded.records { try store(run.states[record], of: record, on: log) }
  }

  func decode(_ row: PendingRow) throws -> DecodedChange {
    try DecodedChange(row.received(), after: row.context, schema: AnnotationSchema.schema)
  }

  private func rows(touching records: Set<RecordID>) throws -> [PendingRow] {
    var sequences = Set<Int64>()
    for record in records {
      sequences.formUnion(
        try Int64.fetchAll(
          db.cachedStatement(
            sql: "SELECT sequence FROM pending_record_change WHERE record = ?"),
          arguments: [record.blob]))
    }
    return try sequences.sorted().map { sequence in
      guard
        let row = try Row.fetchOne(
          db.cachedStatement(sql: "SELECT * FROM pending WHERE sequence = ?"),
          arguments: [sequence])
      else { throw StoreFailure.corrupt("pending change \(sequence) is missing") }
      return try PendingRow(row)
    }
  }

  /// A record's state with the pending changes; nil where none is on it.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` for a row that is not as it was written.
  func overlay(of record: RecordID) throws -> RecordState? {
    try overlayRow(of: record).map { try decodedState($0.bytes("state")) }
  }

  private func overlayRow(of record: RecordID) throws -> Row? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM pending_record WHERE id = ?"),
      arguments: [record.blob]
    )?.sealed(in: "pending_record")
  }

  /// Stores a record's overlay, or drops it when there is none, and keeps the total in step.
  private func store(_ state: RecordState?, of record: RecordID, on log: LogReader) throws {
    var total = try totalDelta()
    if let earlier = try overlayRow(of: record) { total = try total &- earlier.digest("delta") }
    if let state {
      let delta = try delta(of: state, of: record, on: log)
      total = total &+ delta
      try db.insertSealed(into: "pending_record", overlay(state, of: record, delta), .replace)
    } else {
      try db.execute(sql: "DELETE FROM pending_record WHERE id = ?", arguments: [record.blob])
    }
    try db.insertSealed(into: "pending_total", [1, total.blob], .replace)
  }
}

extension PendingChanges {
  /// What a record's pending changes add to the state digest.
  func delta(of state: RecordState, of record: RecordID, on log: LogReader) throws -> Digest256 {
    try state.digestSum(in: record) &- (log.state(of: record)?.digestSum(in: record) ?? .zero)
  }

  /// The columns of a record's row in `pending_record`.
  func overlay(_ state: RecordState, of record: RecordID, _ delta: Digest256)
    -> [(any DatabaseValueConvertible)?]
  {
    [
      record.blob, Int64(record.kind.rawValue), state.isListed ? 0 : 1, state.listedConflicts,
      Data(state.stored), delta.blob,
    ]
  }
}

extension RecordState {
  /// What the record contributes to the state digest.
  func digestSum(in record: RecordID) -> Digest256 {
    digestElements.reduce(.zero) { $0 &+ DomainHash.element($1, of: record) }
  }
}
