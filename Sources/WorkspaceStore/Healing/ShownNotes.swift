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
    // Few enough to look at all, so that a damaged row is none that somebody refuted.
    let rows = try Row.fetchAll(
      db, sql: "SELECT * FROM shown_note ORDER BY tree_size DESC, root")
    return try rows.map { (try Self.shown($0), try $0.number("is_refuted")) }
      .first { $0.0.size > size && $0.1 == 0 }?.0
  }

  /// All that are kept, the smallest first.
  package func all() throws -> [Shown] {
    try Row.fetchAll(db, sql: "SELECT * FROM shown_note ORDER BY tree_size, root").map(Self.shown)
  }

  /// Whether the log's key is proved to have signed another history than the log's.
  package func isForkProved() throws -> Bool {
    try Int.fetchOne(db, sql: "SELECT 1 FROM shown_note WHERE is_refuted = 1 LIMIT 1") != nil
  }

  /// Whether this very note was proved to be of another history.
  package func isRefuted(_ shown: Shown) throws -> Bool {
    try Int.fetchOne(
      db, sql: "SELECT 1 FROM shown_note WHERE tree_size = ? AND root = ? AND is_refuted = 1",
      arguments: [Int64(position: shown.size), shown.root.blob]) != nil
  }

  /// Keeps a note.
  package func keep(_ shown: Shown) throws {
    let count = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM shown_note") ?? 0
    if count >= Self.countMax {
      let last = try largest(above: 0)
      guard last.map({ $0.size < shown.size }) ?? true else { return }
      // Of what is refuted the first prove as much as all.
      guard let last = try last ?? all().last else { return }
      try db.execute(
        sql: "DELETE FROM shown_note WHERE tree_size = ? AND root = ?",
        arguments: [Int64(position: last.size), last.root.blob])
    }
    try insert(shown, isRefuted: false, .ignore)
  }

  /// Remembers that a note was proved to be of another history: it is evidence of that alone.
  package func refute(_ shown: Shown) throws {
    try keep(shown)
    let isKept = try Int.fetchOne(
      db, sql: "SELECT 1 FROM shown_note WHERE tree_size = ? AND root = ?",
      arguments: [Int64(position: shown.size), shown.root.blob])
    if isKept != nil { try insert(shown, isRefuted: true, .replace) }
  }

  private func insert(_ shown: Shown, isRefuted: Bool, _ conflict: InsertConflict) throws {
    try db.insertSealed(
      into: "shown_note",
      [Int64(position: shown.size), shown.root.blob, shown.note.blob, isRefuted], conflict)
  }

  private static func shown(_ row: Row) throws -> Shown {
    let row = try row.sealed(in: "shown_note")
    return Shown(
      size: try row.size("tree_size"), root: try row.digest("root"), note: try row.bytes("note"))
  }
}

extension [UInt8] {
  var blob: Data { Data(self) }
}
