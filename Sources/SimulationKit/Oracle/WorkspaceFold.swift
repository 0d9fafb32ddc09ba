package import MergeCore

/// A state of a workspace: changes folded one after the other, each grouped by record.
///
/// `fold(log prefix)`, then `fold(own pending)` is what a replica's state is (ruling 1).
package struct WorkspaceFold: Sendable {
  /// The records as merged.
  package private(set) var states: [RecordID: RecordState] = [:]
  /// The changes that are in it, each with the dot that brought it first.
  package private(set) var placingDots: [ChangeIdentity: Dot] = [:]
  /// What undoing reads: the operations on each record.
  private var operations: [RecordID: [PartOperation]] = [:]

  package init() {}

  /// Merges a change, or absorbs it when its identity is known (ruling 11).
  ///
  /// An operation that may not bring back what it cites does nothing.
  ///
  /// Returns the outcome for each record that it touches, in the order of its operations.
  @discardableResult
  package mutating func apply(_ change: Change) -> [(record: RecordID, outcome: MergeOutcome)] {
    let isNew = placingDots[change.identity] == nil
    if isNew { placingDots[change.identity] = change.carrier.dot }
    return change.records.map { record in
      var state = states[record] ?? RecordState()
      let outcome: MergeOutcome
      if isNew {
        let found = change.bringingBack(on: record, in: state) { _ in
          operations[record] ?? []
        } otherwise: { _ in
        }
        outcome = state.merge(found, into: record)
      } else {
        outcome = state.absorb(change.identity, as: change.carrier, into: record)
      }
      operations[record, default: []].take(outcome, change)
      states[record] = state
      return (record, outcome)
    }
  }

  /// Whether a change is known, or may be merged: it takes back one that is here, and may bring back
  /// what it cites.
  func accepts(_ change: Change) -> Bool {
    guard placingDots[change.identity] == nil, let undone = change.undoes else { return true }
    var isAccepted = placingDots[undone] != nil
    for record in change.records {
      _ = change.bringingBack(on: record, in: states[record] ?? RecordState()) { _ in
        operations[record] ?? []
      } otherwise: { _ in
        isAccepted = false
      }
    }
    return isAccepted
  }

  /// The operations that take a change back.
  func reversal(of change: Change) -> [Operation] {
    change.records.flatMap { record in
      let operations = change.operations.filter { $0.record == record }
      return operations.enumerated().flatMap { reversal(of: $1, at: $0, change.identity) }
    }
  }

  private func reversal(of operation: Operation, at place: Int, _ change: ChangeIdentity)
    -> [Operation]
  {
    let record = operation.record
    func back(_ action: Action) -> [Operation] {
      guard let part = action.returningPart else { return [] }
      let history = PartHistory(
        states[record] ?? RecordState(), part, operations[record] ?? [])
      return history.taken(by: change).filter { $0.place == place }
        .map { Operation(record, action, cites: $0.sources) }
    }
    switch operation.action {
    case .write(let field, _): return back(.writeBack(field))
    case .remove(let field, _): return back(.addBack(field, undone: place))
    case .add(let field, let content): return [Operation(record, .remove(field, content))]
    case .delete: return [Operation(record, .restore)]
    case .restore: return back(.deleteBack)
    case .create, .touch, .writeBack, .addBack, .deleteBack: return []
    }
  }

  /// The same state with more changes folded onto it.
  package func applying(_ changes: some Sequence<Change>) -> WorkspaceFold {
    var next = self
    for change in changes { next.apply(change) }
    return next
  }

  /// The record's clock as it would be shown; empty for a record that is not there.
  package func clock(of record: RecordID) -> VectorClock { states[record]?.clock ?? VectorClock() }
}

/// The same workspace as the oracle sees it.
package struct OracleFold: Sendable {
  /// The records, with all their operations.
  package private(set) var oracles: [RecordID: MergeOracle] = [:]

  package init() {}

  /// Takes a change, and returns its decisions for each record that it touches.
  @discardableResult
  package mutating func apply(
    _ change: Change
  ) -> [(record: RecordID, decisions: [MergeDecision])] {
    change.records.map { record in
      (record, oracles[record, default: MergeOracle()].append(change, to: record))
    }
  }
}

extension [PartOperation] {
  /// Takes in what merging a change into a record came to, an absorbed one included.
  package mutating func take(_ outcome: MergeOutcome, _ change: Change) {
    for index in indices { self[index].include(change.carrier, of: change.identity) }
    self += outcome.partOperations
  }
}

extension Change {
  /// The records that it has operations on, each once, in the order of the operations.
  package var records: [RecordID] {
    var seen: Set<RecordID> = []
    return operations.map(\.record).filter { seen.insert($0).inserted }
  }
}
