import MergeCore
import SimulationKit

/// The merge and its oracle disagree, or the merge with itself.
struct Mismatch: Error, CustomStringConvertible {
  var description: String
}

/// One record merged twice, by `RecordState` and by the oracle, and compared after every change.
struct CheckedRecord {
  private(set) var state = RecordState()
  private(set) var oracle = MergeOracle()
  private var known: Set<ChangeIdentity> = []
  /// What undoing reads.
  private(set) var history: [PartOperation] = []
  /// The digest's elements, as the outcomes alone gave them.
  private var elements: Set<DigestElement> = []
  private var summed: [(removed: [DigestElement], added: [DigestElement])] = []
  private let id: RecordID

  init(_ record: RecordID = record) { id = record }

  /// The digest's sum, as the outcomes alone give it.
  var sum: Digest256 {
    summed.reduce(.zero) {
      $0 &- digestSum($1.removed, of: id) &+ digestSum($1.added, of: id)
    }
  }

  /// Compares the sum that the outcomes give with that over the state's elements.
  func checkSum() throws {
    guard sum == digestSum(state.digestElements, of: id) else {
      throw Mismatch(description: "digest sum \(sum.hex) is not that of the state")
    }
  }

  /// The change with what it brings back, and whether it may; what may not come back does nothing, as
  /// the oracle has to find too.
  func found(_ change: Change) throws -> (change: Change, isAccepted: Bool) {
    var isRefused = false
    let found = change.bringingBack(on: id, in: state) { part in
      history.filter { $0.part == part }
    } otherwise: { _ in
      isRefused = true
    }
    let citing = change.operations.filter { $0.record == id && $0.action.returningPart != nil }
    guard isRefused != citing.allSatisfy({ oracle.mayBringBack($0, by: change) }) else {
      throw Mismatch(
        description:
          "\(change.operations) undoing \(change.undoes.map { "\($0)" } ?? "nothing") is "
          + (isRefused
            ? "refused, and the oracle accepts it" : "accepted, and the oracle refuses it"))
    }
    return (found, !isRefused)
  }

  /// Merges a change, or absorbs it when its identity is known, and compares everything.
  ///
  /// Throws ``UndoRefused`` for one that may not bring back what it cites, unless it is `isLenient`.
  @discardableResult
  mutating func apply(_ change: Change, isLenient: Bool = false) throws -> [MergeDecision] {
    let outcome: MergeOutcome
    if known.insert(change.identity).inserted {
      let found = try found(change)
      guard found.isAccepted || isLenient else {
        throw UndoRefused(dot: change.carrier.dot)
      }
      outcome = state.merge(found.change, into: id)
    } else {
      outcome = state.absorb(change.identity, as: change.carrier, into: id)
    }
    history.take(outcome, change)
    let expected = oracle.append(change, to: id)
    guard outcome.decisions == expected else {
      throw Mismatch(
        description: "decisions \(outcome.decisions.map(\.brief)), oracle \(expected.map(\.brief))")
    }
    let view = RecordView(state)
    if let difference = view.difference(from: oracle.view) {
      throw Mismatch(description: "the merge has \(difference) as the oracle")
    }
    try account(for: outcome, in: view)
    return outcome.decisions
  }

  /// What the outcome adds and removes leads from the elements before to those after.
  private mutating func account(for outcome: MergeOutcome, in view: RecordView) throws {
    for element in outcome.removed where elements.remove(element) == nil {
      throw Mismatch(description: "removed from the digest but not in it: \(element)")
    }
    for element in outcome.added where !elements.insert(element).inserted {
      throw Mismatch(description: "added to the digest twice: \(element)")
    }
    guard state.digestElements.count == elements.count, view.digestElements == elements else {
      throw Mismatch(
        description: "digest elements \(elements), from scratch \(state.digestElements)")
    }
    summed.append((outcome.removed, outcome.added))
  }
}

/// A record's log, written by hand: one change a leaf, everything received unless said otherwise.
struct Trace {
  private(set) var checked = CheckedRecord()
  private(set) var leafCount: UInt64 = 0

  var state: RecordState { checked.state }

  /// Appends the change `dot` to the log, made by an author who had received `received` leaves and
  /// knows its own changes (`own`: its replica's up to here).
  @discardableResult
  mutating func log(
    _ dot: Dot, _ actions: Action..., received: UInt64? = nil, own: VersionVector? = nil,
    as origin: ChangeIdentity? = nil, against: VectorClock? = nil, time: Int64 = 0,
    isResolution: Bool = false
  ) throws -> [MergeDecision] {
    let change = Change(
      identity: origin ?? identity(dot), carrier: Carrier(dot, .leaf(leafCount)),
      context: CausalContext(
        treeSize: received ?? leafCount, own: own ?? VersionVector([dot.preceding])),
      time: time,
      operations: actions.map {
        Operation(record, $0, against: against, isResolution: isResolution)
      })
    leafCount += 1
    return try checked.apply(change)
  }

  /// Appends a change of these operations that takes another back, made with everything received.
  mutating func append(_ dot: Dot, _ operations: [Operation], undoing: ChangeIdentity) throws {
    let change = Change(
      identity: identity(dot), carrier: Carrier(dot, .leaf(leafCount)),
      context: CausalContext(treeSize: leafCount, own: VersionVector([dot.preceding])), time: 99,
      operations: operations, undoes: undoing)
    leafCount += 1
    try checked.apply(change)
  }

  /// Folds a pending change on top, made with everything received.
  @discardableResult
  mutating func fold(
    _ dot: Dot, _ actions: Action..., received: UInt64? = nil, own: VersionVector? = nil,
    as origin: ChangeIdentity? = nil, against: VectorClock? = nil
  ) throws -> [MergeDecision] {
    try checked.apply(
      Change(
        identity: origin ?? identity(dot), carrier: Carrier(dot, .pending),
        context: CausalContext(
          treeSize: received ?? leafCount, own: own ?? VersionVector([dot.preceding])),
        time: 0, operations: actions.map { Operation(record, $0, against: against) }))
  }
}

extension MergeDecision {
  /// The decision in few words, for failures.
  var brief: String {
    "\(subject) \(rule) -\(superseded) ∥\(concurrent) \(opened ? "opened" : "")"
      + "\(closed ? "closed" : "")"
  }
}

extension Dot {
  /// The change before it; counter 0, which no vector keeps, before the first.
  var preceding: Dot { Dot(replica, Counter(counter.rawValue - 1)) }
}

/// Merge and oracle agree that a change may not bring back what it cites: in the log the change that it
/// takes back did not take that away.
struct UndoRefused: Error {
  let dot: Dot
}
