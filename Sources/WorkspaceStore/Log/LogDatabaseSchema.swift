package import GRDB

extension LogDatabase {
  /// What tables, indexes, triggers and views the file has otherwise than this version makes them;
  /// nil when all are as they should be.
  package func schemaProblem(in db: Database) throws -> String? {
    let fresh = try DatabaseQueue()
    try migrator.migrate(fresh)
    let wanted = try fresh.read { try $0.schemaObjects() }
    let found = try db.schemaObjects()
    for (name, object) in found.sorted(by: { $0.key < $1.key }) where wanted[name] != object {
      return wanted[name] == nil
        ? "the file has a \(object.type) \(name), which this program did not make"
        : "the \(object.type) \(name) is not as this program makes it"
    }
    return wanted.keys.sorted().first { found[$0] == nil }.map { "\($0) is missing" }
  }
}

/// A table, index, trigger or view, as the file describes it.
private struct SchemaObject: Equatable {
  var type: String
  var table: String
  var sql: String?
}

extension Database {
  fileprivate func schemaObjects() throws -> [String: SchemaObject] {
    var objects: [String: SchemaObject] = [:]
    for row in try Row.fetchAll(self, sql: "SELECT type, name, tbl_name, sql FROM sqlite_master") {
      objects[try row.text("name")] = SchemaObject(
        type: try row.text("type"), table: try row.text("tbl_name"),
        sql: try row.optionalText("sql"))
    }
    return objects
  }

  /// Refuses to write a file that would do things by itself.
  func checkNothingActs() throws {
    let planted = try String.fetchOne(
      cachedStatement(
        sql: "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view') LIMIT 1"))
    guard let planted else { return }
    throw StoreFailure.corrupt("the file has a trigger or view, \(planted), that somebody planted")
  }
}
