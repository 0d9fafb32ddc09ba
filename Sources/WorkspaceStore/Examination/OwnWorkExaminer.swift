import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol

/// Checks the store's own replicas, and the changes that the log does not have yet.
struct OwnWorkExaminer {
  let db: Database

  /// Two that began it would be of two workspaces.
  func lineage() throws -> String? {
    var earlier = Set<ReplicaID>()
    for replica in try OwnReplica.all(db) {
      let isFounded = earlier.isEmpty && replica.succession == nil
      guard isFounded || replica.succession.map({ earlier.contains($0.predecessor) }) == true else {
        return "replica \(replica.id.hex.prefix(8)) does not continue one of this store's"
      }
      earlier.insert(replica.id)
    }
    return earlier.isEmpty ? "the store has no replica of its own" : nil
  }

  func chains() throws -> String? {
    let log = try LogReader(db)
    let own = Dictionary(
      uniqueKeysWithValues: try OwnReplica.all(db).map { ($0.id, $0.succession) })
    var ends: [ReplicaID: Digest256] = [:]
    var context = SignedContext.empty
    for row in try PendingChanges(db).rows() {
      guard let succession = own[row.dot.replica] else {
        return "change \(row.dot) is of none of this store's replicas"
      }
      if row.dot.counter == 1, let succession {
        let end = Dot(succession.predecessor, succession.counter)
        guard try PendingChanges(db).chainHash(at: end, log) == succession.chain else {
          return "change \(end), which \(row.dot) continues, is neither here nor in the log"
        }
      }
      if row.context != context { _ = try log.signedNote(of: row.context) }
      context = row.context
      let before = Dot(row.dot.replica, Counter(row.dot.counter.rawValue - 1))
      let expected =
        try ends[row.dot.replica]
        ?? (before.counter == 0 ? .zero : log.chainHash(at: before))
      guard expected == row.previous, (try? row.received()) != nil else {
        return "change \(row.dot) does not follow the one before it"
      }
      ends[row.dot.replica] = row.chain
    }
    return nil
  }

  /// Every column of the overlay, and which changes it says are on which record.
  func overlay() throws -> String? {
    let log = try LogReader(db)
    let pending = PendingChanges(db)
    let rows = try pending.rows()
    var total = Digest256.zero
    var expected = Set<[DatabaseValue]>()
    for (record, state) in try pending.fold(rows, on: log) {
      let delta = try pending.delta(of: state, of: record, on: log)
      total = total &+ delta
      expected.insert(pending.overlay(state, of: record, delta).map { $0?.databaseValue ?? .null })
    }
    let found = try Row.fetchAll(db, sql: "SELECT * FROM pending_record ORDER BY id")
    for row in found where !expected.contains(Array(row.databaseValues.dropLast())) {
      let record = try row.record("id")
      return "record …\(hexText(record.bytes.suffix(4))) is not what its changes make of it"
    }
    guard found.count == expected.count else {
      return "\(found.count) records have pending states, not \(expected.count)"
    }
    guard try pending.totalDelta() == total else { return "the sum of the pending changes differs" }
    return try touches(of: rows)
  }

  private func touches(of rows: [PendingRow]) throws -> String? {
    let pending = PendingChanges(db)
    var expected = Set<[DatabaseValue]>()
    for row in rows {
      for record in try pending.decode(row).records {
        expected.insert([record.blob.databaseValue, row.sequence.databaseValue])
      }
    }
    let found = try Row.fetchAll(db, sql: "SELECT * FROM pending_record_change")
    return Set(found.map { Array($0.databaseValues) }) == expected
      ? nil : "which pending changes are on which records is not what they say"
  }
}
