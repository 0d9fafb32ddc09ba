/// One change being merged into one record: the state so far and what to report.
struct RecordMerge {
  var state: RecordState
  let change: Change
  let record: RecordID
  var outcome = MergeOutcome()

  mutating func apply(_ operation: Operation) {
    let coverage = operation.against.map(Coverage.clock) ?? .context(change.context)
    switch operation.action {
    case .create(let content):
      create(content)
    case .write(let field, let content):
      write(field, Sibling(change, content, isResolution: operation.isResolution), coverage)
    case .add(let field, let content):
      add(field, content, coverage)
    case .remove(let field, let content):
      remove(field, content, coverage)
    case .delete:
      delete(Sibling(change, nil, isResolution: operation.isResolution), coverage)
    case .restore:
      restore(coverage)
    case .touch:
      decide(.record, .applied)
    }
    if operation.action != .delete { touch(coverage) }
  }

  private mutating func create(_ content: Content?) {
    let sibling = Sibling(change, content, isResolution: false)
    state.creations.insertInOrder(sibling)
    outcome.added.append(.creation(sibling.identity, commitment: sibling.commitment))
    decide(.record, .applied)
  }

  /// A write supersedes the siblings it covers and stands beside the others.
  private mutating func write(_ field: FieldID, _ new: Sibling, _ coverage: Coverage) {
    let wasInConflict = state.isInConflict(field)
    var siblings = state.siblings(of: field)
    let superseded = siblings.removeCovered(by: coverage)
    let met = siblings
    siblings.insertInOrder(new)
    state.setSiblings(siblings, of: field)
    outcome.removed += superseded.map { $0.asSibling(of: field) }
    outcome.added.append(new.asSibling(of: field))

    let rule: MergeRule =
      met.isEmpty
      ? .applied
      : met.allSatisfy { $0.content?.value == new.content?.value } ? .agreed : .keptSiblings
    decide(
      .field(field), rule, superseded: superseded.map(\.dot), concurrent: met.map(\.dot),
      conflict: (wasInConflict, siblings.differ))
  }
}

// MARK: - Sets

extension RecordMerge {
  /// An add supersedes the adds it covers; removes it does not cover lose to it (ruling 8).
  private mutating func add(_ field: FieldID, _ content: Content, _ coverage: Coverage) {
    let new = Sibling(change, content, isResolution: false)
    var element = state.element(content.value, of: field)
    let superseded = element.adds.removeCovered(by: coverage)
    let met = element.removals.filter { !coverage.covers($0.carriers) }
    element.adds.insertInOrder(new)
    state.setElement(element)
    outcome.removed += superseded.map { $0.asAdd(to: field) }
    outcome.added.append(new.asAdd(to: field))
    decide(
      .element(field, content.value), met.isEmpty ? .applied : .addWins,
      superseded: superseded.map(\.dot), concurrent: met.map(\.dot))
  }

  /// A remove takes away the adds it covers and is kept as its replica's latest (ruling 8).
  private mutating func remove(_ field: FieldID, _ content: Content, _ coverage: Coverage) {
    let new = Sibling(change, content, isResolution: false)
    var element = state.element(content.value, of: field)
    let superseded = element.adds.removeCovered(by: coverage)
    let earlier = element.removals.filter { $0.replica == new.replica }
    element.removals.removeAll { $0.replica == new.replica }
    let index = element.removals.firstIndex { new.replica < $0.replica }
    element.removals.insert(new, at: index ?? element.removals.endIndex)
    state.setElement(element)
    outcome.removed += superseded.map { $0.asAdd(to: field) }
    outcome.removed += earlier.map { $0.asRemoval(from: field) }
    outcome.added.append(new.asRemoval(from: field))
    decide(
      .element(field, content.value), element.adds.isEmpty ? .applied : .addWins,
      superseded: superseded.map(\.dot), concurrent: element.adds.map(\.dot))
  }
}

// MARK: - Lifecycle

extension RecordMerge {
  /// A delete stands beside the deletes there are, and knows which touches it does not cover.
  private mutating func delete(_ new: Sibling, _ coverage: Coverage) {
    let wasInConflict = state.isLifecycleInConflict
    let uncovered = state.touches.filter { !coverage.covers($0.carriers) }.map(\.dot)
    let apart = state.deletions.filter { !coverage.covers($0.sibling.carriers) }
    let index = state.deletions.firstIndex { new.identity < $0.sibling.identity }
    state.deletions.insert(
      Deletion(sibling: new, uncovered: uncovered), at: index ?? state.deletions.endIndex)
    outcome.added.append(.deletion(new.identity))

    let met = uncovered + apart.map(\.sibling.dot)
    let rule: MergeRule =
      !state.isDeleted ? .keptAlive : met.isEmpty ? .applied : .deletesAgree
    decide(
      .lifecycle, rule, concurrent: met,
      conflict: (wasInConflict, state.isLifecycleInConflict))
  }

