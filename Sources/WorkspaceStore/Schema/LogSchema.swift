import GRDB
import MergeCore

/// The tables that every holder of a log has: server, analyst's store, and auditor.
///
/// Nothing that merging reads rests on one table's word (decision 0031): rows carry a seal, or are
/// checked by a hash that is signed; and that a row is missing shows in a second table. All but `log`'s
/// key, the notes and the values are what the leaves and batches come to, so that they can be compared
/// and rebuilt column by column, whichever there are.
///
/// A migration is never changed once released; the next one is added after it.
enum LogSchema {
  static func register(in migrator: inout DatabaseMigrator) {
    migrator.registerMigration("log-1") { db in
      try db.execute(sql: tables)
      try db.insertSealed(into: "log", [1, nil, nil, 0, Digest256.zero.blob, 0, 0])
    }
  }

  /// The names of the tables.
  static func tableNames() throws -> Set<String> {
    let empty = try DatabaseQueue()
    try empty.write { try $0.execute(sql: tables) }
    return try empty.read {
      Set(try String.fetchAll($0, sql: "SELECT name FROM sqlite_master WHERE type = 'table'"))
    }
  }

  private static let tables = """
    -- One row: the log's end. Before leaf 0 `workspace` is the one that leaf 0 has to make, or NULL
    -- where the holder takes any.
    CREATE TABLE log (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      workspace BLOB,
      log_key TEXT,
      tree_size INTEGER NOT NULL,
      state_digest BLOB NOT NULL,
      last_time INTEGER NOT NULL,
      -- How many leaves are membership acts.
      act_count INTEGER NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;

    -- Leaves and their batches, byte for byte as appended. `report` is recomputed by whoever holds it;
    -- `went_back` is 1 where the leaf is dated over an hour before the one before it.
    CREATE TABLE leaf (
      position INTEGER PRIMARY KEY,
      bytes BLOB NOT NULL,
      batch BLOB NOT NULL,
      report BLOB NOT NULL,
      replica BLOB NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      is_act INTEGER NOT NULL,
      went_back INTEGER NOT NULL,
      seal BLOB NOT NULL
    ) STRICT;
    CREATE INDEX leaf_by_replica ON leaf (replica, last);
    CREATE INDEX leaf_dated_back ON leaf (position) WHERE went_back = 1;

    -- RFC 6962 hashes of all complete subtrees, in stored-hash order.
    CREATE TABLE tree_hash (position INTEGER PRIMARY KEY, hash BLOB NOT NULL) STRICT;

    CREATE TABLE checkpoint (tree_size INTEGER PRIMARY KEY, note BLOB NOT NULL) STRICT;

    -- Every logged change: its chain hash, identity and place.
    CREATE TABLE change (
      replica BLOB NOT NULL,
      counter INTEGER NOT NULL,
      chain BLOB NOT NULL,
      origin_replica BLOB NOT NULL,
      origin_counter INTEGER NOT NULL,
      origin_chain BLOB NOT NULL,
      leaf INTEGER NOT NULL REFERENCES leaf (position),
      time INTEGER NOT NULL,
      context_size INTEGER NOT NULL,
      context_root BLOB,
      seal BLOB NOT NULL,
      PRIMARY KEY (replica, counter)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX change_by_identity ON change (origin_replica, origin_counter, origin_chain);

    -- The changes that bring another once more, by what they bring: a second word on whether a change
    -- is known.
    CREATE TABLE reissue (
      origin_replica BLOB NOT NULL,
      origin_counter INTEGER NOT NULL,
      origin_chain BLOB NOT NULL,
      replica BLOB NOT NULL,
      counter INTEGER NOT NULL,
      PRIMARY KEY (origin_replica, origin_counter, origin_chain, replica, counter)
    ) STRICT, WITHOUT ROWID;

    -- Which changes touched a record, in log order: what `why` and `log` re-execute.
    CREATE TABLE record_change (
      record BLOB NOT NULL,
      leaf INTEGER NOT NULL,
      counter INTEGER NOT NULL,
      replica BLOB NOT NULL,
      PRIMARY KEY (record, leaf, counter)
    ) STRICT, WITHOUT ROWID;

    -- Operations on a part of a record (a field's number, or 0 for the lifecycle) that took something
    -- away or met something: what undoing reads. `ordinal` is the operation's place among those of its
    -- change on the record, from 0.
    CREATE TABLE part_operation (
      record BLOB NOT NULL,
      field INTEGER NOT NULL,
      leaf INTEGER NOT NULL,
      counter INTEGER NOT NULL,
      ordinal INTEGER NOT NULL,
      replica BLOB NOT NULL,
      bytes BLOB NOT NULL,
      seal BLOB NOT NULL,
      PRIMARY KEY (record, field, leaf, counter, ordinal)
    ) STRICT, WITHOUT ROWID;

    -- Records as merged from the log, each by its last leaf in `record_change`. Those that were never
    -- created count as deleted and have no conflicts here, as lists and counts need it; `state` has
    -- all.
    CREATE TABLE record (
      id BLOB PRIMARY KEY,
      kind INTEGER NOT NULL,
      is_deleted INTEGER NOT NULL,
      conflicts INTEGER NOT NULL,
      leaf INTEGER NOT NULL,
      state BLOB NOT NULL,
      seal BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX record_by_kind ON record (kind, is_deleted, conflicts);

    -- Values by SHA-256, so that equal ones are kept once.
    CREATE TABLE content (value BLOB PRIMARY KEY, bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;
    """
}
