import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// Why a value is the one shown; the raw values are those of JSON.
package enum ViewReason: String, Sendable {
  case only
  case agreed
  case latestTime = "latest-time"
  case greatestDot = "greatest-dot"
  /// Deleted by some and worked on by others: it stays until somebody decides.
  case keptAlive = "kept-alive"
  /// Somebody removed an element of the set while somebody else added it: it is shown.
  case addWins = "add-wins"

  init(_ reason: ShownReason) {
    self =
      switch reason {
      case .only: .only
      case .agreed: .agreed
      case .latestTime: .latestTime
      case .greatestDot: .greatestDot
      }
  }
}

/// One of several values of a field, and who wrote it knowing what.
package struct SiblingView: Sendable {
  package var value: ValueView
  /// The change that wrote it, where it first appeared.
  package var dot: Dot
  /// Who wrote it.
  package var analyst: String
  /// The author's claimed time, milliseconds since 1970.
  package var time: Int64
  /// What its author had received of this record, or the older form's clock.
  package var against: VectorClock
  package var isResolution: Bool
  /// The reason of a resolution.
  package var reason: String?
  /// The leaf that holds it; nil while pending.
  package var leaf: UInt64?
  /// Who brought it back by undoing what had taken its place; nil where nobody had to.
  package var broughtBack: BroughtBack?
}

/// A field in conflict; nil is the lifecycle.
package struct ConflictView: Sendable {
  package var record: RecordID
  package var field: FieldID?
  package var fieldName: String
  package var shown: ValueView
  package var reason: ViewReason
  /// By time of writing in the log; equal values are listed each.
  package var siblings: [SiblingView]
  /// The record's clock, for `resolve --against`.
  package var clock: VectorClock
}

extension WorkspaceReader {
  /// Everything in conflict, by record, then field, the lifecycle last; deleted records have none.
  ///
  /// Decodes the batches of the siblings.
  package func conflicts() throws -> [ConflictView] {
    let changes = ChangeReader(self)
    return try conflictedRecords().flatMap { try conflicts(of: $0, $1, changes) }
  }

  /// What is in conflict in one record.
  package func conflicts(of record: RecordID) throws -> [ConflictView] {
    guard let state = try state(of: record) else { return [] }
    return try conflicts(of: record, state, ChangeReader(self))
  }

  /// The latest text of a field that all siblings' authors had received: what a three-way merge
  /// compares with.
  ///
  /// Nil when there was none.
  package func commonAncestor(of conflict: ConflictView) throws -> String? {
    try ancestor(of: conflict).flatMap { try content($0) }.flatMap { try? UTF8Text.string(of: $0) }
  }

  /// The latest value of a register that all siblings' authors had received, as people see it; nil when
  /// there was none, and for the lifecycle.
  package func earlierValue(of conflict: ConflictView) throws -> ValueView? {
    guard let field = conflict.field, let value = try ancestor(of: conflict) else { return nil }
    return try self.value(content(value), of: field, in: conflict.record.kind)
  }

  private func ancestor(of conflict: ConflictView) throws -> Digest256? {
    guard let field = conflict.field else { return nil }
    var ancestor: Digest256?
    for step in try replay(conflict.record) {
      for case .write(field, let content) in step.change.operations(on: conflict.record) {
        let dot = step.change.received.dot
        if conflict.siblings.allSatisfy({ $0.against.contains(dot) && $0.dot != dot }) {
          ancestor = content.value
        }
      }
    }
    return ancestor
  }

