import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// Every change that touched one record: those of the log in its order, then one's own pending ones.
package struct RecordTrace: Sendable {
  /// One change: where it stands, and how many leaves its author had received.
  private struct Step {
    var carrier: Carrier
    var contextSize: UInt64
  }

  package let record: RecordID
  private var steps: [Step] = []

  init(_ record: RecordID) { self.record = record }

  package var carriers: [Carrier] { steps.map(\.carrier) }

  mutating func append(_ carrier: Carrier, contextSize: UInt64) {
    steps.append(Step(carrier: carrier, contextSize: contextSize))
  }

  /// The record's clock as of what `coverage` covers.
  func clock(coveredBy coverage: Coverage) -> VectorClock {
    VectorClock(carriers.filter { coverage.covers([$0]) }.map(\.dot))
  }

  /// Whether the record had this clock in some store at some time.
  ///
  /// A store shows a prefix of the log and the work of its own analyst beyond it (ruling 1). So a
  /// clock was shown when it is that of some prefix, except that one person's changes may go
  /// further; each of its dots is a change of this record, and it holds what their authors had
  /// received.
  func hadClock(_ clock: VectorClock, membership: MembershipState) -> Bool {
    guard !clock.isEmpty, isClosed(clock) else { return false }
    var prefix = VectorClock()
    if isShown(clock, on: prefix, membership) { return true }
    for step in steps {
      prefix.include(step.carrier.dot)
      guard prefix.entries.allSatisfy({ clock.contains($0) }) else { return false }
      if isShown(clock, on: prefix, membership) { return true }
    }
    return false
  }

  /// Whether every dot is of this record, and what its author had received is in the clock too.
  private func isClosed(_ clock: VectorClock) -> Bool {
    clock.entries.allSatisfy { dot in
      guard let step = steps.first(where: { $0.carrier.dot == dot }) else { return false }
      return steps.allSatisfy { earlier in
        guard let leaf = earlier.carrier.leaf, leaf < step.contextSize else { return true }
        return clock.contains(earlier.carrier.dot)
      }
    }
  }

  /// Whether `clock` is nowhere behind `prefix`, and ahead of it by one person's changes at most.
  private func isShown(
    _ clock: VectorClock, on prefix: VectorClock, _ membership: MembershipState
  ) -> Bool {
    let ahead = clock.entries.filter { !prefix.contains($0) }
    let people = Set(ahead.map { membership.replica($0.replica)?.member ?? $0.replica.bytes })
    return people.count <= 1
  }
}

extension LogReader {
  /// The logged changes that touched a record, in the log's order; an index scan.
  func trace(of record: RecordID) throws -> RecordTrace {
    var trace = RecordTrace(record)
    let logged = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT change.* FROM record_change JOIN change USING (replica, counter)
          WHERE record = ? ORDER BY record_change.leaf, counter
          """), arguments: [record.blob])
    while let row = try logged.next()?.sealed(in: "change") {
      let carrier = Carrier(try row.dot(), .leaf(try row.size("leaf")))
      trace.append(carrier, contextSize: try row.size("context_size"))
    }
    return trace
  }
}

extension WorkspaceReader {
  package func trace(of record: RecordID) throws -> RecordTrace {
    var trace = try log.trace(of: record)
    let known = Set(trace.carriers.map(\.dot))
    let pending = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT pending.* FROM pending_record_change JOIN pending USING (sequence)
          WHERE record = ? ORDER BY sequence
          """), arguments: [record.blob])
    while let row = try pending.next()?.sealed(in: "pending") {
      let dot = try row.dot()
      guard !known.contains(dot) else { continue }
      trace.append(Carrier(dot, .pending), contextSize: try row.size("context_size"))
    }
    return trace
  }
}

extension Row {
  /// The dot in the columns `replica` and `counter`.
  func dot() throws(StoreFailure) -> Dot {
    guard let replica = ReplicaID(try bytes("replica")) else {
      throw .corrupt("a replica's id has a wrong length")
    }
    return Dot(replica, Counter(try size("counter")))
  }
}
