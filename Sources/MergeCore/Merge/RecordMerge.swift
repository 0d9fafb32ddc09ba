/// One change being merged into one record: the state so far and what to report.
struct RecordMerge {
  var state: RecordState
  let change: Change
  let record: RecordID
  var outcome = MergeOutcome()
  /// The touches before the change.
  private let earlierTouches: [Touch]
  /// Which of the change's operations on the record is being merged.
  private var place = 0

  init(state: RecordState, change: Change, record: RecordID) {
    self.state = state
    self.change = change
    self.record = record
    earlierTouches = state.touches
  }

  mutating func apply(_ operation: Operation, at place: Int) {
    self.place = place
    let coverage = operation.against.map(Coverage.clock) ?? .context(change.context)
    switch operation.action {
    case .create(let content):
      create(content)
    case .write(let field, let content):
      write(field, [Sibling(change, content, isResolution: operation.isResolution)], coverage)
    case .add(let field, let content):
      add(field, content.value, [Sibling(change, content, isResolution: false)], coverage)
    case .remove(let field, let content):
      remove(field, content, coverage)
    case .delete:
      let new = Sibling(change, nil, isResolution: operation.isResolution)
      let uncovered = state.touches.filter { !coverage.covers($0.carriers) }.map(\.dot)
      delete([Deletion(sibling: new, uncovered: uncovered)], coverage)
    case .restore:
      restore(coverage)
      // Taking a delete of one's own back says nothing for the record's life.
      if change.undoes != nil { return }
    case .touch:
      decide(.record, .applied)
    case .writeBack, .addBack, .deleteBack:
      guard let returned = operation.returned else { return }
      bringBack(returned, operation.action, coverage)
    }
    if !operation.action.isDelete { touch(coverage) }
  }

  /// What was taken away stands again as its authors', under this change's dot (ruling 29).
  private mutating func bringBack(
    _ returned: Returned, _ action: Action, _ coverage: Coverage
  ) {
    let siblings = returned.values.map { Sibling(change, $0) }
    switch action {
    case .writeBack(let field): write(field, siblings, coverage)
    case .addBack(let field, _):
      guard let element = returned.element else { return }
      add(field, element, siblings, coverage)
    case .deleteBack:
      let deletions = zip(siblings, returned.values).map { sibling, value in
        Deletion(sibling: sibling, uncovered: uncovered(by: value, returned.ownTouches))
      }
      delete(deletions, coverage)
    case .create, .write, .add, .remove, .delete, .restore, .touch: break
    }
  }

  private mutating func create(_ content: Content?) {
    let sibling = Sibling(change, content, isResolution: false)
    state.creations.insertInOrder(sibling)
    outcome.added.append(.creation(sibling.identity, commitment: sibling.commitment))
    decide(.record, .applied)
  }

  /// A write supersedes the siblings it covers and stands beside the others.
  private mutating func write(_ field: FieldID, _ new: [Sibling], _ coverage: Coverage) {
    let wasInConflict = state.isInConflict(field)
    var siblings = state.siblings(of: field)
    let superseded = siblings.removeCovered(by: coverage)
    let met = siblings
    for sibling in new { siblings.insertInOrder(sibling) }
    state.setSiblings(siblings, of: field)
    outcome.removed += superseded.map { $0.asSibling(of: field) }
    outcome.added += new.map { $0.asSibling(of: field) }
    if !superseded.isEmpty || !met.isEmpty { note(.field(field), coverage, took: superseded) }

    let rule: MergeRule =
      met.isEmpty ? .applied : (met + new).differ ? .keptSiblings : .agreed
    decide(
      .field(field), rule, superseded: superseded.map(\.dot), concurrent: met.map(\.dot),
      conflict: (wasInConflict, siblings.differ))
  }
}

// MARK: - Sets

extension RecordMerge {
  /// An add supersedes the adds it covers; removes it does not cover lose to it (ruling 8).
  private mutating func add(
    _ field: FieldID, _ value: Digest256, _ new: [Sibling], _ coverage: Coverage
  ) {
    var element = state.element(value, of: field)
    let superseded = element.adds.removeCovered(by: coverage)
    let met = element.removals.filter { !coverage.covers($0.carriers) }
    for sibling in new { element.adds.insertInOrder(sibling) }
    state.setElement(element)
    outcome.removed += superseded.map { $0.asAdd(to: field) }
    outcome.added += new.map { $0.asAdd(to: field) }
    if !superseded.isEmpty || !met.isEmpty {
      note(.field(field), at: value, coverage, took: superseded)
    }
    decide(
      .element(field, value), met.isEmpty ? .applied : .addWins,
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
    note(.field(field), at: content.value, coverage, took: superseded)
    decide(
      .element(field, content.value), element.adds.isEmpty ? .applied : .addWins,
      superseded: superseded.map(\.dot), concurrent: element.adds.map(\.dot))
  }
}

// MARK: - Lifecycle

extension RecordMerge {
  /// A delete stands beside the deletes there are, and knows which touches it does not cover.
  private mutating func delete(_ new: [Deletion], _ coverage: Coverage) {
    let wasInConflict = state.isLifecycleInConflict
    let apart = state.deletions.filter { !coverage.covers($0.sibling.carriers) }
    for deletion in new {
      let index = state.deletions.firstIndex { deletion.sibling.order < $0.sibling.order }
      state.deletions.insert(deletion, at: index ?? state.deletions.endIndex)
      outcome.added.append(deletion.sibling.asDeletion)
    }
    note(.lifecycle, coverage, took: [])

    let met = new.flatMap(\.uncovered) + apart.map(\.sibling.dot)
    let rule: MergeRule =
      !state.isDeleted ? .keptAlive : met.isEmpty ? .applied : .deletesAgree
    decide(
      .lifecycle, rule, concurrent: met,
      conflict: (wasInConflict, state.isLifecycleInConflict))
  }

