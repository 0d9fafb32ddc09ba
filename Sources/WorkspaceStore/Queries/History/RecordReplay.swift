import MergeCore
import SyncProtocol

/// One change of a record's history, merged again.
struct ReplayStep {
  var change: DecodedChange
  var position: LogPosition
  var before: RecordState
  var after: RecordState
  var decisions: [MergedDecision]
  /// What undoing has to know of it.
  var operations: [PartOperation]
}

extension RecordSource {
  /// Re-executes one record: a decision depends only on one record's operations in log order, so
  /// this gives what the log's merges decided, and then what the pending ones decide here.
  ///
  /// Cost: the batches that hold the record's changes, each decoded once.
  func replay(_ record: RecordID, _ changes: ChangeReader? = nil) throws -> [ReplayStep] {
    let changes = changes ?? ChangeReader(self)
    var run = MergeRun(stateDigest: .zero, citations: .lenient)
    var steps: [ReplayStep] = []
    var before = RecordState()
    for carrier in try trace(of: record).carriers {
      let decoded = try changes.change(carrier.dot, at: carrier.position)
      var change = try decoded.change(
        at: carrier.position, lineage: lineage(of: carrier.dot.replica))
      change.operations.removeAll { $0.record != record }
      let count = run.decisions.count
      let operationCount = run.partOperations.count
      try run.merge(change, isKnown: false) { _ in
        nil
      } history: { _, _, _ in
        []
      }
      let after = run.states[record] ?? before
      steps.append(
        ReplayStep(
          change: decoded, position: carrier.position, before: before, after: after,
          decisions: Array(run.decisions[count...]),
          operations: run.partOperations[operationCount...].map(\.operation)))
      before = after
    }
    return steps
  }
}

extension [ReplayStep] {
  /// What undoing reads of all steps, with every carrier that came later.
  var operations: [PartOperation] {
    var operations: [PartOperation] = []
    var known: Set<ChangeIdentity> = []
    for step in self {
      if !known.insert(step.change.identity).inserted {
        let carrier = Carrier(step.change.received.dot, step.position)
        for index in operations.indices {
          operations[index].include(carrier, of: step.change.identity)
        }
      }
      operations += step.operations
    }
    return operations
  }
}
