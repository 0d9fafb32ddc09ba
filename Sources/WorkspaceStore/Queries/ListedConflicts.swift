import FoundationEssentials
import GRDB
import MergeCore

// What a person was shown of a conflict, so that `resolve` is refused when other siblings have arrived
// since (DESIGN.md §3), also where nobody repeats the clock with `--against`.

extension Workspace {
  /// Remembers that these conflicts were shown as they are; writes nothing where that is known.
  package func rememberListed(_ conflicts: [ConflictView]) throws {
    let news = try read { reader in
      try conflicts.filter { try reader.listedClock($0.record, $0.field) != $0.clock }
    }
    guard !news.isEmpty else { return }
    try logDatabase.write { db in
      for conflict in news {
        try db.execute(
          sql: "INSERT OR REPLACE INTO listed_conflict VALUES (?, ?, ?)",
          arguments: [
            conflict.record.blob, listedField(conflict.field),
            conflict.clock.entries.map(\.description).joined(separator: " "),
          ])
      }
    }
  }
}

extension WorkspaceReader {
  /// The record's clock when this conflict was last shown; nil when it never was.
  func listedClock(_ record: RecordID, _ field: FieldID?) throws -> VectorClock? {
    try String.fetchOne(
      db.cachedStatement(sql: "SELECT clock FROM listed_conflict WHERE record = ? AND field = ?"),
      arguments: [record.blob, listedField(field)]
    ).map { VectorClock($0.split(separator: " ").compactMap { Dot($0) }) }
  }

  /// Forgets what was shown of a conflict, since it is settled.
  func forgetListed(_ record: RecordID, _ field: FieldID?) throws {
    try db.execute(
      sql: "DELETE FROM listed_conflict WHERE record = ? AND field = ?",
      arguments: [record.blob, listedField(field)])
  }
}

/// A register's number; 0 is the lifecycle.
private func listedField(_ field: FieldID?) -> Int64 { field.map { Int64($0.rawValue) } ?? 0 }
