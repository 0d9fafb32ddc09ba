import GRDB

/// One thing altered in an SQLite file behind the programs' backs.
package struct TableDamage: CustomStringConvertible, Sendable {
  /// The table that is altered, or where something was added.
  package var table: String
  /// The column that is altered; nil where rows are gone, or something was added.
  package var column: String?
  /// What is altered, for messages and to be found by.
  package var description: String
  /// Whether it is in a table's first row, where others are in the last or in all.
  package var isFirstRow = false
  fileprivate var sql: String

  /// Every column of every table of a file, in its first row and in its last; each table without its
  /// last row, and empty; and things that no program makes.
  ///
  /// Read from the file itself, so that a table or column that is new is among them.
  package static func all(in path: String) throws -> [TableDamage] {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    return try queue.read { db in
      let tables = try String.fetchAll(
        db,
        sql: """
          SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
            AND name <> 'grdb_migrations' ORDER BY name
          """)
      return try tables.flatMap { try damages(of: $0, db) } + planted
    }
  }

  /// Another last byte of a column, in the rows that a condition in SQL names.
  package init(altering column: String, of table: String, where condition: String) {
    self.init(
      table: table, column: column, description: "\(table).\(column)",
      sql: "UPDATE \(table) SET \(column) = \(Self.altering(column, "BLOB")) WHERE \(condition)")
  }

  private init(
    table: String, column: String? = nil, description: String, isFirstRow: Bool = false,
    sql: String
  ) {
    self.isFirstRow = isFirstRow
    self.table = table
    self.column = column
    self.description = description
    self.sql = sql
  }

  private static let planted = [
    TableDamage(
      table: "record", description: "a planted trigger",
      sql: "CREATE TRIGGER planted AFTER INSERT ON record BEGIN DELETE FROM change; END"),
    TableDamage(
      table: "record", description: "a planted view", sql: "CREATE VIEW planted AS SELECT 1"),
    TableDamage(
      table: "record", description: "an index that is gone", sql: "DROP INDEX record_by_kind"),
    TableDamage(table: "planted", description: "a table more", sql: "CREATE TABLE planted (a)"),
  ]

  private static func damages(of table: String, _ db: Database) throws -> [TableDamage] {
    guard try Int.fetchOne(db, sql: "SELECT 1 FROM \(table) LIMIT 1") != nil else { return [] }
    let key = try db.primaryKey(table).columns
    func row(_ order: String) -> String {
      let columns = key.joined(separator: ", ")
      let sorted = key.map { "\($0) \(order)" }.joined(separator: ", ")
      return "(\(columns)) = (SELECT \(columns) FROM \(table) ORDER BY \(sorted) LIMIT 1)"
    }
    let altered = try db.columns(in: table).flatMap { column in
      [("first", "ASC"), ("last", "DESC")].map { name, order in
        TableDamage(
          table: table, column: column.name,
          description: "\(table).\(column.name) in the \(name) row", isFirstRow: order == "ASC",
          sql: """
            UPDATE \(table) SET \(column.name) = \(altering(column.name, column.type))
            WHERE \(row(order))
            """)
      }
    }
    return altered + [
      TableDamage(
        table: table, description: "\(table) without its last row",
        sql: "DELETE FROM \(table) WHERE \(row("DESC"))"),
      TableDamage(table: table, description: "\(table) emptied", sql: "DELETE FROM \(table)"),
    ]
  }

  private static func altering(_ column: String, _ type: String) -> String {
    switch type {
    case "INTEGER": "COALESCE(\(column), 0) + 1"
    case "TEXT": "COALESCE(\(column), '') || 'x'"
    default:
      """
      CAST(COALESCE(substr(\(column), 1, length(\(column)) - 1), x'') ||
        CASE substr(\(column), -1) WHEN x'20' THEN x'21' ELSE x'20' END AS BLOB)
      """
    }
  }

  /// Alters a file, references that break included; false where the file's own constraints refuse it.
  package func apply(to path: String) throws -> Bool {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    defer { try? queue.close() }
    do {
      try queue.write { try $0.execute(sql: sql) }
      return true
    } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
      return false
    }
  }

  /// Copies an SQLite file with all that its WAL holds.
  package static func copy(_ path: String, to target: String) throws {
    let queue = try DatabaseQueue(path: path)
    defer { try? queue.close() }
    try queue.vacuum(into: target)
  }
}
