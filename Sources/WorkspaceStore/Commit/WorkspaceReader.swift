import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol

/// An analyst's store within one transaction: the log, and the analyst's own pending changes on it.
package struct WorkspaceReader: RecordSource {
  let db: Database
  /// The log alone.
  package let log: LogReader
  /// The members as they are with one's own pending acts.
  package let membership: MembershipState
  /// The replica that writes.
  package let replica: ReplicaID
  /// What was decoded already within this transaction.
  package let cache = ReaderCache()

  init(_ db: Database) throws {
    self.db = db
    log = try LogReader(db)
    membership = try PendingChanges(db).membership(on: log)
    replica = try OwnReplica.active(db).id
  }

  /// What a replica continues: coverage through it is by its predecessors' changes too.
  package func lineage(of replica: ReplicaID) throws -> VersionVector {
    try OwnReplica.lineage(of: replica, db) ?? membership.lineage(of: replica)
  }

  /// A record's state with one's own pending changes; nil when nobody touched it.
  package func state(of record: RecordID) throws -> RecordState? {
    try PendingChanges(db).overlay(of: record) ?? log.state(of: record)
  }

  /// The records of a kind that were created, ascending by id, with their states.
  package func records(of kind: RecordKind) throws -> [(id: RecordID, state: RecordState)] {
    try overlaidRecords(where: "kind = :kind", ["kind": Int64(kind.rawValue)])
      .filter { !$0.state.creations.isEmpty }
  }

  /// How many records of a kind are live, with one's own pending changes; one indexed count.
  package func liveCount(of kind: RecordKind) throws -> Int {
    try count("kind = ? AND is_deleted = 0", [Int64(kind.rawValue)])
  }

  /// How many (record, field) pairs are in conflict; a deleted record has none, since nothing of it
  /// can be resolved before it is restored.
  package func conflictCount() throws -> Int {
    let pending =
      try Int.fetchOne(
        db, sql: "SELECT SUM(conflicts) FROM pending_record WHERE is_deleted = 0") ?? 0
    let logged =
      try Int.fetchOne(
        db,
        sql: """
          SELECT SUM(conflicts) FROM record
          WHERE conflicts > 0 AND is_deleted = 0 AND id NOT IN (SELECT id FROM pending_record)
          """) ?? 0
    return pending + logged
  }

  private func count(_ condition: String, _ arguments: StatementArguments) throws -> Int {
    let pending = try Int.fetchOne(
      db, sql: "SELECT COUNT(*) FROM pending_record WHERE \(condition)", arguments: arguments)
    let logged = try Int.fetchOne(
      db,
      sql: """
        SELECT COUNT(*) FROM record
        WHERE \(condition) AND id NOT IN (SELECT id FROM pending_record)
        """, arguments: arguments)
    return (pending ?? 0) + (logged ?? 0)
  }

  /// The state digest with one's own pending changes.
  package func stateDigest() throws -> Digest256 {
    try log.stateDigest &+ PendingChanges(db).totalDelta()
  }

  /// Changes that no server has acknowledged.
  package func pendingCount() throws -> Int {
    try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM pending WHERE acknowledged IS NULL") ?? 0
  }

  /// For each replica with at least one change, the highest counter: the log and one's own.
  package func versionVector() throws -> VersionVector {
    var vector = VersionVector()
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT replica, MAX(last) AS counter FROM leaf GROUP BY replica
        UNION ALL SELECT replica, MAX(counter) FROM pending GROUP BY replica
        """)
    while let row = try rows.next() {
      vector.include(Dot(try row.replica("replica"), try row.counter("counter")))
    }
    return vector
  }

  /// A setting of the store; nil when it was never set.
  package func setting(_ name: Setting) throws -> String? { try db.setting(name) }

  /// By how much this machine's clock was behind the server's at the last sync, in seconds.
  package func clockOffset() throws -> Int64 {
    try setting(.clockOffset).flatMap { Int64($0) } ?? 0
  }

  /// By how much this machine's clock was behind the server's at the last sync, in seconds, where that is
  /// more than ``Limits/clockWarningSeconds``.
  package func clockSkew() throws -> Int64? { try setting(.clockSkew).flatMap { Int64($0) } }

  /// The record that a script's id was mapped to; nil is the workspace's namespace.
  func alias(_ name: String, _ kind: RecordKind, namespace: String?) throws -> RecordID? {
    try Row.fetchOne(
      db, sql: "SELECT * FROM alias WHERE name = ? AND kind = ? AND namespace = ?",
      arguments: [name, Int64(kind.rawValue), namespace ?? ""]
    )?.sealed(in: "alias").record("record")
  }

  /// The records that a script's id was mapped to in other namespaces than the workspace's.
  func aliasesElsewhere(_ name: String, _ kind: RecordKind) throws -> [RecordID] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT * FROM alias WHERE name = ? AND kind = ? AND namespace <> '' ORDER BY namespace
        """, arguments: [name, Int64(kind.rawValue)]
    ).map { try $0.sealed(in: "alias").record("record") }
  }
}

/// What the store remembers of itself.
package enum Setting: String, CaseIterable, Sendable {
  /// The analyst's name, as chosen at `init` or in the invite.
  case analyst
  /// What the owner calls the device; unset where it has the machine's name.
  case device
  /// The workspace, hexadecimal.
  case workspace
  /// The server's base address.
  case url
  /// The slot's name on the server.
  case slot
  /// The secret of a claim that was not answered yet, hexadecimal.
  case claim
  /// The annotation made last: kind and id, hexadecimal.
  case lastRecord = "last-record"
  /// When the last sync ended, milliseconds since 1970.
  case lastSync = "last-sync"
  /// The tree size before the last sync that brought anything.
  case broughtFrom = "brought-from"
  /// By how much this machine's clock was behind the server's at the last sync, in seconds.
  case clockOffset = "clock-offset"
  /// The same where it is so much that the analyst is to know.
  case clockSkew = "clock-skew"
  /// The largest signed checkpoint seen, base64 of the note.
  case largestCheckpoint = "largest-checkpoint"
  /// When and why what the server sent was refused, until an exchange ends well: milliseconds since 1970,
  /// a space, a sentence.
  case refused
  /// How large requests and answers may be on the way to the server; written by whoever syncs.
  case passingSizes = "passing-sizes"
  /// PEM of the authorities that alone vouch for the server's certificate; the system's without it.
  case authorities
  /// `true` when the last sync ended with equal size, root and digest.
  case inSync = "in-sync"
  /// The replica that the server called revoked, whose store may never see the leaf that says so.
  case revoked
  /// Why the server took nothing in at the last sync, in its words.
  case serverRestored = "server-restored"
  /// The changes that `undo` passes over: dots, separated by spaces.
  case undone
}
