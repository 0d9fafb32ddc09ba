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

  /// What undoing will have to know, in the order of merging.
  package private(set) var partOperations: [RecordedOperation] = []

  private var seen = Set<ChangeIdentity>()
  private var operationsByRecord: [RecordID: [Int]] = [:]
  private var absorbed: [(change: ChangeIdentity, carrier: Carrier)] = []
  private var historyCount = 0
  private let citations: Citations

  /// What to do about an operation that may not bring back what it cites.
  package enum Citations: Sendable {
    /// The change is refused.
    case checked
    /// The operation does nothing: in one's own pending work, which the log will judge.
    case lenient
  }

  /// A run that starts from a state with this digest.
  package init(stateDigest: Digest256, citations: Citations = .checked) {
    self.stateDigest = stateDigest
    self.citations = citations
  }

  /// Merges one change.
  ///
  /// Throws ``Refusal`` for a citation that does not hold, and what the closures throw; the run is
  /// of no use then.
  ///
  /// - Parameters:
  ///   - isKnown: whether the change stands before the run under another dot.
  ///   - read: the state of a record before the run.
  ///   - history: the operations on a part of it before the run, asked for where a change cites; one
  ///     more than ``Limits/partHistoryMax`` is as good as all.
  package mutating func merge(
    _ change: Change, isKnown: Bool, read: (RecordID) throws -> RecordState?,
    history: (RecordID, RecordPart) throws -> [PartOperation]
  ) throws {
    let isNew = seen.insert(change.identity).inserted && !isKnown
    for record in Set(change.operations.map(\.record)).sorted() {
      var state = try states[record] ?? read(record) ?? RecordState()
      let outcome: MergeOutcome
      if isNew {
        let found = try bringingBack(change, on: record, state, history)
        outcome = state.merge(found, into: record)
      } else {
        outcome = state.absorb(change.identity, as: change.carrier, into: record)
      }
      states[record] = state
      take(outcome, of: record, by: change.carrier.dot)
    }
    if !isNew { absorbed.append((change.identity, change.carrier)) }
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
    for (ordinal, operation) in outcome.partOperations.enumerated() {
      operationsByRecord[record, default: []].append(partOperations.count)
      partOperations.append(
        RecordedOperation(record: record, dot: dot, ordinal: ordinal, operation: operation))
    }
  }
}

/// An operation on a part of a record, as a log keeps it.
package struct RecordedOperation: Sendable {
  package var record: RecordID
  /// The change that made it, under its placing carrier.
  package var dot: Dot
  /// Which of the change's operations on the record it is.
  package var ordinal: Int
  package var operation: PartOperation
}

// MARK: - Bringing back

extension MergeRun {
  /// The change with what it brings back on one record.
  private mutating func bringingBack(
    _ change: Change, on record: RecordID, _ state: RecordState,
    _ history: (RecordID, RecordPart) throws -> [PartOperation]
  ) throws -> Change {
    guard
      change.operations.contains(where: {
        $0.record == record && $0.action.returningPart != nil
      })
    else { return change }
    let counter = change.carrier.dot.counter
    var count = historyCount
    var fault: Refusal?
    let found = try change.bringingBack(on: record, in: state) { part in
      let operations = try all(history(record, part), record, part)
      count += operations.count
      guard operations.count <= Limits.partHistoryMax, count <= Limits.leafHistoryMax else {
        fault = fault ?? Refusal(.overLimit, counter, "too much has happened there to take it back")
        return []
      }
      return operations
    } otherwise: { reason in
      fault = fault ?? Refusal(.badOperation, counter, reason.words)
    }
    historyCount = count
    if found.hasElementTwice(on: record) {
      fault = fault ?? Refusal(.badOperation, counter, "a change writes a field once")
    }
    if citations == .checked, let fault { throw fault }
    return found
  }

  /// The operations before the run and in it, with every carrier that is known by now.
  private func all(_ before: [PartOperation], _ record: RecordID, _ part: RecordPart)
    -> [PartOperation]
  {
    var operations = before
    for index in operationsByRecord[record] ?? [] {
      let operation = partOperations[index].operation
      if operation.part == part { operations.append(operation) }
    }
    for (change, carrier) in absorbed {
      for index in operations.indices { operations[index].include(carrier, of: change) }
    }
    return operations
  }
}

extension Change {
  /// Whether it does something twice to an element of a set: an element that comes back is only known
  /// once it is found.
  fileprivate func hasElementTwice(on record: RecordID) -> Bool {
    var seen = Set<[UInt8]>()
    return operations.contains { operation in
      guard operation.record == record, let (field, element) = operation.element else {
        return false
      }
      let name = [UInt8(field.rawValue >> 8), UInt8(field.rawValue & 255)] + element.bytes
      return !seen.insert(name).inserted
    }
  }
}

extension UndoFault {
  fileprivate var words: String {
    switch self {
    case .notTaken: "what it cites is not what the undone change took away there"
    case .movedOn: "others have worked there since the change that it undoes"
    }
  }
}

// MARK: - Limits

extension MergeRun {
  /// What is kept of a record, and told of a leaf, has bounds, since everybody carries it for ever.
  ///
  /// Of a record each member has a share: what others have placed there stops nobody. One check for
  /// all who judge a change: the log when it is appended, and its author's store when it is typed.
  /// Cost: the entries of the records that the change is on.
  ///
  /// - Parameter replicas: those of the author's member, whose entries count.
  package func checkLimits(
    after change: DecodedChange, placedBy replicas: Set<ReplicaID>
  ) throws(Refusal) {
    let counter = change.received.dot.counter
    for record in change.records {
      guard let state = states[record] else { continue }
      guard state.siblingCountMax(placedBy: replicas) <= Limits.memberSiblingsMax else {
        throw Refusal(
          .overLimit, counter,
          "of one member at most \(Limits.memberSiblingsMax) values stand side by side")
      }
      guard state.entryCount(placedBy: replicas) <= Limits.memberEntriesMax else {
        throw Refusal(
          .overLimit, counter,
          "of one member a record's state has at most \(Limits.memberEntriesMax) entries")
      }
    }
    guard dotCount <= Limits.leafDotsMax else {
      throw Refusal(
        .overLimit, counter, "the decisions of a leaf name at most \(Limits.leafDotsMax) dots")
    }
  }
}
