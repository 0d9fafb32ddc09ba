import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// What `undo` came to.
package struct Undone: Sendable {
  /// The change that was taken back, under its present dot.
  package var dot: Dot
  /// When it was made, as its author's clock said.
  package var time: Int64
  /// The undoing change; nil where all was so already.
  package var made: Made?
  /// What stands again, in the order of the change's operations.
  package var parts: [UndonePart]
}

/// One part of a record as it is after an undo.
package struct UndonePart: Sendable {
  package enum Standing: Sendable {
    /// A register's values, with their authors; several when a conflict is open again.
    case values([SiblingView])
    /// An element of a set, and whether it is there.
    case element(String, isPresent: Bool)
    case live
    case deleted
    /// Some delete it and others work on it, as before.
    case contested([SiblingView])
  }

  package var record: RecordID
  package var fieldName: String
  package var standing: Standing
}

extension WorkspaceEditor {
  /// Takes this store's last change that is not undone back, by a new one; a second call goes on to the
  /// change before.
  ///
  /// A membership act is not undone: one that was made after that change is told
  /// (``AuthoringRefusal/lastWasAct(_:by:formerly:)``), unless acts are to be passed over. What the
  /// change had taken away stands again as its authors' (ruling 29). Nothing is changed when some part
  /// is not as that change left it (``AuthoringRefusal/movedOn(_:_:since:)``).
  package mutating func undo(passingActs: Bool = false) throws -> Undone {
    let undone = try WorkspaceReader.undoneChanges(db)
    guard let last = try reader.lastOwnChange(except: Set(undone), passingActs: passingActs) else {
      throw AuthoringRefusal.nothingToUndo
    }
    var reversal = Reversal(of: last, reader: reader, own: try reader.ownReplicas())
    try reversal.plan()
    var made: Made?
    if let first = reversal.operations.first {
      made = try make(reversal.operations, on: first.record, undoing: last.identity)
    }
    try db.remember(undone: undone + [last.identity.origin] + [made?.dot].compactMap { $0 })
    return Undone(
      dot: last.received.dot, time: last.time, made: made,
      parts: made == nil ? [] : try reader.standing(after: last, reversal.operations))
  }
}

extension Database {
  /// How many undone and undoing changes are remembered.
  private static var undoneMax: Int { 2_000 }

  /// Remembers what `undo` passes over from now on, oldest first.
  fileprivate func remember(undone dots: [Dot]) throws {
    try set(.undone, dots.suffix(Self.undoneMax).map(\.description).joined(separator: " "))
  }

  /// Remembers that a change is not undone any more, since what undid it was set aside; or that it is
  /// again.
  func noteUndone(_ change: ChangeIdentity, _ isUndone: Bool) throws {
    var dots = try WorkspaceReader.undoneChanges(self).filter { $0 != change.origin }
    if isUndone { dots.append(change.origin) }
    try remember(undone: dots)
  }
}

extension WorkspaceReader {
  /// The changes that `undo` passes over: those undone, and those that undid them; oldest first.
  static func undoneChanges(_ db: Database) throws -> [Dot] {
    try db.setting(.undone)?.split(separator: " ").compactMap { Dot($0) } ?? []
  }

  /// The replicas that this store is or was.
  func ownReplicas() throws -> Set<ReplicaID> { Set(try OwnReplica.all(db).map(\.id)) }

  /// This store's last edit whose first dot is not among `except`; throws
  /// ``AuthoringRefusal/lastWasAct(_:by:formerly:)`` for an act that its analyst made since, unless acts
  /// are passed over.
  func lastOwnChange(except: Set<Dot>, passingActs: Bool) throws -> DecodedChange? {
    let pending = try Row.fetchCursor(db, sql: "SELECT * FROM pending ORDER BY sequence DESC")
    while let row = try pending.next() {
      let change = try PendingChanges(db).decode(PendingRow(row))
      if change.act != nil {
        if !passingActs { try refuseToUndo(change) }
      } else if !except.contains(change.identity.origin), change.undoes == nil {
        return change
      }
    }
    let logged = try Row.fetchCursor(
      db,
      sql: """
        SELECT change.* FROM change JOIN leaf ON leaf.position = change.leaf
        WHERE change.replica IN (SELECT id FROM own_replica)
        ORDER BY change.leaf DESC, change.counter DESC
        """)
    while let row = try logged.next() {
      let origin = Dot(try row.replica("origin_replica"), try row.counter("origin_counter"))
      if except.contains(origin) { continue }
      let dot = Dot(try row.replica("replica"), try row.counter("counter"))
      let change = try ChangeReader(self).change(dot, at: .leaf(row.size("leaf")))
      if change.act != nil {
        if !passingActs { try refuseToUndo(change) }
      } else if change.undoes == nil {
        return change
      }
    }
    return nil
  }

  /// Refuses for an act that a person made; not for one that the store made by itself.
  private func refuseToUndo(_ change: DecodedChange) throws {
    guard let act = change.act else { return }
    let dot = change.received.dot
    switch act.act {
    case .genesis, .enrolment, nil: return
    case .invite, .withdrawal, .revocation:
      throw AuthoringRefusal.lastWasAct(act, by: dot.replica, formerly: nil)
    case .roleChange(let change):
      let former = try standing(of: change.member.array, before: dot)
      throw AuthoringRefusal.lastWasAct(act, by: dot.replica, formerly: former)
    case .renaming(let renaming):
      let former = try standing(of: renaming.member.array, before: dot)
      throw AuthoringRefusal.lastWasAct(act, by: dot.replica, formerly: former)
    }
  }

  /// How the parts that a reversal was on stand now.
  fileprivate func standing(after change: DecodedChange, _ reversal: [DraftOperation]) throws
    -> [UndonePart]
  {
    let changes = ChangeReader(self)
    return try reversal.compactMap { operation in
      guard let state = try state(of: operation.record) else { return nil }
      return try part(operation, change, state, changes)
    }
  }

  private func part(
    _ operation: DraftOperation, _ change: DecodedChange, _ state: RecordState,
    _ changes: ChangeReader
  ) throws -> UndonePart? {
    let record = operation.record
    func part(_ field: FieldID?, _ standing: UndonePart.Standing) -> UndonePart {
      UndonePart(
        record: record, fieldName: AnnotationSchema.displayName(of: field, in: record.kind),
        standing: standing)
    }
    switch operation.action {
    case .write(let field, _), .writeBack(let field, _):
      let siblings = state.siblings(of: field)
      return part(field, .values(try siblings.map { try view($0, field, record, changes) }))
    case .add(let field, let bytes):
      return part(field, .element(String(decoding: bytes, as: UTF8.self), isPresent: true))
    case .remove(let field, let bytes):
      return part(field, .element(String(decoding: bytes, as: UTF8.self), isPresent: false))
    case .addBack(let field, let place, _):
      let undone = change.operations(on: record)
      guard undone.indices.contains(place), case .remove(_, let removed) = undone[place] else {
        return nil
      }
      let bytes = try content(removed.value) ?? []
      return part(field, .element(String(decoding: bytes, as: UTF8.self), isPresent: true))
    case .delete, .restore, .deleteBack:
      if state.isDeleted { return part(nil, .deleted) }
      guard state.isLifecycleInConflict else { return part(nil, .live) }
      return part(nil, .contested(try lifecycle(of: record, state, changes)))
    case .create, .touch: return nil
    }
  }
}