  /// The touches that a delete which is brought back does not cover.
  ///
  /// They are those that its author had not received; of whoever brings it back it covers all since
  /// they took it away.
  private func uncovered(by value: Returned.Value, _ ownTouches: [[Carrier]]) -> [Dot] {
    guard let coverage = value.coverage else { return [] }
    let own = change.context.own
    return state.touches.filter { touch in
      guard touch.carriers.contains(where: { own.contains($0.dot) }) else {
        return !coverage.covers(touch.carriers)
      }
      return ownTouches.contains {
        $0.first?.dot.replica == touch.dot.replica && !coverage.covers($0)
      }
    }.map(\.dot)
  }

  /// A restore, or a resolution that keeps the record, spends the deletes it covers (ruling 6); one
  /// that undoes a delete spends that one alone.
  private mutating func restore(_ coverage: Coverage) {
    let wasInConflict = state.isLifecycleInConflict
    let spent = state.deletions.filter { deletion in
      coverage.covers(deletion.sibling.carriers)
        && (change.undoes == nil || change.undoes == deletion.sibling.source)
    }
    state.deletions.removeAll { spent.contains($0) }
    outcome.removed += spent.map { $0.sibling.asDeletion }
    note(.lifecycle, coverage, took: spent.map(\.sibling))
    if change.undoes == nil { markUncovered() }
    let met = state.deletions.filter {
      change.undoes == nil || !coverage.covers($0.sibling.carriers)
    }
    let rule: MergeRule =
      met.isEmpty
      ? .applied : change.undoes != nil && state.isDeleted ? .deletesAgree : .keptAlive
    decide(
      .lifecycle, rule, superseded: spent.map(\.sibling.dot),
      concurrent: met.map(\.sibling.dot),
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
        record: record, subject: subject, rule: rule, superseded: Set(superseded).sorted(),
        concurrent: Set(concurrent).sorted(), opened: conflict.after && !conflict.before,
        closed: conflict.before && !conflict.after))
  }
}

extension RecordMerge {
  /// Keeps what undoing has to know of an operation.
  private mutating func note(
    _ part: RecordPart, at element: Digest256? = nil, _ coverage: Coverage, took taken: [Sibling]
  ) {
    var operation = PartOperation(
      part: part, element: element, identity: change.identity, place: place,
      carriers: [change.carrier], coverage: coverage, takes: true, only: nil, taken: taken,
      ownTouches: [])
    guard part == .lifecycle else { return outcome.partOperations.append(operation) }
    operation.takes = !change.deletes(record)
    if operation.takes {
      operation.only = change.undoes
      operation.ownTouches = earlierTouches.map(\.carriers).filter { carriers in
        carriers.contains { change.context.own.contains($0.dot) }
      }
    }
    outcome.partOperations.append(operation)
  }
}

extension Change {
  /// Whether it deletes the record, and so does nothing else to it.
  fileprivate func deletes(_ record: RecordID) -> Bool {
    operations.contains { $0.record == record && $0.action.isDelete }
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
    let index = elementIndex(field, value)
    guard index < elements.count, elements[index].field == field, elements[index].value == value
    else { return SetElement(field: field, value: value, adds: [], removals: []) }
    return elements[index]
  }

  fileprivate mutating func setElement(_ element: SetElement) {
    let index = elementIndex(element.field, element.value)
    if index < elements.count, elements[index].field == element.field,
      elements[index].value == element.value
    {
      elements[index] = element
    } else {
      elements.insert(element, at: index)
    }
  }

  /// Where the element is, or would be: the elements ascend by field and value.
  private func elementIndex(_ field: FieldID, _ value: Digest256) -> Int {
    var range = elements.startIndex..<elements.endIndex
    while !range.isEmpty {
      let middle = range.lowerBound + range.count / 2
      if (elements[middle].field, elements[middle].value) < (field, value) {
        range = middle + 1..<range.upperBound
      } else {
        range = range.lowerBound..<middle
      }
    }
    return range.lowerBound
  }
}