  /// A restore, or a resolution that keeps the record, spends the deletes it covers (ruling 6).
  private mutating func restore(_ coverage: Coverage) {
    let wasInConflict = state.isLifecycleInConflict
    let spent = state.deletions.filter { coverage.covers($0.sibling.carriers) }
    state.deletions.removeAll { coverage.covers($0.sibling.carriers) }
    outcome.removed += spent.map { .deletion($0.sibling.identity) }
    markUncovered()
    decide(
      .lifecycle, state.deletions.isEmpty ? .applied : .keptAlive,
      superseded: spent.map(\.sibling.dot), concurrent: state.deletions.map(\.sibling.dot),
      conflict: (wasInConflict, state.isLifecycleInConflict))
  }

  /// Every operation that is no delete becomes its replica's touch, and no delete that is there
  /// already covers it; a record that was deleted is kept alive by it.
  private mutating func touch(_ coverage: Coverage) {
    let wasInConflict = state.isLifecycleInConflict
    let dot = change.carrier.dot
    let earlier = state.touches.filter { $0.dot.replica == dot.replica }
    guard earlier.first?.dot != dot else { return }
    markUncovered()
    state.touches.removeAll { $0.dot.replica == dot.replica }
    let index = state.touches.firstIndex { dot < $0.dot } ?? state.touches.endIndex
    state.touches.insert(
      Touch(identity: change.identity, carriers: [change.carrier], time: change.time), at: index)
    outcome.removed += earlier.map { .touch($0.dot) }
    outcome.added.append(.touch(dot))
    guard state.isLifecycleInConflict, !wasInConflict else { return }
    let apart = state.deletions.filter { !coverage.covers($0.sibling.carriers) }
    decide(
      .lifecycle, .keptAlive, concurrent: apart.map(\.sibling.dot), conflict: (false, true))
  }

  private mutating func markUncovered() {
    let dot = change.carrier.dot
    for index in state.deletions.indices {
      var uncovered = state.deletions[index].uncovered
      uncovered.removeAll { $0.replica == dot.replica }
      uncovered.append(dot)
      state.deletions[index].uncovered = uncovered.sorted()
    }
  }
}

// MARK: - Bookkeeping

extension RecordMerge {
  private mutating func decide(
    _ subject: DecisionSubject, _ rule: MergeRule, superseded: [Dot] = [], concurrent: [Dot] = [],
    conflict: (before: Bool, after: Bool) = (false, false)
  ) {
    outcome.decisions.append(
      MergeDecision(
        record: record, subject: subject, rule: rule, superseded: superseded.sorted(),
        concurrent: concurrent.sorted(), opened: conflict.after && !conflict.before,
        closed: conflict.before && !conflict.after))
  }
}

extension Sibling {
  /// The replica that placed it, by which removes and touches are kept: the changes of one come in
  /// its own order everywhere, while two forks of an origin may come in either.
  fileprivate var replica: ReplicaID { dot.replica }
}

extension [Sibling] {
  /// Takes out, and returns, the siblings that `coverage` covers.
  fileprivate mutating func removeCovered(by coverage: Coverage) -> [Sibling] {
    let covered = filter { coverage.covers($0.carriers) }
    removeAll { coverage.covers($0.carriers) }
    return covered
  }
}

extension RecordState {
  fileprivate mutating func setSiblings(_ siblings: [Sibling], of field: FieldID) {
    registers.removeAll { $0.field == field }
    let index = registers.firstIndex { field < $0.field } ?? registers.endIndex
    registers.insert(Register(field: field, siblings: siblings), at: index)
  }

  fileprivate func element(_ value: Digest256, of field: FieldID) -> SetElement {
    elements.first { $0.field == field && $0.value == value }
      ?? SetElement(field: field, value: value, adds: [], removals: [])
  }

  fileprivate mutating func setElement(_ element: SetElement) {
    elements.removeAll { $0.field == element.field && $0.value == element.value }
    let index = elements.firstIndex { (element.field, element.value) < ($0.field, $0.value) }
    elements.insert(element, at: index ?? elements.endIndex)
  }
}
