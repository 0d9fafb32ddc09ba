/// Why an operation may not bring back what it cites.
package enum UndoFault: Error, Hashable, Sendable {
  /// What it cites is not what the undone change took away there, all of it.
  case notTaken
  /// As far as its author had received, something else stands there than what the undone change left,
  /// or another change had taken the same away.
  case movedOn
}

/// What an operation brings back, once it has been found in the record's history.
package struct Returned: Hashable, Sendable {
  /// The set's element; nil for registers and the lifecycle.
  var element: Digest256?
  /// Ascending by the changes that are cited.
  var values: [Value]
  /// Of a delete: where the author's own line had touched the record before the undone restore.
  var ownTouches: [[Carrier]]

  /// One value, as its author wrote it.
  struct Value: Hashable, Sendable {
    var source: ChangeIdentity
    var content: Content?
    var time: Int64
    var isResolution: Bool
    /// Of a delete: what its author had received.
    var coverage: Coverage?
  }
}

/// The history of one part of one record, for those who undo.
///
/// An undoing change brings back what the change that it undoes took away, in the names of those who
/// wrote it (ruling 29). Three things keep others' words theirs:
/// - What a change *took* is what stood there in its author's view: what its operation covers, and no
///   other operation within that view took before. It depends on causes alone, never on the order in
///   which the log got them.
/// - All of it comes back, or nothing.
/// - It takes the place of what the undone change left, and of nothing else. Whoever has received that
///   somebody took a value back, or decided since, finds that in its place.
///
/// Costs are quadratic in the operations, which callers bound.
package struct PartHistory: Sendable {
  private let state: RecordState
  private let part: RecordPart
  private let operations: [PartOperation]

  /// - Parameters:
  ///   - state: the record with all of the operations.
  ///   - operations: those on the part, in any order.
  package init(_ state: RecordState, _ part: RecordPart, _ operations: [PartOperation]) {
    self.state = state
    self.part = part
    self.operations = operations.filter { $0.part == part }
  }

  /// What a change took away from the part, for each element of a set; empty where it took nothing.
  package func taken(by undone: ChangeIdentity) -> [Taken] {
    operations.filter { $0.identity == undone && $0.takes }.map { operation in
      let values = stood(in: operation.coverage, at: operation.element, without: undone)
      return Taken(operation: operation, values: values)
    }.filter { !$0.values.isEmpty }
  }

  /// What one operation took away.
  package struct Taken: Sendable {
    let operation: PartOperation
    /// As they stood; a value that had been brought back is still its author's.
    package let values: [Sibling]

    /// The element of a set.
    package var element: Digest256? { operation.element }
    /// The changes whose values these are, ascending, each once.
    package var sources: [ChangeIdentity] { Set(values.map(\.source)).sorted() }
  }

  /// What stood in a view, without what one change did there.
  private func stood(
    in view: Coverage, at element: Digest256?, without change: ChangeIdentity
  ) -> [Sibling] {
    let here = operations.filter { $0.element == element }
    let takers = here.filter { $0.identity != change && view.covers($0.carriers) }
    return (here.flatMap(\.taken) + standing(at: element)).filter { sibling in
      sibling.identity != change && view.covers(sibling.carriers)
        && !takers.contains { $0.reaches(sibling) }
    }
  }

  private func standing(at element: Digest256?) -> [Sibling] {
    switch part {
    case .lifecycle: return state.deletions.map(\.sibling)
    case .field(let field):
      guard let element else { return state.siblings(of: field) }
      return state.elements.first { $0.field == field && $0.value == element }?.adds ?? []
    }
  }
}

// MARK: - Bringing back

extension PartHistory {
  /// Finds what an operation of `change`, which cites, brings back.
  package func returned(
    _ cites: [ChangeIdentity], by change: Change, undoing undone: ChangeIdentity
  ) throws(UndoFault) -> Returned {
    guard let taken = taken(by: undone).first(where: { $0.sources == cites }) else {
      throw .notTaken
    }
    try checkNothingElse(taken, change, undone)
    var values: [Returned.Value] = []
    for source in cites {
      guard let value = taken.values.first(where: { $0.source == source }) else { throw .notTaken }
      let delete = operations.first { !$0.takes && $0.identity == source }
      guard part != .lifecycle || delete != nil else { throw .notTaken }
      values.append(
        Returned.Value(
          source: source, content: value.content, time: value.time,
          isResolution: value.isResolution, coverage: delete?.coverage))
    }
    return Returned(
      element: taken.element, values: values, ownTouches: taken.operation.ownTouches)
  }

  private func checkNothingElse(
    _ taken: Taken, _ change: Change, _ undone: ChangeIdentity
  ) throws(UndoFault) {
    let view = Coverage.context(change.context)
    let now = stood(in: view, at: taken.element, without: change.identity)
    if part != .lifecycle, taken.element == nil {
      guard !now.isEmpty, now.allSatisfy({ $0.source == undone }) else { throw .movedOn }
      return
    }
    let others = operations.filter {
      $0.element == taken.element && $0.identity != undone && $0.identity != change.identity
        && view.covers($0.carriers)
    }
    let isTakenTwice = taken.values.contains { value in others.contains { $0.reaches(value) } }
    guard !isTakenTwice else { throw .movedOn }
    if part == .lifecycle {
      // What was the author's own before and after the restore follows from its own line.
      let own = change.context.own
      guard taken.operation.carriers.contains(where: { own.contains($0.dot) }) else {
        throw .movedOn
      }
    } else if !now.isEmpty {
      throw .movedOn
    }
  }
}

extension Change {
  /// The change with what its operations on one record bring back.
  ///
  /// - Parameters:
  ///   - state: the record before it.
  ///   - history: the operations on a part so far.
  ///   - refuse: told what may not be brought back; that operation does nothing.
  package func bringingBack(
    on record: RecordID, in state: RecordState,
    history: (RecordPart) throws -> [PartOperation], otherwise refuse: (UndoFault) throws -> Void
  ) rethrows -> Change {
    guard let undoes else { return self }
    var result = self
    for index in operations.indices {
      let operation = operations[index]
      guard operation.record == record, let part = operation.action.returningPart else { continue }
      let history = PartHistory(state, part, try history(part))
      do throws(UndoFault) {
        result.operations[index].returned = try history.returned(
          operation.cites, by: self, undoing: undoes)
      } catch {
        try refuse(error)
      }
    }
    return result
  }
}