  private func conflicts(of record: RecordID, _ state: RecordState, _ changes: ChangeReader) throws
    -> [ConflictView]
  {
    guard state.isListed else { return [] }
    var conflicts: [ConflictView] = []
    for field in state.conflictingFields {
      let siblings = state.siblings(of: field)
      guard let shown = siblings.shown else { continue }
      conflicts.append(
        ConflictView(
          record: record, field: field,
          fieldName: AnnotationSchema.displayName(of: field, in: record.kind),
          shown: try value(of: shown.sibling, in: field, record.kind),
          reason: ViewReason(shown.reason),
          siblings: try siblings.map { try view($0, field, record, changes) }.inLogOrder,
          clock: state.clock))
    }
    if state.isLifecycleInConflict {
      conflicts.append(
        ConflictView(
          record: record, field: nil, fieldName: AnnotationSchema.lifecycleName, shown: .live,
          reason: .keptAlive, siblings: try lifecycle(of: record, state, changes),
          clock: state.clock))
    }
    return conflicts
  }

  private func conflictedRecords() throws -> [(RecordID, RecordState)] {
    try overlaidRecords(where: "conflicts > 0 AND is_deleted = 0").map { ($0.id, $0.state) }
  }
}

// MARK: - Siblings

extension RecordSource {
  /// A sibling of a register.
  func view(_ sibling: Sibling, _ field: FieldID, _ record: RecordID, _ changes: ChangeReader)
    throws -> SiblingView
  {
    let value = try value(of: sibling, in: field, record.kind)
    return try view(sibling, value, record, changes) { $0.isWrite(of: field, sibling.content) }
  }

  /// What speaks for the deletion of a record and, once there is any such, for its life.
  func lifecycle(of record: RecordID, _ state: RecordState, _ changes: ChangeReader) throws
    -> [SiblingView]
  {
    let deletions = try state.deletions.map { deletion in
      try view(deletion.sibling, .deleted, record, changes) { $0 == .delete }
    }
    let touches = try state.contestedTouches.map { touch in
      let received = try changes.received(touch.carriers[0], record) { !$0.isDelete }
      return SiblingView(
        value: .live, dot: touch.dot, analyst: try analyst(of: touch.identity, touch.carriers),
        time: touch.time, against: received.clock, isResolution: received.reason != nil,
        reason: received.reason, leaf: touch.carriers[0].leaf)
    }
    return (deletions + touches).inLogOrder
  }

  /// A sibling whose value is known, made by the operation that `isMeant` picks.
  func view(
    _ sibling: Sibling, _ value: ValueView, _ record: RecordID, _ changes: ChangeReader,
    where isMeant: (Action) -> Bool
  ) throws -> SiblingView {
    let placing = try placing(of: sibling, on: record, changes)
    let received = try changes.received(placing, record, where: isMeant)
    return SiblingView(
      value: value, dot: placing.dot, analyst: try analyst(of: sibling.source, [placing]),
      time: sibling.time, against: received.clock, isResolution: sibling.isResolution,
      reason: received.reason, leaf: placing.leaf,
      broughtBack: try broughtBack(sibling, changes))
  }
}

extension [SiblingView] {
  /// By leaf, then dot, what is pending last.
  var inLogOrder: [SiblingView] {
    sorted { ($0.leaf ?? .max, $0.dot) < ($1.leaf ?? .max, $1.dot) }
  }
}

extension Carrier {
  /// The leaf that holds it; nil while pending.
  var leaf: UInt64? {
    if case .leaf(let index) = position { index } else { nil }
  }
}

extension Action {
  /// Whether it writes, adds or removes this content in this field.
  func isWrite(of field: FieldID, _ content: Content?) -> Bool {
    switch self {
    case .write(let name, let value), .add(let name, let value), .remove(let name, let value):
      name == field && value == content
    case .create, .delete, .restore, .touch, .writeBack, .addBack, .deleteBack: false
    }
  }
}

extension RecordState {
  /// Whether a set has the element of these bytes.
  func has(_ bytes: [UInt8], in field: FieldID) -> Bool {
    let value = DomainHash.plain(bytes)
    return presentElements(of: field).contains { $0.value == value }
  }

  /// Whether some sibling of a register holds these bytes.
  func has(sibling bytes: [UInt8], in field: FieldID) -> Bool {
    let value = DomainHash.plain(bytes)
    return siblings(of: field).contains { $0.content?.value == value }
  }
}
