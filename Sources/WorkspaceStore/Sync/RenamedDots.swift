import FoundationEssentials
import GRDB
import MergeCore

/// The dots under which own changes could not be logged, and those that bring them now: what an
/// explicit clock of a change that is brought again has to be read by.
struct RenamedDots {
  private let db: Database
  /// How far the lineage of the replica that brings changes again reaches into forked replicas.
  private let lineage: VersionVector
  /// Replicas whose dots beyond the lineage mean work that was not logged under them.
  private var forked: Set<ReplicaID>
  private var names: [(old: Dot, new: Dot)] = []

  /// The renamings after the one at `since`, for changes of `replicas` that `replica` brings again.
  init(_ db: Database, of replicas: Set<ReplicaID>, since: Int64, by replica: OwnReplica) throws {
    self.db = db
    lineage = try OwnReplica.lineage(of: replica.id, db) ?? VersionVector()
    forked = replicas
    let rows = try Row.fetchAll(
      db, sql: "SELECT * FROM renamed_dot WHERE sequence > ? ORDER BY sequence",
      arguments: [since])
    for row in rows {
      let row = try row.sealed(in: "renamed_dot")
      append(try row.dot("old"), try row.dot("new"))
    }
  }

  /// Where the renamings end now.
  static func end(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT MAX(sequence) FROM renamed_dot") ?? 0
  }

  /// Records that `new` brings what `old` was to bring.
  mutating func rename(_ old: Dot, to new: Dot) throws {
    try db.insertSealed(
      into: "renamed_dot",
      [
        try db.nextNumber(of: "sequence", in: "renamed_dot"), old.replica.blob,
        Int64(old.counter.rawValue), new.replica.blob, Int64(new.counter.rawValue),
      ])
    append(old, new)
  }

  private mutating func append(_ old: Dot, _ new: Dot) {
    names.append((old, new))
    forked.insert(old.replica)
  }

  /// A clock in the terms of the replica that brings changes again: a forked replica counts as far
  /// as its changes are logged, and what it held beyond is held by the new dots.
  func translated(_ clock: VectorClock) -> VectorClock {
    var held = clock
    for name in names where held.contains(name.old) { held.include(name.new) }
    return VectorClock(
      held.entries.map { entry in
        forked.contains(entry.replica)
          ? Dot(entry.replica, min(entry.counter, lineage[entry.replica])) : entry
      })
  }
}

extension Row {
  /// A dot in the columns `…_replica` and `…_counter`.
  fileprivate func dot(_ name: String) throws -> Dot {
    Dot(try replica("\(name)_replica"), try counter("\(name)_counter"))
  }
}
