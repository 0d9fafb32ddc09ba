import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// The tables that follow from a log's leaves and batches alone, beside records and tree hashes.
package enum DerivedTable: CaseIterable, Sendable {
  /// Who made a leaf, and which changes it takes in.
  case leaf
  /// The chain hash, identity and place of each change.
  case change
  /// Which changes touched which record.
  case recordChange
  /// What each change took away, for those who undo.
  case partOperation

  fileprivate var rows: String {
    switch self {
    case .leaf:
      "SELECT position AS place, replica, first, last, is_act, went_back FROM leaf ORDER BY position"
    case .change:
      "SELECT leaf AS place, change.* FROM change ORDER BY replica, counter"
    case .recordChange:
      "SELECT leaf AS place, record_change.* FROM record_change ORDER BY record, leaf, counter"
    case .partOperation:
      """
      SELECT leaf AS place, part_operation.* FROM part_operation
      ORDER BY record, field, leaf, counter, ordinal
      """
    }
  }
}

extension DerivedTable {
  /// The columns that order the rows: blobs by their bytes, numbers by value.
  fileprivate var key: [String] {
    switch self {
    case .leaf: ["place"]
    case .change: ["replica", "counter"]
    case .recordChange: ["record", "leaf", "counter"]
    case .partOperation: ["record", "field", "leaf", "counter", "ordinal"]
    }
  }

  /// Whether a row stands before another, so that whoever has it has one more than the other.
  fileprivate func precedes(_ left: Row, _ right: Row) throws -> Bool {
    for column in key {
      if left[column] as DatabaseValue == right[column] as DatabaseValue { continue }
      if let one = Data.fromDatabaseValue(left[column]),
        let other = Data.fromDatabaseValue(right[column])
      {
        return one.lexicographicallyPrecedes(other)
      }
      return try left.number(column) < right.number(column)
    }
    return false
  }
}

extension LogReader {
  /// The leaf of the first row in which a table differs from that of `other`; nil when all are equal.
  ///
  /// Linear, and holds one row of each.
  package func firstDifference(from other: LogReader, in table: DerivedTable) throws -> UInt64? {
    let mine = try Row.fetchCursor(db, sql: table.rows)
    let theirs = try Row.fetchCursor(other.db, sql: table.rows)
    while true {
      let left = try mine.next()
      let right = try theirs.next()
      if left == right {
        if left == nil { return nil }
        continue
      }
      guard let left, let right else { return try (left ?? right)?.size("place") }
      return try (table.precedes(left, right) ? left : right).size("place")
    }
  }

  /// The first kept value whose bytes are not those of its hash; nil when all are.
  ///
  /// Linear in the bytes, of which it holds one value.
  package func firstAlteredContent() throws -> Digest256? {
    let rows = try Row.fetchCursor(db, sql: "SELECT value, bytes FROM content ORDER BY value")
    while let row = try rows.next() {
      guard let value = Digest256(try row.bytes("value")) else {
        throw StoreFailure.corrupt("a value's hash has a wrong length")
      }
      if DomainHash.plain(try row.bytes("bytes")) != value { return value }
    }
    return nil
  }

  /// The first value that `other` keeps and this log does not; nil when it has all.
  package func firstMissingContent(of other: LogReader) throws -> Digest256? {
    let values = try Data.fetchCursor(other.db, sql: "SELECT value FROM content ORDER BY value")
    let statement = try db.cachedStatement(sql: "SELECT 1 FROM content WHERE value = ?")
    while let value = try values.next() {
      if try Int.fetchOne(statement, arguments: [value]) == nil { return Digest256(value) }
    }
    return nil
  }
}
