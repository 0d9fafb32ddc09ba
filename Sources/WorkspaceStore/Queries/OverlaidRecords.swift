import GRDB
import MergeCore

extension WorkspaceReader {
  /// The records that a condition names, with one's own pending changes, ascending by id.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` for a row that is not as it was written.
  ///
  /// - Parameter condition: SQL over `kind`, `is_deleted` and `conflicts`.
  func overlaidRecords(
    where condition: String, _ arguments: StatementArguments = [:]
  ) throws -> [(id: RecordID, state: RecordState)] {
    // Both tables have as many columns; what the first names is the second's at the same place.
    let rows = try Row.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT 'pending_record' AS source, * FROM pending_record WHERE \(condition)
          UNION ALL
          SELECT 'record', * FROM record
          WHERE \(condition) AND id NOT IN (SELECT id FROM pending_record)
          ORDER BY id
          """), arguments: arguments)
    var records: [(id: RecordID, state: RecordState)] = []
    while let row = try rows.next() { records.append(try Self.overlaid(row)) }
    return records
  }

  private static func overlaid(_ row: Row) throws -> (id: RecordID, state: RecordState) {
    let source = try row.text("source")
    let columns = row.databaseValues.dropFirst().dropLast()
    guard row[Seal.columnName] as DatabaseValue == Seal.of(source, columns).databaseValue else {
      throw StoreFailure.corrupt("a row of \(source) is not as it was written")
    }
    // `record` has its state where `pending_record` has the delta, after the last leaf.
    let state = Array(source.utf8) == Array("record".utf8) ? "delta" : "state"
    return (try row.record("id"), try decodedState(row.bytes(state)))
  }
}
