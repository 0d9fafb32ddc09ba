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
        try db.insertSealed(
          into: "listed_conflict",
          [
            conflict.record.blob, listedField(conflict.field),
            conflict.clock.entries.map(\.description).joined(separator: " "),
          ], .replace)
      }
    }
  }
}

extension WorkspaceReader {
  /// The record's clock when this conflict was last shown; nil when it never was.
  func listedClock(_ record: RecordID, _ field: FieldID?) throws -> VectorClock? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM listed_conflict WHERE record = ? AND field = ?"),
      arguments: [record.blob, listedField(field)]
    ).map { row in
      let clock = try row.sealed(in: "listed_conflict").text("clock")
      return VectorClock(clock.split(separator: " ").compactMap { Dot($0) })
    }
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
