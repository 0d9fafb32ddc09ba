import AnnotationModel
package import MergeCore
package import SyncProtocol

/// How one field of a record came to be as it is.
package struct WhyField: Sendable {
  /// Nil for the lifecycle.
  package var field: FieldID?
  package var fieldName: String
  package var shown: ValueView
  package var reason: ViewReason
  /// The rule of the last merge that decided something, or else of the last merge.
  package var rule: MergeRule
  /// The leaf of that merge; nil when it is local.
  package var leaf: UInt64?
  /// Whether that merge was with pending work, and so only of this store.
  package var isLocal: Bool { leaf == nil }
  /// Every merge that touched the field, in order.
  package var decisions: [WhyDecision]
  /// What stands now.
  package var siblings: [SiblingView]
  /// What stood once, in order, and what took it away.
  package var superseded: [SupersededView]
}

/// One merge's decision on a field.
package struct WhyDecision: Sendable {
  package var merged: MergedDecision
  /// Nil for a merge with pending work.
  package var leaf: UInt64?
  package var analyst: String
  package var time: Int64
  /// The reason, where it settled a conflict.
  package var reason: String?
}

/// A value that stands no more.
package struct SupersededView: Sendable {
  package var sibling: SiblingView
  /// The change that superseded, removed or spent it.
  package var by: Dot
  package var byAnalyst: String
}

extension RecordSource {
  /// Explains a record, field by field, the lifecycle last: re-executes its changes, and keeps what
  /// every merge decided.
  ///
  /// The lifecycle is there once somebody deleted or restored the record.
  package func why(_ record: RecordID) throws -> [WhyField] {
    guard let state = try state(of: record) else { return [] }
    let changes = ChangeReader(self)
    let steps = try replay(record, changes)
    let explanation = Explanation(reader: self, record: record, changes: changes, steps: steps)
    var parts: [FieldID?] = explanation.fields
    if explanation.hasLifecycle { parts.append(nil) }
    return try parts.map { try explanation.field($0, state) }
  }
}

/// One record's history, read for one field after the other.
private struct Explanation {
  let reader: any RecordSource
  let record: RecordID
  let changes: ChangeReader
  let steps: [ReplayStep]

  var fields: [FieldID] {
    let named = steps.flatMap(\.decisions).compactMap { merged -> FieldID? in
      switch merged.decision.subject {
      case .field(let field), .element(let field, _): field
      case .lifecycle, .record: nil
      }
    }
    return Set(named).sorted()
  }

  var hasLifecycle: Bool {
    steps.contains { $0.decisions.contains { $0.decision.subject == .lifecycle } }
  }

  func field(_ field: FieldID?, _ state: RecordState) throws -> WhyField {
    let decisions = try decisions(on: field)
    let last = decisions.last { !$0.merged.decision.isPlain } ?? decisions.last
    var (shown, reason) = try shown(field, state)
    if decisions.contains(where: { $0.merged.decision.rule == .addWins }) { reason = .addWins }
    return WhyField(
      field: field, fieldName: AnnotationSchema.displayName(of: field, in: record.kind),
      shown: shown, reason: reason, rule: last?.merged.decision.rule ?? .applied,
      leaf: last?.leaf, decisions: decisions, siblings: try siblings(field, state),
      superseded: try superseded(field))
  }

  private func decisions(on field: FieldID?) throws -> [WhyDecision] {
    try steps.flatMap { step in
      try step.decisions.filter { $0.decision.subject.isOn(field) }.map { merged in
        WhyDecision(
          merged: merged, leaf: step.leaf, analyst: try reader.analyst(of: step.change),
          time: step.change.time, reason: reason(of: step.change, field))
      }
    }
  }

  /// The reason that a change gives for deciding about a field.
  private func reason(of change: DecodedChange, _ field: FieldID?) -> String? {
    let index = change.operations.firstIndex { operation in
      guard operation.record == record, operation.isResolution else { return false }
      return switch operation.action {
      case .write(let name, _): name == field
      case .delete, .restore: field == nil
      case .create, .add, .remove, .touch, .writeBack, .addBack, .deleteBack: false
      }
    }
    return index.flatMap { change.reason(ofOperation: $0) }
  }

  private func shown(_ field: FieldID?, _ state: RecordState) throws -> (ValueView, ViewReason) {
    guard let field else {
      if state.isDeleted { return (.deleted, .only) }
      return (.live, state.isLifecycleInConflict ? .keptAlive : .only)
    }
    guard AnnotationSchema.schema.type(of: field, in: record.kind) != .set else {
      return (.tags(try reader.texts(field, state)), .only)
    }
    guard let shown = state.siblings(of: field).shown else { return (.none, .only) }
    return (
      try reader.value(of: shown.sibling, in: field, record.kind), ViewReason(shown.reason)
    )
  }

  private func siblings(_ field: FieldID?, _ state: RecordState) throws -> [SiblingView] {
    guard let field else { return try reader.lifecycle(of: record, state, changes) }
    return try state.values(of: field).map { try view($0, field) }.inLogOrder
  }

  private func superseded(_ field: FieldID?) throws -> [SupersededView] {
    try steps.flatMap { step in
      let gone = field.map { step.gone(from: $0) } ?? step.spent
      return try gone.map { sibling in
        SupersededView(
          sibling: try view(sibling, field), by: step.change.received.dot,
          byAnalyst: try reader.analyst(of: step.change))
      }
    }
  }

  private func view(_ sibling: Sibling, _ field: FieldID?) throws -> SiblingView {
    if let field { return try reader.view(sibling, field, record, changes) }
    return try reader.view(sibling, .deleted, record, changes) { $0 == .delete }
  }
}

extension DecisionSubject {
  /// Whether it is about a field or an element of it, nil being the lifecycle.
  fileprivate func isOn(_ field: FieldID?) -> Bool {
    switch self {
    case .lifecycle: field == nil
    case .field(let name), .element(let name, _): name == field
    case .record: false
    }
  }
}

extension RecordState {
  /// A register's siblings, or the adds of a set.
  fileprivate func values(of field: FieldID) -> [Sibling] {
    siblings(of: field) + elements.filter { $0.field == field }.flatMap(\.adds)
  }
}

extension ReplayStep {
  /// The leaf of the merge; nil with pending work.
  var leaf: UInt64? {
    if case .leaf(let index) = position { index } else { nil }
  }

  /// What the step took away from a field.
  fileprivate func gone(from field: FieldID) -> [Sibling] {
    let after = Set(self.after.values(of: field).map(\.key))
    return before.values(of: field).filter { !after.contains($0.key) }
  }

  /// The deletes that the step spent.
  var spent: [Sibling] {
    let after = Set(self.after.deletions.map(\.sibling.key))
    return before.deletions.map(\.sibling).filter { !after.contains($0.key) }
  }
}
