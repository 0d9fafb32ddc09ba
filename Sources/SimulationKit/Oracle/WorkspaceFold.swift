package import MergeCore

/// A state of a workspace: changes folded one after the other, each grouped by record.
///
/// `fold(log prefix)`, then `fold(own pending)` is what a replica's state is (ruling 1).
package struct WorkspaceFold: Sendable {
  /// The records as merged.
  package private(set) var states: [RecordID: RecordState] = [:]
  /// Which changes are in it, under whatever dot.
  package private(set) var known: Set<ChangeIdentity> = []

  package init() {}

  /// Merges a change, or absorbs it when its identity is known (ruling 11).
  ///
  /// Returns the outcome for each record that it touches, in the order of its operations.
  @discardableResult
  package mutating func apply(_ change: Change) -> [(record: RecordID, outcome: MergeOutcome)] {
    let isNew = known.insert(change.identity).inserted
    return change.records.map { record in
      var state = states[record] ?? RecordState()
      let outcome =
        isNew
        ? state.merge(change, into: record)
        : state.absorb(change.identity, as: change.carrier, into: record)
      states[record] = state
      return (record, outcome)
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

extension Change {
  /// The records that it has operations on, each once, in the order of the operations.
  package var records: [RecordID] {
    var seen: Set<RecordID> = []
    return operations.map(\.record).filter { seen.insert($0).inserted }
  }
}
