import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol

extension WorkspaceEditor {
  /// Reverses this store's last change that is not undone, by new changes; a second call goes on to
  /// the change before.
  ///
  /// Membership acts are passed over. Where a resolution is undone, the siblings it closed are
  /// written again against a clock that leaves them apart, a change each. Nothing is changed when
  /// some part is not as that change left it (``AuthoringRefusal/movedOn(_:_:since:)``).
  package mutating func undo() throws -> [Made] {
    let undone = try reader.undoneChanges()
    guard let last = try reader.lastOwnChange(except: Set(undone)) else {
      throw AuthoringRefusal.nothingToUndo
    }
    var reversal = Reversal(of: last, reader: reader, own: try reader.ownReplicas())
    try reversal.plan()
    var made: [Made] = []
    for layer in reversal.layers {
      made.append(try make(layer, on: layer[0].record))
    }
    let dots = undone + [last.identity.origin] + made.compactMap(\.dot)
    try set(.undone, dots.suffix(Self.undoneMax).map(\.description).joined(separator: " "))
    return made
  }

  /// How many undone and undoing changes are remembered.
  private static var undoneMax: Int { 2_000 }
}

extension WorkspaceReader {
  /// The changes that `undo` passes over: those undone, and those that undid them; oldest first.
  func undoneChanges() throws -> [Dot] {
    try setting(.undone)?.split(separator: " ").compactMap { Dot($0) } ?? []
  }

  /// The replicas that this store is or was.
  func ownReplicas() throws -> Set<ReplicaID> { Set(try OwnReplica.all(db).map(\.id)) }

  /// This store's last edit whose first dot is not among `except`.
  func lastOwnChange(except: Set<Dot>) throws -> DecodedChange? {
    let pending = try Row.fetchCursor(
      db, sql: "SELECT * FROM pending WHERE is_act = 0 ORDER BY sequence DESC")
    while let row = try pending.next() {
      let decoded = try PendingChanges(db).decode(PendingRow(row))
      if !except.contains(decoded.identity.origin) { return decoded }
    }
    let logged = try Row.fetchCursor(
      db,
      sql: """
        SELECT change.* FROM change JOIN leaf ON leaf.position = change.leaf
        WHERE is_act = 0 AND change.replica IN (SELECT id FROM own_replica)
        ORDER BY change.leaf DESC, change.counter DESC
        """)
    while let row = try logged.next() {
      let origin = Dot(try row.replica("origin_replica"), try row.counter("origin_counter"))
      if except.contains(origin) { continue }
      let dot = Dot(try row.replica("replica"), try row.counter("counter"))
      return try ChangeReader(self).change(dot, at: .leaf(row.size("leaf")))
    }
    return nil
  }
}
