import Glibc
import SimulationKit

/// An SQLite file, changed behind the programs' backs.
enum SQLiteFile {
  /// Executes SQL on a file.
  static func execute(_ sql: String, in path: String) throws {
    try whileOpen(path, executing: sql) {}
  }

  /// Runs `body` while the file is open and read, so that nobody who closes it moves its WAL into it.
  static func whileOpen(_ path: String, _ body: () throws -> Void) throws {
    try whileOpen(path, executing: "BEGIN; SELECT COUNT(*) FROM sqlite_master", body)
  }

  /// The library that the programs use is looked up by name: here it is no package's.
  private static func whileOpen(
    _ path: String, executing sql: String, _ body: () throws -> Void
  ) throws {
    guard let library = dlopen("libsqlite3.so.0", RTLD_NOW),
      let open = dlsym(library, "sqlite3_open"), let execute = dlsym(library, "sqlite3_exec"),
      let close = dlsym(library, "sqlite3_close")
    else { throw ProcessFailure("there is no libsqlite3") }
    let opened = unsafeBitCast(
      open,
      to: (@convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> Int32)
        .self)
    let executed = unsafeBitCast(
      execute,
      to: (@convention(c) (
        OpaquePointer?, UnsafePointer<CChar>, OpaquePointer?, OpaquePointer?, OpaquePointer?
      ) -> Int32).self)
    let closed = unsafeBitCast(close, to: (@convention(c) (OpaquePointer?) -> Int32).self)
    var database: OpaquePointer?
    defer { _ = closed(database) }
    let code = opened(path, &database)
    guard code == 0 else { throw ProcessFailure("cannot open \(path): \(code)") }
    let result = executed(database, sql, nil, nil, nil)
    guard result == 0 else { throw ProcessFailure("\(sql) fails with \(result)") }
    try body()
  }

  /// SQL that makes the last byte of a blob another one.
  static func alteringLastByte(of column: String, in table: String, where row: String) -> String {
    let rest = "substr(\(column), 1, length(\(column)) - 1)"
    let byte = "CASE substr(\(column), -1) WHEN x'20' THEN x'21' ELSE x'20' END"
    return "UPDATE \(table) SET \(column) = CAST(\(rest) || \(byte) AS BLOB) WHERE \(row)"
  }

  /// SQL that makes some letters of the newest checkpoint's signature others.
  static let alteringCheckpoint = """
    UPDATE checkpoint SET note = CAST(
      substr(note, 1, length(note) - 12) ||
      CASE substr(note, -12, 4) WHEN x'41414141' THEN x'42424242' ELSE x'41414141' END ||
      substr(note, -8) AS BLOB)
    WHERE tree_size = (SELECT max(tree_size) FROM checkpoint)
    """
}
