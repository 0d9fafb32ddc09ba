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
  package var element: Digest256?
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
/// Made in time linear in the operations and their dots, and so is every question about a register or
/// the lifecycle; one about an element costs what was done to that element.
package struct PartHistory: Sendable {
  private let part: RecordPart
  /// What was done to each element of a set, or to the whole part.
  private var linesByElement: [Digest256?: Line] = [:]
  /// Which element an operation of a change is on.
  private var elementByStep: [Step: Digest256] = [:]

  private struct Line {
    var operations: [PartOperation] = []
    var indexByChange: [ChangeIdentity: Int] = [:]
    /// What stands now.
    var standing: [Sibling] = []

    func operation(of change: ChangeIdentity) -> PartOperation? {
      indexByChange[change].map { operations[$0] }
    }

    mutating func append(_ operation: PartOperation) {
      indexByChange[operation.identity] = operations.count
      operations.append(operation)
    }
  }

  private struct Step: Hashable {
    var change: ChangeIdentity
    var place: Int
  }

  /// - Parameters:
  ///   - state: the record with all of the operations.
  ///   - operations: those on the part, in any order.
  package init(_ state: RecordState, _ part: RecordPart, _ operations: [PartOperation]) {
    self.part = part
    for operation in operations where operation.part == part {
      linesByElement[operation.element, default: Line()].append(operation)
      if let element = operation.element {
        elementByStep[Step(change: operation.identity, place: operation.place)] = element
      }
    }
    switch part {
    case .lifecycle: linesByElement[nil]?.standing = state.deletions.map(\.sibling)
    case .field(let field):
      linesByElement[nil]?.standing = state.siblings(of: field)
      for element in state.elements where element.field == field {
        linesByElement[element.value]?.standing = element.adds
      }
    }
  }

  /// What a change took away from the part, for each element of a set, in the order of its operations;
  /// empty where it took nothing.
  package func taken(by undone: ChangeIdentity) -> [Taken] {
    linesByElement.values.compactMap { $0.operation(of: undone) }
      .sorted { $0.place < $1.place }.compactMap(taken)
  }

  /// What one operation of a change took away; nil where it took nothing.
  ///
  /// - Parameter place: which of the change's operations on the record, where the part is a set.
  package func taken(by undone: ChangeIdentity, at place: Int?) -> Taken? {
    var element: Digest256?
    if let place {
      element = elementByStep[Step(change: undone, place: place)]
      guard element != nil else { return nil }
    }
    return linesByElement[element]?.operation(of: undone).flatMap(taken)
  }

  private func taken(by operation: PartOperation) -> Taken? {
    guard operation.takes else { return nil }
    let values = stood(
      in: operation.coverage, at: operation.element, without: operation.identity)
    return values.isEmpty ? nil : Taken(operation: operation, values: values)
  }

  /// What one operation took away.
  package struct Taken: Sendable {
    let operation: PartOperation
    /// As they stood; a value that had been brought back is still its author's.
    package let values: [Sibling]

    /// The element of a set.
    package var element: Digest256? { operation.element }
    /// Which of the change's operations on the record it is.
    package var place: Int { operation.place }
    /// The changes whose values these are, ascending, each once.
    package var sources: [ChangeIdentity] { Set(values.map(\.source)).sorted() }
  }

  /// What stood in a view, without what one change did there.
  private func stood(
    in view: Coverage, at element: Digest256?, without change: ChangeIdentity
  ) -> [Sibling] {
    guard let line = linesByElement[element] else { return [] }
    var seen: [PartOperation] = []
    var candidates = line.standing
    for operation in line.operations {
      if operation.identity != change, view.covers(operation.carriers) {
        // What it was the first to take is gone for whoever has received it.
        seen.append(operation)
      } else {
        candidates += operation.taken
      }
    }
    let reach = Reach(seen)
    return candidates.filter { sibling in
      sibling.identity != change && view.covers(sibling.carriers)
        && !reach.holds(sibling, broughtBy: line.operation(of: sibling.identity))
    }
  }
}

// MARK: - Bringing back

extension PartHistory {
  /// Finds what an operation of `change`, which cites, brings back.
  ///
  /// - Parameter place: which operation of the undone change it takes back, where the part is a set.
  package func returned(
    _ cites: [ChangeIdentity], at place: Int?, by change: Change, undoing undone: ChangeIdentity
  ) throws(UndoFault) -> Returned {
    guard let taken = taken(by: undone, at: place), taken.sources == cites else {
      throw .notTaken
    }
    try checkNothingElse(taken, change, undone)
    let valueBySource = Dictionary(taken.values.map { ($0.source, $0) }) { first, _ in first }
    var values: [Returned.Value] = []
    for source in cites {
      guard let value = valueBySource[source] else { throw .notTaken }
      var coverage: Coverage?
      if part == .lifecycle {
        guard let delete = linesByElement[nil]?.operation(of: source), !delete.takes else {
          throw .notTaken
        }
        coverage = delete.coverage
      }
      values.append(
        Returned.Value(
          source: source, content: value.content, time: value.time,
          isResolution: value.isResolution, coverage: coverage))
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
    guard let line = linesByElement[taken.element] else { throw .notTaken }
    let others = Reach(
      line.operations.filter {
        $0.identity != undone && $0.identity != change.identity && view.covers($0.carriers)
      })
    let isTakenTwice = taken.values.contains {
      others.holds($0, broughtBy: line.operation(of: $0.identity))
    }
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
  ///   - history: the operations on a part so far; asked for once for each part.
  ///   - refuse: told what may not be brought back; that operation does nothing.
  package func bringingBack(
    on record: RecordID, in state: RecordState,
    history: (RecordPart) throws -> [PartOperation], otherwise refuse: (UndoFault) throws -> Void
  ) rethrows -> Change {
    guard let undoes else { return self }
    var result = self
    var histories: [RecordPart: PartHistory] = [:]
    for index in operations.indices {
      let operation = operations[index]
      guard operation.record == record, let part = operation.action.returningPart else { continue }
      let known = try histories[part] ?? PartHistory(state, part, history(part))
      histories[part] = known
      do throws(UndoFault) {
        result.operations[index].returned = try known.returned(
          operation.cites, at: operation.action.undonePlace, by: self, undoing: undoes)
      } catch {
        try refuse(error)
      }
    }
    return result
  }
}
