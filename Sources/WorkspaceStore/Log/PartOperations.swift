import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

// What undoing reads of a log.

extension LogReader {
  package func carriers(of identity: ChangeIdentity) throws -> [Carrier] {
    try carriers(of: identity, countMax: .max)
  }

  private func carriers(of identity: ChangeIdentity, countMax: Int64) throws -> [Carrier] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT * FROM change
          WHERE origin_replica = ? AND origin_counter = ? AND origin_chain = ?
          ORDER BY leaf, counter LIMIT ?
          """),
      arguments: [
        identity.origin.replica.blob, Int64(identity.origin.counter.rawValue),
        identity.chainHash.blob, countMax,
      ])
    var carriers: [Carrier] = []
    while let row = try rows.next()?.sealed(in: "change") {
      carriers.append(Carrier(try row.dot(), .leaf(try row.size("leaf"))))
    }
    return carriers
  }

  package func partOperations(on record: RecordID, _ part: RecordPart, dotsMax: Int) throws
    -> [PartOperation]
  {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT * FROM part_operation
          WHERE record = ? AND field = ? ORDER BY leaf, counter, ordinal
          """), arguments: [record.blob, part.number])
    let successions = membership.successions
    var lineages: [ReplicaID: VersionVector] = [:]
    var carriers: [ChangeIdentity: [Carrier]] = [:]
    var operations: [PartOperation] = []
    var dots = 0
    while dots <= dotsMax, let row = try rows.next()?.sealed(in: "part_operation") {
      let dot = try row.dot()
      var own =
        lineages[dot.replica]
        ?? MembershipState.lineage(of: dot.replica) { successions[$0] }
      lineages[dot.replica] = own
      own.include(Dot(dot.replica, Counter(dot.counter.rawValue - 1)))
      let operation = try PartOperation(
        stored: row.bytes("bytes"), of: part, place: Int(row.number("ordinal")), own: own
      ) { change in
        if let known = carriers[change] { return known }
        // One more than may be named is as good as all.
        let found = try self.carriers(of: change, countMax: Int64(min(dotsMax, .max - 1)) + 1)
        carriers[change] = found
        return found
      }
      guard let operation else {
        throw StoreFailure.corrupt("what change \(dot) took away does not decode")
      }
      dots += operation.dotCount
      operations.append(operation)
    }
    return operations
  }
}

extension RecordPart {
  /// A field's number; 0 is the lifecycle.
  var number: Int64 {
    switch self {
    case .field(let field): Int64(field.rawValue)
    case .lifecycle: 0
    }
  }
}
