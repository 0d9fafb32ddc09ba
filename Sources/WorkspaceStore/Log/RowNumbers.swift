import FoundationEssentials
import GRDB

// The numbers of rows that are never given twice: SQLite remembers the largest in `sqlite_sequence`, which
// has no seal.

/// What a row's number may be.
enum RowNumber {
  /// More than rows are ever made; a larger one was written by somebody else.
  static let max: Int64 = 1 << 53
}

extension Database {
  /// The key of the next row of a table whose first column numbers its rows.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` where the numbers in use cannot be this program's.
  func nextNumber(of column: String, in table: String) throws -> Int64 {
    let row = try Row.fetchOne(
      cachedStatement(
        sql: """
          SELECT MAX(COALESCE((SELECT MAX(\(column)) FROM \(table)), 0),
            COALESCE((SELECT seq FROM sqlite_sequence WHERE name = ?), 0)) AS used
          """), arguments: [table])
    let used = try row?.number("used") ?? 0
    guard used < RowNumber.max else {
      throw StoreFailure.corrupt("the rows of \(table) are numbered up to \(used)")
    }
    return used + 1
  }

  /// What of `sqlite_sequence` is not as SQLite keeps it; nil when all is.
  func rowNumberProblem() throws -> String? {
    let tables = try String.fetchAll(
      self,
      sql: """
        SELECT name FROM sqlite_master
        WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%' ORDER BY name
        """)
    guard !tables.isEmpty else { return nil }
    let rows = try Row.fetchAll(self, sql: "SELECT name, seq FROM sqlite_sequence ORDER BY name")
    var remembered: [String: Int64] = [:]
    for row in rows {
      let table = try row.text("name")
      guard tables.contains(table), remembered[table] == nil else {
        return "sqlite_sequence has a row \(table) that SQLite did not make"
      }
      remembered[table] = try row.number("seq")
    }
    for table in tables {
      let largest = try Int64.fetchOne(self, sql: "SELECT MAX(rowid) FROM \(table)") ?? 0
      let number = remembered[table] ?? 0
      guard number >= largest, number < RowNumber.max else {
        return "rows of \(table) have numbers up to \(largest), and sqlite_sequence says \(number)"
      }
    }
    return nil
  }
}
