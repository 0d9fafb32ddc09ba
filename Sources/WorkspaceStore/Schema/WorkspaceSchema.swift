import GRDB
import MergeCore

/// The tables that an analyst's store has beside the log's; their rows carry a seal, or follow from rows
/// that do.
enum WorkspaceSchema {
  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("workspace-1") { db in
      try db.execute(sql: tables)
      try db.insertSealed(into: "pending_total", [1, Digest256.zero.blob])
    }
  }

  private static let tables = """
    -- What the store knows of itself: analyst, server, slot, last annotation, last sync.
    CREATE TABLE setting (
      name TEXT PRIMARY KEY, value TEXT NOT NULL, seal BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- The replicas that this store has been, in order; the last one writes.
    CREATE TABLE own_replica (
      ordinal INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE,
      private_key BLOB NOT NULL,
      seed_secret BLOB NOT NULL,
      nonce BLOB NOT NULL,
      predecessor BLOB,
      predecessor_counter INTEGER,
      predecessor_chain BLOB,
      seal BLOB NOT NULL
    ) STRICT;

    -- Changes committed here that the state does not have from the log yet, in the order of making.
    CREATE TABLE pending (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      replica BLOB NOT NULL,
      counter INTEGER NOT NULL,
      previous BLOB NOT NULL,
      chain BLOB NOT NULL,
      -- An encoded Change with its salts spelt out.
      change BLOB NOT NULL,
      is_act INTEGER NOT NULL,
      is_reissue INTEGER NOT NULL,
      -- The context that the chain has at this change.
      context_size INTEGER NOT NULL,
      context_root BLOB,
      -- The leaf that has it, once the server said so and until a pull brings it.
      acknowledged INTEGER,
      seal BLOB NOT NULL,
      UNIQUE (replica, counter)
    ) STRICT;

    CREATE TABLE pending_record_change (
      record BLOB NOT NULL,
      sequence INTEGER NOT NULL REFERENCES pending (sequence) ON DELETE CASCADE,
      PRIMARY KEY (record, sequence)
    ) STRICT, WITHOUT ROWID;

    -- Records as they are with the pending changes; `delta` is what those add to the state digest.
    CREATE TABLE pending_record (
      id BLOB PRIMARY KEY,
      kind INTEGER NOT NULL,
      is_deleted INTEGER NOT NULL,
      conflicts INTEGER NOT NULL,
      state BLOB NOT NULL,
      delta BLOB NOT NULL,
      seal BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- The sum of all deltas.
    CREATE TABLE pending_total (
      id INTEGER PRIMARY KEY CHECK (id = 1), delta BLOB NOT NULL, seal BLOB NOT NULL
    ) STRICT;

    -- Own changes that were brought again: the dots that could not be logged, and those that bring
    -- them now, the oldest first.
    CREATE TABLE renamed_dot (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      old_replica BLOB NOT NULL,
      old_counter INTEGER NOT NULL,
      new_replica BLOB NOT NULL,
      new_counter INTEGER NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;

    -- Changes that were refused, as they were pending: out of the state, readable, released or
    -- dropped by the analyst.
    CREATE TABLE quarantine (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      replica BLOB NOT NULL,
      counter INTEGER NOT NULL,
      previous BLOB NOT NULL,
      chain BLOB NOT NULL,
      change BLOB NOT NULL,
      is_act INTEGER NOT NULL,
      is_reissue INTEGER NOT NULL,
      context_size INTEGER NOT NULL,
      context_root BLOB,
      -- The last renaming that its clocks have been through.
      renamed INTEGER NOT NULL,
      code TEXT NOT NULL,
      reason TEXT NOT NULL,
      seal BLOB NOT NULL,
      UNIQUE (replica, counter)
    ) STRICT;

    -- Ids that scripts gave, and the records they were mapped to; the workspace's own namespace is
    -- empty.
    CREATE TABLE alias (
      name TEXT NOT NULL,
      kind INTEGER NOT NULL,
      namespace TEXT NOT NULL,
      record BLOB NOT NULL,
      seal BLOB NOT NULL,
      PRIMARY KEY (name, kind, namespace)
    ) STRICT, WITHOUT ROWID;

    -- Conflicts as they were last shown: a register's number or 0 for the lifecycle, and the
    -- record's clock then as dots.
    CREATE TABLE listed_conflict (
      record BLOB NOT NULL,
      field INTEGER NOT NULL,
      clock TEXT NOT NULL,
      seal BLOB NOT NULL,
      PRIMARY KEY (record, field)
    ) STRICT, WITHOUT ROWID;

    -- What proves to a third person that the log's key signed what cannot be true, as the file that is
    -- handed to that person; once for each subject.
    CREATE TABLE evidence (
      id INTEGER PRIMARY KEY,
      time INTEGER NOT NULL,
      subject TEXT NOT NULL UNIQUE,
      document BLOB NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;

    -- Own leaves that a push proved to be in a note's tree, until the log here has them: what a server
    -- that lost them takes back. `proof` is the hashes, one after another.
    CREATE TABLE held_leaf (
      position INTEGER PRIMARY KEY,
      bytes BLOB NOT NULL,
      batch BLOB NOT NULL,
      proof BLOB NOT NULL,
      note BLOB NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;

    -- What the store did on its own, for the analyst to read.
    CREATE TABLE news (
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, text TEXT NOT NULL, seal BLOB NOT NULL
    ) STRICT;

    -- Other people's batches carried to the server like mail, in the order in which they came: a bundle
    -- has the batches of one author in theirs.
    CREATE TABLE mail (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,
      digest BLOB NOT NULL UNIQUE,
      batch BLOB NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;
    """
}
