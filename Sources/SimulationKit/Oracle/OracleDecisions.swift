import MergeCore

extension MergeOracle {
  /// What the newest operation decided, judged from the whole record before and after it.
  func decisions(
    of fact: Fact, before: RecordView, after: RecordView
  ) -> [MergeDecision] {
    let lifecycle = (before.isLifecycleInConflict, after.isLifecycleInConflict)
    var decisions = [decision(of: fact, before: before, after: after)]
    switch fact.operation.action {
    case .delete, .deleteBack, .restore: break
    default:
      // An operation that is no delete keeps a record alive which would be deleted otherwise.
      guard lifecycle == (false, true) else { break }
      let apart = before.deletions.filter { !covers(fact, $0.entry.identity) }
      decisions.append(
        make(fact, .lifecycle, .keptAlive, [], apart.map(\.entry.dot), lifecycle))
    }
    return decisions
  }

  private func decision(
    of fact: Fact, before: RecordView, after: RecordView
  ) -> MergeDecision {
    let covered = { (entry: RecordView.Entry) in covers(fact, entry.identity) }
    let lifecycle = (before.isLifecycleInConflict, after.isLifecycleInConflict)
    switch fact.operation.action {
    case .create, .touch:
      return make(fact, .record, .applied, [], [])

    case .write(let field, _), .writeBack(let field):
      let siblings = before.registers[field] ?? []
      let met = siblings.filter { !covered($0) }
      let values = Set((met + entries(fact)).map(\.content?.value))
      let rule: MergeRule =
        met.isEmpty ? .applied : values.count == 1 ? .agreed : .keptSiblings
      return make(
        fact, .field(field), rule, siblings.filter(covered).map(\.dot), met.map(\.dot),
        (isInConflict(before, field), isInConflict(after, field)))

    case .add(let field, _), .addBack(let field, _):
      let value = element(of: fact) ?? .zero
      let key = RecordView.Element(field: field, value: value)
      let met = (before.removals[key] ?? []).filter { !covered($0) }
      return make(
        fact, .element(field, value), met.isEmpty ? .applied : .addWins,
        (before.adds[key] ?? []).filter(covered).map(\.dot), met.map(\.dot))

    case .remove(let field, let content):
      let key = RecordView.Element(field: field, value: content.value)
      let adds = before.adds[key] ?? []
      let met = adds.filter { !covered($0) }
      return make(
        fact, .element(field, content.value), met.isEmpty ? .applied : .addWins,
        adds.filter(covered).map(\.dot), met.map(\.dot))

    case .delete, .deleteBack:
      let touches = after.deletions.filter { $0.entry.identity == fact.identity }
        .flatMap(\.uncovered)
      let deletes = before.deletions.filter { !covered($0.entry) }.map(\.entry.dot)
      let met = touches + deletes
      let rule: MergeRule =
        !after.isDeleted ? .keptAlive : met.isEmpty ? .applied : .deletesAgree
      return make(fact, .lifecycle, rule, [], met, lifecycle)

    case .restore:
      let spent = before.deletions.filter { delete in
        !after.deletions.contains(where: { delete.entry.isSame(as: $0.entry) })
      }
      let left = before.deletions.filter { !covered($0.entry) }.map(\.entry.dot)
      let isDeleted = fact.undoes != nil && after.isDeleted
      return make(
        fact, .lifecycle, left.isEmpty ? .applied : isDeleted ? .deletesAgree : .keptAlive,
        spent.map(\.entry.dot), left, lifecycle)
    }
  }

  private func make(
    _ fact: Fact, _ subject: DecisionSubject, _ rule: MergeRule, _ superseded: [Dot],
    _ concurrent: [Dot], _ conflict: (before: Bool, after: Bool) = (false, false)
  ) -> MergeDecision {
    MergeDecision(
      record: fact.operation.record, subject: subject, rule: rule,
      superseded: Set(superseded).sorted(), concurrent: Set(concurrent).sorted(),
      opened: !conflict.before && conflict.after, closed: conflict.before && !conflict.after)
  }
}
