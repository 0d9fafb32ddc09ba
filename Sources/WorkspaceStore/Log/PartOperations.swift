import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

// What undoing reads of a log.

extension LogReader {
  package func carriers(of identity: ChangeIdentity) throws -> [Carrier] {
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT replica, counter, leaf FROM change
          WHERE origin_replica = ? AND origin_counter = ? AND origin_chain = ?
          ORDER BY leaf, counter
          """),
      arguments: [
        identity.origin.replica.blob, Int64(identity.origin.counter.rawValue),
        identity.chainHash.blob,
      ])
    var carriers: [Carrier] = []
    while let row = try rows.next() {
      carriers.append(Carrier(try row.dot(), .leaf(try row.size("leaf"))))
    }
    return carriers
  }

  package func partOperations(on record: RecordID, _ part: RecordPart, countMax: Int) throws
    -> [PartOperation]
  {
    let rows = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT * FROM part_operation WHERE record = ? AND field = ?
          ORDER BY leaf DESC, counter DESC, ordinal DESC LIMIT ?
          """), arguments: [record.blob, part.number, countMax])
    return try rows.map { try operation($0, of: part) }
  }

  private func operation(_ row: Row, of part: RecordPart) throws -> PartOperation {
    let dot = try row.sealed(in: "part_operation").dot()
    var own = membership.lineage(of: dot.replica)
    own.include(Dot(dot.replica, Counter(dot.counter.rawValue - 1)))
    let operation = try PartOperation(
      stored: row.bytes("bytes"), of: part, own: own, carriers: carriers(of:))
    guard let operation else {
      throw StoreFailure.corrupt("what change \(dot) took away does not decode")
    }
    return operation
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
