import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// Where two logs' files differ: the first row of a table that follows from leaves and batches.
package struct LogDifference: Sendable {
  /// The table's name in the file.
  package var table: String
  /// The first column that differs; nil where one of the two has no such row.
  package var column: String?
  /// The leaf that the row is of; nil for a table whose rows are of none.
  package var leaf: UInt64?
  /// The record that the row is of, encoded.
  package var record: [UInt8]?
}

extension LogReader {
  /// The first difference of this log's file from `other`'s, which has been made by replaying the
  /// same leaves; nil when every column of every row is equal.
  ///
  /// Tables and columns are those that `other` has, so that none can be forgotten; left out are those of
  /// ``TableCoverage``, which do not follow from the leaves alone. Linear, and holds one row of each.
  package func firstDifference(from other: LogReader) throws -> LogDifference? {
    for table in try other.db.derivedTables() {
      if let difference = try firstDifference(from: other, in: table) { return difference }
    }
    return nil
  }

  private func firstDifference(from other: LogReader, in table: DerivedTable) throws
    -> LogDifference?
  {
    let mine = try Row.fetchCursor(db, sql: table.rows)
    let theirs = try Row.fetchCursor(other.db, sql: table.rows)
    while true {
      let left = try mine.next()
      let right = try theirs.next()
      guard let left, let right else {
        return (left ?? right).map { table.difference(at: $0) }
      }
      if left == right { continue }
      if table.key.contains(where: { left[$0] as DatabaseValue != right[$0] as DatabaseValue }) {
        return table.difference(at: table.isBefore(left, right) ? left : right)
      }
      let column = zip(left, right).first { $0.1 != $1.1 }?.1.0
      return table.difference(at: right, in: column)
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

/// A table that follows from a log's leaves and batches alone.
private struct DerivedTable {
  let name: String
  let key: [String]

  var rows: String { "SELECT * FROM \(name) ORDER BY \(key.joined(separator: ", "))" }

  func difference(at row: Row, in column: String? = nil) -> LogDifference {
    let place = row.hasColumn("leaf") ? "leaf" : name == "leaf" ? "position" : nil
    let record = row.hasColumn("record") ? "record" : name == "record" ? "id" : nil
    return LogDifference(
      table: name, column: column, leaf: place.flatMap { try? row.size($0) },
      record: record.flatMap { try? row.bytes($0) })
  }

  /// Whether a row comes first in the key's order, which is bytes' and numbers'.
  func isBefore(_ row: Row, _ other: Row) -> Bool {
    for column in key {
      let (left, right) = (row[column] as DatabaseValue, other[column] as DatabaseValue)
      if left == right { continue }
      switch (left.storage, right.storage) {
      case (.int64(let left), .int64(let right)): return left < right
      case (.blob(let left), .blob(let right)): return left.lexicographicallyPrecedes(right)
      default: return false
      }
    }
    return false
  }
}

extension Database {
  /// The log's tables that follow from leaves and batches.
  fileprivate func derivedTables() throws -> [DerivedTable] {
    let names = try String.fetchAll(
      self,
      sql: """
        SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
        ORDER BY name
        """)
    let logs = try LogSchema.tableNames()
    return try names.filter { logs.contains($0) && TableCoverage.checkedOtherwise[$0] == nil }
      .map { DerivedTable(name: $0, key: try primaryKey($0).columns) }
  }
}
