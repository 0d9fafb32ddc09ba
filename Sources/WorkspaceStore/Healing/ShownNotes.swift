import FoundationEssentials
import GRDB
package import MergeCore

/// The notes of a log's own key over more leaves than the log had: evidence that leaves were lost, or
/// that the key signs elsewhere.
package struct ShownNotes {
  let db: Database

  /// A note, whose signature was verified when it was kept.
  package struct Shown: Hashable, Sendable {
    package var size: UInt64
    package var root: Digest256
    package var note: [UInt8]

    package init(size: UInt64, root: Digest256, note: [UInt8]) {
      self.size = size
      self.root = root
      self.note = note
    }
  }

  /// Notes that are kept: the first, and always the largest, since a key that was stolen signs for
  /// ever and the first prove as much.
  package static let countMax = 16

  /// The largest note over more than `size` leaves that nobody has refuted.
  package func largest(above size: UInt64) throws -> Shown? {
    try Row.fetchOne(
      db,
      sql: """
        SELECT * FROM shown_note WHERE tree_size > ? AND is_refuted = 0
        ORDER BY tree_size DESC, root LIMIT 1
        """, arguments: [Int64(position: size)]
    ).map(Self.shown)
  }

  /// All that are kept, the smallest first.
  package func all() throws -> [Shown] {
    try Row.fetchAll(db, sql: "SELECT * FROM shown_note ORDER BY tree_size, root").map(Self.shown)
  }

  /// Keeps a note.
  package func keep(_ shown: Shown) throws {
    let count = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM shown_note") ?? 0
    if count >= Self.countMax {
      guard let last = try largest(above: 0), last.size < shown.size else { return }
      try db.execute(
        sql: "DELETE FROM shown_note WHERE tree_size = ? AND root = ?",
        arguments: [Int64(position: last.size), last.root.blob])
    }
    try db.execute(
      sql: "INSERT OR IGNORE INTO shown_note (tree_size, root, note) VALUES (?, ?, ?)",
      arguments: [Int64(position: shown.size), shown.root.blob, shown.note.blob])
  }

  /// Remembers that a note was proved to be of another history: it is evidence of that alone.
  package func refute(_ shown: Shown) throws {
    try keep(shown)
    try db.execute(
      sql: "UPDATE shown_note SET is_refuted = 1 WHERE tree_size = ? AND root = ?",
      arguments: [Int64(position: shown.size), shown.root.blob])
  }

  private static func shown(_ row: Row) throws -> Shown {
    Shown(
      size: try row.size("tree_size"), root: try row.digest("root"), note: try row.bytes("note"))
  }
}

extension [UInt8] {
  var blob: Data { Data(self) }
}
