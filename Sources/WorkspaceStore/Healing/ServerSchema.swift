package import GRDB

/// The tables that a server's log has beside those of every log; their rows carry a seal.
package enum ServerSchema {
  /// Adds them to a log's migrations.
  package static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("server-1") { db in
      try db.execute(sql: tables)
      try db.insertSealed(into: "served", [1, nil])
    }
  }

  private static let tables = """
    -- One row: what the machine's record of this log must hold too (ruling 15); NULL before the first
    -- write.
    CREATE TABLE served (
      id INTEGER PRIMARY KEY CHECK (id = 1), nonce BLOB, seal BLOB NOT NULL
    ) STRICT;

    -- Leaves that the log signed and lost, as their holders brought them, until all are there. `hash`
    -- is the leaf's in the tree; an anchored one is proved to be in the tree that is waited for.
    CREATE TABLE staged_leaf (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      position INTEGER NOT NULL,
      hash BLOB NOT NULL,
      bytes BLOB NOT NULL,
      batch BLOB NOT NULL,
      digest BLOB NOT NULL UNIQUE,
      is_anchored INTEGER NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;
    CREATE INDEX staged_leaf_by_position ON staged_leaf (position, is_anchored, sequence);

    -- Notes of the log's key over more leaves than the log had when they were shown. A refuted one was
    -- proved to be of another history.
    CREATE TABLE shown_note (
      tree_size INTEGER NOT NULL,
      root BLOB NOT NULL,
      note BLOB NOT NULL,
      is_refuted INTEGER NOT NULL,
      seal BLOB NOT NULL,
      PRIMARY KEY (tree_size, root)
    ) STRICT, WITHOUT ROWID;
    """
}

extension LogReader {
  /// What the machine's record of this log must hold too; nil before a process wrote.
  package func servedNonce() throws -> [UInt8]? {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM served WHERE id = 1") else {
      throw StoreFailure.corrupt("the row of the served log is missing")
    }
    return try row.sealed(in: "served").optionalBytes("nonce")
  }

  /// Leaves that were brought back and are not in the log yet.
  package var stage: HealingStage { HealingStage(db: db) }

  /// Notes over more leaves than the log had.
  package var shownNotes: ShownNotes { ShownNotes(db: db) }
}

extension LogWriter {
  /// Stores another nonce, which the machine's record holds already.
  package func setServedNonce(_ nonce: [UInt8]) throws {
    try db.insertSealed(into: "served", [1, nonce.blob], .replace)
  }
}
