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

  /// What was done so far, by the measures that bound a leaf.
  package private(set) var cost = LeafCost()

  /// What undoing will have to know, in the order of merging.
  package private(set) var partOperations: [RecordedOperation] = []

  private var seen = Set<ChangeIdentity>()
  private var operationsByPart: [RecordID: [RecordPart: [Int]]] = [:]
  private var absorbed: [ChangeIdentity: [Carrier]] = [:]
  /// What was read of the log before the run.
  private var operationsBefore: [RecordID: [RecordPart: [PartOperation]]] = [:]
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
  ///   - history: the operations on a part of it before the run, in any order, asked for where a change
  ///     cites: all of them, or some that name more than so many dots, which is as good as all.
  package mutating func merge(
    _ change: Change, isKnown: Bool, read: (RecordID) throws -> RecordState?,
    history: (RecordID, RecordPart, _ dotsMax: Int) throws -> [PartOperation]
  ) throws {
    let isNew = seen.insert(change.identity).inserted && !isKnown
    for record in Set(change.operations.map(\.record)).sorted() {
      var state = try state(of: record, for: change, read)
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
    if !isNew { absorbed[change.identity, default: []].append(change.carrier) }
  }

  /// Whether a change is in the run.
  package func contains(_ change: ChangeIdentity) -> Bool { seen.contains(change) }

  /// The record as it is so far, taken out of ``states``, so that it is altered in place.
  private mutating func state(
    of record: RecordID, for change: Change, _ read: (RecordID) throws -> RecordState?
  ) throws -> RecordState {
    if let state = states.removeValue(forKey: record) { return state }
    let state = try read(record) ?? RecordState()
    cost.count(record, entries: state.entryCount)
    // Before the next is read: what is refused costs no more than what is not.
    guard citations == .lenient || cost.entriesBesideLargest <= Limits.leafEntriesMax else {
      throw Refusal(
        .overLimit, change.carrier.dot.counter,
        "the records that a leaf is on have at most \(Limits.leafEntriesMax) entries together")
    }
    return state
  }

  private mutating func take(_ outcome: MergeOutcome, of record: RecordID, by dot: Dot) {
    for element in outcome.added {
      stateDigest = stateDigest &+ DomainHash.element(element, of: record)
    }
    for element in outcome.removed {
      stateDigest = stateDigest &- DomainHash.element(element, of: record)
    }
    for decision in outcome.decisions {
      cost.dots += decision.superseded.count + decision.concurrent.count
    }
    decisions += outcome.decisions.map { MergedDecision(dot: dot, decision: $0) }
    for operation in outcome.partOperations {
      operationsByPart[record, default: [:]][operation.part, default: []]
        .append(partOperations.count)
      partOperations.append(RecordedOperation(record: record, dot: dot, operation: operation))
    }
  }
}

/// An operation on a part of a record, as a log keeps it.
package struct RecordedOperation: Sendable {
  package var record: RecordID
  /// The change that made it, under its placing carrier.
  package var dot: Dot
  package var operation: PartOperation
}

// MARK: - Bringing back

extension MergeRun {
  /// The change with what it brings back on one record.
  ///
  /// The first fault ends it: what is refused costs no more than what is read until then.
  private mutating func bringingBack(
    _ change: Change, on record: RecordID, _ state: RecordState,
    _ history: (RecordID, RecordPart, _ dotsMax: Int) throws -> [PartOperation]
  ) throws -> Change {
    guard
      change.operations.contains(where: {
        $0.record == record && $0.action.returningPart != nil
      })
    else { return change }
    let counter = change.carrier.dot.counter
    let isChecked = citations == .checked
    let found = try change.bringingBack(on: record, in: state) { part in
      let before = try operationsBefore(record, part, counter, history)
      let known = operations(on: record, part, dotsMax: Limits.partHistoryMax) { _ in before }
      guard known.dotCount > Limits.partHistoryMax else { return known }
      guard !isChecked else {
        throw Refusal(.overLimit, counter, "too much has happened there to take anything back")
      }
      return []
    } otherwise: { reason in
      if isChecked { throw Refusal(.badOperation, counter, reason.words) }
    }
    guard !found.hasElementTwice(on: record) else {
      guard !isChecked else {
        throw Refusal(.badOperation, counter, "a change writes a field once")
      }
      return change
    }
    return found
  }

  /// The operations on a part before the run, read once; or some that name too many dots.
  ///
  /// What is counted for a leaf is no bound on one record's history, nor on all of one's pending work:
  /// it binds where citations are checked.
  private mutating func operationsBefore(
    _ record: RecordID, _ part: RecordPart, _ counter: Counter,
    _ history: (RecordID, RecordPart, _ dotsMax: Int) throws -> [PartOperation]
  ) throws -> [PartOperation] {
    if let known = operationsBefore[record]?[part] { return known }
    let rest = citations == .checked ? Limits.leafHistoryMax - cost.historyDots : .max
    let read = try history(record, part, min(Limits.partHistoryMax, rest))
    guard read.dotCount <= rest else {
      throw Refusal(.overLimit, counter, "more is taken back than one batch may")
    }
    cost.historyDots += read.dotCount
    operationsBefore[record, default: [:]][part] = read
    return read
  }

  /// The operations on a part before the run and in it, with every carrier that is known by now: all
  /// of them, or some that name more than `dotsMax` dots.
  ///
  /// - Parameter history: those before the run, asked for with the dots that are left.
  package func operations(
    on record: RecordID, _ part: RecordPart, dotsMax: Int,
    before history: (_ dotsMax: Int) throws -> [PartOperation]
  ) rethrows -> [PartOperation] {
    var all: [PartOperation] = []
    var dots = 0
    for index in operationsByPart[record]?[part] ?? [] where dots <= dotsMax {
      all.append(current(partOperations[index].operation))
      dots += all[all.count - 1].dotCount
    }
    guard dots <= dotsMax else { return all }
    return try history(dotsMax - dots).map(current) + all
  }

  /// With the carriers that have come in the run.
  private func current(_ operation: PartOperation) -> PartOperation {
    guard !absorbed.isEmpty else { return operation }
    var operation = operation
    for change in Set([operation.identity] + operation.taken.map(\.identity)) {
      for carrier in absorbed[change] ?? [] { operation.include(carrier, of: change) }
    }
    return operation
  }
}

extension [PartOperation] {
  /// How many dots they name.
  package var dotCount: Int { reduce(0) { $0 + $1.dotCount } }
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
    guard cost.dots <= Limits.leafDotsMax else {
      throw Refusal(
        .overLimit, counter, "the decisions of a leaf name at most \(Limits.leafDotsMax) dots")
    }
  }
}
