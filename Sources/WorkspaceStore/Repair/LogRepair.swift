import FoundationEssentials
import GRDB
import MergeCore
package import TransparencyLog

extension LogDatabase {
  /// Makes everything beside leaves, batches and notes anew: for the file of a server, whose key is
  /// known from its own file.
  ///
  /// Other processes that write wait, and go on with the repaired file. Throws ``RepairRefusal``; then
  /// the file is as it was.
  package func repairLog(
    logKey: VerifierKey, progress: (UInt64) -> Void = { _ in }
  ) throws -> RepairOutcome {
    var outcome = RepairOutcome()
    try replaceContent { old, fresh in
      outcome.leaves = try LogRebuild(of: old, logKey: logKey)
        .run(into: fresh, progress: progress).treeSize
      outcome.losses += try RowCopy(old: old, fresh: fresh).copyOthers(handled: [])
    }
    return outcome
  }

  /// Replaces the whole file by what `build` makes of it in a fresh one, in one step, while nobody
  /// writes; what it throws leaves the file as it is.
  func replaceContent(_ build: (_ old: Database, _ fresh: Database) throws -> Void) throws {
    let folder = try PrivateFolder(for: "repair", bytes: byteCount)
    defer { folder.remove() }
    let fresh = try DatabaseQueue(path: folder.path + "/repaired.sqlite")
    try migrator.migrate(fresh)
    try exclusively { (queue: DatabaseQueue) in
      try queue.writeWithoutTransaction { old in
        try fresh.writeWithoutTransaction { new in
          try new.inTransaction {
            try build(old, new)
            return .commit
          }
          try new.backup(to: old)
        }
      }
    }
    try fresh.close()
  }
}

/// Copies rows that nothing else says from an old file to a fresh one.
struct RowCopy {
  let old: Database
  let fresh: Database

  /// The rows of a table that can be read, in the order of its key; those after damage are left out.
  func rows(of table: String) throws -> (rows: [Row], isWhole: Bool) {
    var rows: [Row] = []
    do {
      let key = try fresh.primaryKey(table).columns.joined(separator: ", ")
      let cursor = try Row.fetchCursor(old, sql: "SELECT * FROM \(table) ORDER BY \(key)")
      while let row = try cursor.next() { rows.append(row.copy()) }
      return (rows, true)
    } catch {
      guard case .corrupt = StoreFailure(error) else { throw error }
      return (rows, false)
    }
  }

  /// Copies the tables that are neither the log's nor `handled`; returns what could not be kept.
  func copyOthers(handled: Set<String>) throws -> [String] {
    let names = try String.fetchAll(
      fresh,
      sql: """
        SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
          AND name <> 'grdb_migrations' ORDER BY name
        """)
    let logs = try LogSchema.tableNames()
    return try names.filter { !logs.contains($0) && !handled.contains($0) }
      .compactMap { try copy($0) }
  }

  /// Copies the rows of a table that are as they were written; returns what could not be kept.
  func copy(_ table: String) throws -> String? {
    let (rows, isWhole) = try rows(of: table)
    let hasSeal = try fresh.columns(in: table).last?.name == Seal.column
    let kept = rows.filter { !hasSeal || $0.isSealed(in: table) }
    for row in kept { try insert(row, into: table) }
    if kept.count == rows.count, isWhole { return nil }
    return isWhole
      ? "\(rows.count - kept.count) of \(rows.count) rows of \(table) were damaged and are left out"
      : "\(table) could not be read to its end; \(kept.count) of its rows are kept"
  }

  func insert(_ row: Row, into table: String) throws {
    let places = repeatElement("?", count: row.count).joined(separator: ", ")
    try fresh.cachedStatement(sql: "INSERT OR REPLACE INTO \(table) VALUES (\(places))")
      .execute(arguments: StatementArguments(row.databaseValues))
  }
}
