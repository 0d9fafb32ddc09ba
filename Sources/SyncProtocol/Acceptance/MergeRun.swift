package import MergeCore

/// Merges changes one after another into the records they touch, reading each record once.
///
/// The same run serves the log's leaves and, on top of them, a replica's own pending changes.
package struct MergeRun {
  /// The records changed so far, with their states.
  package private(set) var states: [RecordID: RecordState] = [:]
  package private(set) var decisions: [MergedDecision] = []
  /// The state digest after what was merged so far.
  package private(set) var stateDigest: Digest256

  /// How many dots the decisions name, superseded and concurrent ones.
  package private(set) var dotCount = 0

  private var seen = Set<ChangeIdentity>()

  /// A run that starts from a state with this digest.
  package init(stateDigest: Digest256) { self.stateDigest = stateDigest }

  /// Merges one change.
  ///
  /// - Parameters:
  ///   - isKnown: whether the change stands before the run under another dot.
  ///   - read: the state of a record before the run.
  package mutating func merge(
    _ change: Change, isKnown: Bool, read: (RecordID) throws -> RecordState?
  ) rethrows {
    let isNew = seen.insert(change.identity).inserted && !isKnown
    for record in Set(change.operations.map(\.record)).sorted() {
      var state = try states[record] ?? read(record) ?? RecordState()
      let outcome =
        isNew
        ? state.merge(change, into: record)
        : state.absorb(change.identity, as: change.carrier, into: record)
      states[record] = state
      take(outcome, of: record, by: change.carrier.dot)
    }
  }

  private mutating func take(_ outcome: MergeOutcome, of record: RecordID, by dot: Dot) {
    for element in outcome.added {
      stateDigest = stateDigest &+ DomainHash.element(element, of: record)
    }
    for element in outcome.removed {
      stateDigest = stateDigest &- DomainHash.element(element, of: record)
    }
    for decision in outcome.decisions {
      dotCount += decision.superseded.count + decision.concurrent.count
    }
    decisions += outcome.decisions.map { MergedDecision(dot: dot, decision: $0) }
  }
}

// MARK: - Limits

extension MergeRun {
  /// What is kept of a record, and told of a leaf, has bounds, since everybody carries it for ever.
  ///
  /// One check for all who judge a change: the log when it is appended, and its author's store when it
  /// is typed. Cost: the records that the change is on.
  package func checkLimits(after change: DecodedChange) throws(Refusal) {
    let counter = change.received.dot.counter
    for record in change.records {
      guard let state = states[record] else { continue }
      guard state.siblingCountMax <= Limits.siblingsMax else {
        throw Refusal(
          .overLimit, counter, "\(Limits.siblingsMax) values stand side by side at most")
      }
      guard state.entryCount <= Limits.recordEntriesMax else {
        throw Refusal(
          .overLimit, counter, "a record's state has at most \(Limits.recordEntriesMax) entries")
      }
    }
    guard dotCount <= Limits.leafDotsMax else {
      throw Refusal(
        .overLimit, counter, "the decisions of a leaf name at most \(Limits.leafDotsMax) dots")
    }
  }
}
