import AnnotationModel
package import MergeCore
package import SyncProtocol
package import WorkspaceStore

/// One logged change of a record, merged again.
package struct HistoryStep: Sendable {
  package var leaf: UInt64
  package var change: DecodedChange
  /// What the change covers of the record's other changes.
  package var against: VectorClock
  package var before: RecordState
  package var after: RecordState
  package var decisions: [MergedDecision]
}

/// A record's life in the log, re-executed: a decision depends only on one record's operations in log
/// order, so this gives exactly what the log's merges decided.
package struct RecordHistory: Sendable {
  package let record: RecordID
  package private(set) var steps: [HistoryStep] = []
  /// The record's state at the log's end.
  package private(set) var state = RecordState()

  /// Reads and merges the record's changes; costs the batches that hold them.
  package init(of record: RecordID, in reader: LogReader) throws {
    self.record = record
    var run = MergeRun(stateDigest: .zero)
    var carriers: [Carrier] = []
    for leaf in try reader.leaves(changing: record) {
      for decoded in try Self.changes(at: leaf, reader) where decoded.records.contains(record) {
        let carrier = Carrier(decoded.received.dot, .leaf(leaf))
        carriers.append(carrier)
        var change = decoded.change(
          at: carrier.position, lineage: reader.membership.lineage(of: carrier.dot.replica))
        change.operations.removeAll { $0.record != record }
        let count = run.decisions.count
        run.merge(change, isKnown: false) { _ in nil }
        let after = run.states[record] ?? state
        steps.append(
          HistoryStep(
            leaf: leaf, change: decoded, against: Self.covered(by: change, of: carriers),
            before: state, after: after, decisions: Array(run.decisions[count...])))
        state = after
      }
    }
  }

  /// The changes that are new with a leaf, decoded.
  private static func changes(at index: UInt64, _ reader: LogReader) throws -> [DecodedChange] {
    guard let stored = try reader.leaf(at: index), let leaf = Leaf(encoded: stored.leafBytes),
      leaf.first > 0
    else {
      throw StoreFailure.corrupt("leaf \(index) is missing or does not decode")
    }
    do {
      let batch = try ReceivedBatch(decoding: stored.batchBytes)
      var context = try reader.chainContext(
        after: Dot(batch.header.replica, Counter(leaf.first - 1)))
      return try batch.changes.filter { $0.dot.counter.rawValue >= leaf.first }.map { received in
        let change = try DecodedChange(received, after: context, schema: AnnotationSchema.schema)
        context = change.chainContext
        return change
      }
    } catch let refusal as Refusal {
      throw StoreFailure.corrupt("leaf \(index): \(refusal.detail)")
    }
  }

  private static func covered(by change: Change, of carriers: [Carrier]) -> VectorClock {
    let coverage =
      change.operations.compactMap(\.against).first.map { Coverage.clock($0) }
      ?? .context(change.context)
    return VectorClock(carriers.filter { coverage.covers([$0]) }.map(\.dot))
  }
}

// MARK: - Its parts

extension RecordHistory {
  /// The fields that some change wrote, ascending, and nil for the lifecycle when it was touched.
  package var parts: [FieldID?] {
    let subjects = steps.flatMap(\.decisions).map(\.decision.subject)
    var fields = Set<FieldID>()
    for case .field(let field) in subjects { fields.insert(field) }
    for case .element(let field, _) in subjects { fields.insert(field) }
    let lifecycle: [FieldID?] = subjects.contains(.lifecycle) ? [nil] : []
    return fields.sorted().map { $0 } + lifecycle
  }

  /// The merge that decided a part last, with its leaf: one that was not plain, or else the last.
  package func lastDecision(on part: FieldID?) -> (decision: MergedDecision, leaf: UInt64)? {
    let all = steps.flatMap { step in
      step.decisions.filter { $0.decision.subject.concerns(part) }.map { ($0, step.leaf) }
    }
    return all.last { !$0.0.decision.isPlain } ?? all.last
  }

  /// The siblings of a part that stand at the log's end.
  package func siblings(of part: FieldID?) -> [Sibling] { state.siblings(ofPart: part) }

  /// Siblings that stand no more, each with the change that took it away, in log order.
  package func superseded(in part: FieldID?) -> [(sibling: Sibling, by: Dot)] {
    steps.flatMap { step in
      let left = Set(step.after.siblings(ofPart: part).map(\.identity))
      return step.before.siblings(ofPart: part).filter { !left.contains($0.identity) }
        .map { ($0, step.change.received.dot) }
    }
  }

  /// The step that brought a sibling.
  func step(of sibling: Sibling) -> HistoryStep? {
    steps.first { $0.change.received.dot == sibling.dot }
  }
}

extension RecordState {
  /// A register's siblings, a set's adds, or for nil the unspent deletes.
  fileprivate func siblings(ofPart part: FieldID?) -> [Sibling] {
    guard let part else { return deletions.map(\.sibling) }
    return siblings(of: part) + elements.filter { $0.field == part }.flatMap(\.adds)
  }
}

extension DecisionSubject {
  /// Whether it is about a field or an element of it, nil being the lifecycle.
  fileprivate func concerns(_ part: FieldID?) -> Bool {
    switch self {
    case .lifecycle: part == nil
    case .field(let field), .element(let field, _): part == field
    case .record: false
    }
  }
}
