import FoundationEssentials
import GRDB
import Glibc
import MergeCore
package import TransparencyLog

extension LogDatabase {
  /// Makes everything beside leaves, batches and notes anew: for the file of a server, whose key is
  /// known from its own file.
  ///
  /// Other processes that write wait, as long as they have patience, and go on with the repaired file.
  /// Throws ``RepairRefusal``; then the file is as it was.
  package func repairLog(
    logKey: VerifierKey, progress: (UInt64) -> Void = { _ in }
  ) throws -> RepairOutcome {
    var outcome = RepairOutcome()
    let kept = try replaceContent { old, fresh in
      outcome = RepairOutcome()
      let rebuild = LogRebuild(of: old, logKey: logKey)
      try rebuild.checkKey()
      outcome.leaves = try rebuild.run(into: fresh, progress: progress).treeSize
      let copy = RowCopy(old: old, fresh: fresh)
      // A nonce that was damaged is settled with the machine's record of the log.
      if try fresh.tableExists("served") { _ = try copy.copy("served") }
      outcome.losses = try copy.copyOthers(handled: ["served"])
    }
    outcome.keptFile = kept
    return outcome
  }

  /// Replaces the whole file by what `build` makes of it in a fresh one, in one step, and returns where
  /// the old one is kept; what it throws leaves the file as it is.
  ///
  /// Others may write while the fresh file is built, which takes as long as the log is long. Where one
  /// did, it is built once more while they wait.
  ///
  /// Takes room for three more files of its size: the fresh one in the folder for temporary files, and
  /// beside the old one its copy and, until that is emptied, the WAL, through which the pages go.
  func replaceContent(
    _ build: (_ old: Database, _ fresh: Database) throws -> Void
  ) throws -> String {
    let folder = try PrivateFolder(for: "repair", bytes: byteCount)
    defer { folder.remove() }
    var built: FreshFile?
    let before = try writes()
    do {
      try read { built = try FreshFile(in: folder, migrator, of: $0, build) }
    } catch let refusal as RepairRefusal {
      throw refusal
    } catch {
      // A damaged file may fail in a transaction, or at its end, and yet be read without one.
    }
    var kept = ""
    try exclusively { (queue: DatabaseQueue) in
      try queue.writeWithoutTransaction { old in
        if try old.writes() != before { built = nil }
        let fresh = try built ?? FreshFile(in: folder, migrator, of: old, build)
        kept = try replace(old, by: fresh)
        try fresh.queue.close()
      }
    }
    do {
      try emptyWAL()
    } catch {
      // The repaired file is there, and its WAL is as large until somebody empties it.
    }
    return kept
  }

  /// Something that differs once anybody has written to the file.
  private func writes() throws -> [Int] {
    var writes: [Int] = []
    try exclusively { (queue: DatabaseQueue) in
      writes = try queue.writeWithoutTransaction { try $0.writes() }
    }
    return writes
  }

  private func replace(_ old: Database, by fresh: FreshFile) throws -> String {
    let path = try keep(old)
    do {
      try fresh.queue.writeWithoutTransaction { try $0.backup(to: old) }
    } catch {
      unlink(path)
      throw error
    }
    return path
  }

  /// Copies the damaged file, page by page as it is, to the first free name beside it.
  private func keep(_ old: Database) throws -> String {
    var number = 1
    var path = self.path + ".damaged"
    while try !makeFile(path) {
      number += 1
      path = "\(self.path).damaged-\(number)"
    }
    do {
      let copy = try DatabaseQueue(path: path)
      try copy.writeWithoutTransaction { try old.backup(to: $0) }
      try copy.close()
      try DurableFile.flush(path)
      try DurableFile.flushFolder(of: path)
    } catch {
      unlink(path)
      throw StoreFailure(error)
    }
    return path
  }
}

/// What a file is made anew as, beside it.
private struct FreshFile {
  let queue: DatabaseQueue

  init(
    in folder: PrivateFolder, _ migrator: DatabaseMigrator, of old: Database,
    _ build: (_ old: Database, _ fresh: Database) throws -> Void
  ) throws {
    let path = folder.path + "/repaired.sqlite"
    unlink(path)
    queue = try DatabaseQueue(path: path)
    try migrator.migrate(queue)
    try queue.write { try build(old, $0) }
  }
}

extension Database {
  /// Changes of other connections, and of this one.
  fileprivate func writes() throws -> [Int] {
    [try Int.fetchOne(self, sql: "PRAGMA data_version") ?? 0, totalChangesCount]
  }
}

/// Copies rows that nothing else says from an old file to a fresh one.
struct RowCopy {
  let old: Database
  let fresh: Database

  /// The rows of a table that can be read, in the order of its key; those after damage are left out.
  func rows(of table: String) throws -> (rows: [Row], isWhole: Bool) {
    var rows: [Row] = []
    let isWhole = try forEachRow(of: table) { rows.append($0.copy()) }
    return (rows, isWhole)
  }

  /// The same, one by one; returns whether that was all.
  private func forEachRow(of table: String, _ body: (Row) throws -> Void) throws -> Bool {
    do {
      let key = try fresh.primaryKey(table).columns.joined(separator: ", ")
      let cursor = try Row.fetchCursor(old, sql: "SELECT * FROM \(table) ORDER BY \(key)")
      while let row = try cursor.next() { try body(row) }
      return true
    } catch {
      guard case .corrupt = StoreFailure(error) else { throw error }
      return false
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
    let hasSeal = try fresh.columns(in: table).last?.name == Seal.columnName
    var (found, kept) = (0, 0)
    let isWhole = try forEachRow(of: table) { row in
      found += 1
      guard !hasSeal || row.isSealed(in: table) else { return }
      try insert(row, into: table)
      kept += 1
    }
    if kept == found, isWhole { return nil }
    let what = Self.words[table] ?? table
    return isWhole
      ? "\(what): \(found - kept) of \(found) were damaged and are left out"
      : "\(what): they could not be read to the end; \(kept) are kept"
  }

  /// What a table holds, in words; one that is not here is called by its name.
  private static let words = [
    "alias": "ids of scripts", "evidence": "kept evidence",
    "held_leaf": "leaves kept for the server", "listed_conflict": "conflicts as last listed",
    "mail": "batches carried for others", "news": "the store's messages",
    "quarantine": "refused changes", "renamed_dot": "names of changes brought again",
    "shown_note": "notes over more leaves", "staged_leaf": "leaves brought back by their holders",
  ]

  func insert(_ row: Row, into table: String) throws {
    let places = repeatElement("?", count: row.count).joined(separator: ", ")
    try fresh.cachedStatement(sql: "INSERT OR REPLACE INTO \(table) VALUES (\(places))")
      .execute(arguments: StatementArguments(row.databaseValues))
  }
}
