import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// Every change that touched one record: those of the log in its order, then one's own pending ones.
package struct RecordTrace: Sendable {
  package let record: RecordID
  package let carriers: [Carrier]

  /// The record's clock as of what `coverage` covers.
  func clock(coveredBy coverage: Coverage) -> VectorClock {
    VectorClock(carriers.filter { coverage.covers([$0]) }.map(\.dot))
  }

  /// Whether the record had this clock in some store at some time.
  ///
  /// A store shows a prefix of the log and the work of its own analyst beyond it (ruling 1). So a
  /// clock was shown when it is that of some prefix, except that one person's changes may go
  /// further; and each of its dots is a change of this record.
  func hadClock(_ clock: VectorClock, membership: MembershipState) -> Bool {
    let dots = Set(carriers.map(\.dot))
    guard !clock.isEmpty, clock.entries.allSatisfy({ dots.contains($0) }) else { return false }
    var prefix = VectorClock()
    if isShown(clock, on: prefix, membership) { return true }
    for carrier in carriers {
      prefix.include(carrier.dot)
      guard prefix.entries.allSatisfy({ clock.contains($0) }) else { return false }
      if isShown(clock, on: prefix, membership) { return true }
    }
    return false
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

extension WorkspaceReader {
  /// The changes that touched a record; an index scan.
  package func trace(of record: RecordID) throws -> RecordTrace {
    var carriers: [Carrier] = []
    let logged = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT replica, counter, leaf FROM record_change WHERE record = ?
          ORDER BY leaf, counter
          """), arguments: [record.blob])
    while let row = try logged.next() {
      carriers.append(Carrier(try row.dot(), .leaf(try row.size("leaf"))))
    }
    let known = Set(carriers.map(\.dot))
    let pending = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT replica, counter FROM pending_record_change JOIN pending USING (sequence)
          WHERE record = ? ORDER BY sequence
          """), arguments: [record.blob])
    while let row = try pending.next() {
      let dot = try row.dot()
      if !known.contains(dot) { carriers.append(Carrier(dot, .pending)) }
    }
    return RecordTrace(record: record, carriers: carriers)
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
