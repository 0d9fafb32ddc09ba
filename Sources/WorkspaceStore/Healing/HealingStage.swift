import FoundationEssentials
import GRDB
import MergeCore
package import SyncProtocol
package import TransparencyLog

/// Where leaves that a log signed and lost wait until all of them are there.
///
/// Of one place there may be several: batches may differ in what no signature covers, and a log whose
/// key signed two branches has two leaves of one index.
package struct HealingStage {
  let db: Database

  /// Entries of one place that are kept.
  package static let variantsMax = 4

  /// A leaf with its batch, as one holder brought it.
  package struct Variant: Sendable {
    fileprivate var sequence: Int64
    package var leafBytes: [UInt8]
    package var batchBytes: [UInt8]
  }

  /// Keeps a leaf whose proof was checked; one that is there already may become anchored.
  ///
  /// - Parameter isAnchored: whether the leaf is proved to be in the tree that is waited for.
  /// - Returns: By how many bytes ``byteCount()`` has grown, which is less than 0 where a smaller leaf
  ///   took the place of another.
  package func keep(_ entry: ReceivedEntry, hash: Digest32, isAnchored: Bool) throws -> Int {
    let digest = DomainHash.plain(entry.leaf + DomainHash.plain(entry.batch).bytes).blob
    guard let freed = try makeRoom(for: digest, isAnchored: isAnchored) else { return 0 }
    let known = try Int.fetchOne(
      db, sql: "SELECT COUNT(*) FROM staged_leaf WHERE position = ?",
      arguments: [Int64(position: entry.index)])
    guard known ?? 0 < Self.variantsMax else {
      return try (isAnchored ? replace(entry, hash, digest) : 0) - freed
    }
    return try insert(entry, hash, digest, isAnchored: isAnchored) - freed
  }

  /// The bytes of the very entry, where it was damaged meanwhile and goes, so that what was brought now
  /// takes its place; nil where it is there, and may become anchored.
  private func makeRoom(for digest: Data, isAnchored: Bool) throws -> Int? {
    let row = try Row.fetchOne(
      db, sql: "SELECT * FROM staged_leaf WHERE digest = ?", arguments: [digest])
    guard let row else { return 0 }
    guard row.isSealed(in: "staged_leaf") else {
      try db.execute(sql: "DELETE FROM staged_leaf WHERE digest = ?", arguments: [digest])
      return try row.bytes("bytes").count + row.bytes("batch").count
    }
    if isAnchored {
      try db.updateSealed(
        "staged_leaf", set: [("is_anchored", true)], where: "digest = ?", [digest])
    }
    return nil
  }

  /// An anchored leaf takes the place of one that is not.
  private func replace(_ entry: ReceivedEntry, _ hash: Digest32, _ digest: Data) throws -> Int {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT sequence, LENGTH(bytes) + LENGTH(batch) AS size FROM staged_leaf
        WHERE position = ? AND is_anchored = 0 ORDER BY sequence LIMIT 1
        """, arguments: [Int64(position: entry.index)])
    guard let row else { return 0 }
    try db.execute(
      sql: "DELETE FROM staged_leaf WHERE sequence = ?", arguments: [try row.number("sequence")])
    return try insert(entry, hash, digest, isAnchored: true) - Int(try row.number("size"))
  }

  private func insert(
    _ entry: ReceivedEntry, _ hash: Digest32, _ digest: Data, isAnchored: Bool
  ) throws -> Int {
    try db.insertSealed(
      into: "staged_leaf",
      [
        try db.nextNumber(of: "sequence", in: "staged_leaf"), Int64(position: entry.index),
        hash.bytes.blob, entry.leaf.blob, entry.batch.blob, digest, isAnchored,
      ], .ignore)
    return db.changesCount == 0 ? 0 : entry.leaf.count + entry.batch.count
  }

  /// The bytes of all leaves and batches that wait.
  package func byteCount() throws -> Int {
    try Int.fetchOne(
      db, sql: "SELECT COALESCE(SUM(LENGTH(bytes) + LENGTH(batch)), 0) FROM staged_leaf") ?? 0
  }

  /// A number that changes when another connection has written to the file; to be compared with what
  /// this same connection read before, since each counts by itself.
  package func dataVersion() throws -> Int {
    try Int.fetchOne(db, sql: "PRAGMA data_version") ?? 0
  }

  /// The first places from `start` up to `end` that have none: ascending ranges, at most `countMax`.
  package func missing(from start: UInt64, to end: UInt64, countMax: Int) throws
    -> [Range<UInt64>]
  {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT DISTINCT position FROM staged_leaf WHERE position >= ? AND position < ?
        ORDER BY position
        """, arguments: [Int64(position: start), Int64(position: end)])
    var missing: [Range<UInt64>] = []
    var next = start
    while missing.count < countMax, let position = try rows.next()?.size("position") {
      if position > next { missing.append(next..<position) }
      next = position + 1
    }
    if next < end, missing.count < countMax { missing.append(next..<end) }
    return missing
  }

  /// What the log `tree` comes to with the staged leaves up to `size`, of several of one place an
  /// anchored one before the one that came first; nil when one is missing.
  package func tree(continuing tree: TreeAccumulator, to size: UInt64) throws -> TreeAccumulator? {
    var tree = tree
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT position, hash FROM staged_leaf WHERE position >= ? AND position < ?
        ORDER BY position, is_anchored DESC, sequence
        """, arguments: [Int64(position: tree.size.rawValue), Int64(position: size)])
    while let row = try rows.next() {
      let position = try row.size("position")
      if position < tree.size.rawValue { continue }
      guard position == tree.size.rawValue, let hash = Digest32(bytes: try row.bytes("hash"))
      else { return nil }
      tree.append(leafHash: hash)
    }
    return tree.size.rawValue == size ? tree : nil
  }

  /// What is staged of a place, in the order in which ``tree(continuing:to:)`` prefers; a variant that
  /// was damaged meanwhile fits no place of the log, and goes like one that its holder altered.
  package func variants(at position: UInt64) throws -> [Variant] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT * FROM staged_leaf WHERE position = ? ORDER BY is_anchored DESC, sequence
        """, arguments: [Int64(position: position)]
    ).map { row in
      Variant(
        sequence: try row.number("sequence"), leafBytes: try row.bytes("bytes"),
        batchBytes: try row.bytes("batch"))
    }
  }

  /// Forgets what turned out to be no leaf of this log.
  package func remove(_ variant: Variant) throws {
    try db.execute(
      sql: "DELETE FROM staged_leaf WHERE sequence = ?", arguments: [variant.sequence])
  }

  /// Forgets what the log has by now.
  package func remove(before position: UInt64) throws {
    try db.execute(
      sql: "DELETE FROM staged_leaf WHERE position < ?", arguments: [Int64(position: position)])
  }

  /// Forgets what was damaged here, else all that is not anchored, or everything where nothing else is
  /// left: together it is not the tree that is waited for.
  package func removeDoubtful() throws {
    if try removeDamaged() { return }
    try db.execute(sql: "DELETE FROM staged_leaf WHERE is_anchored = 0")
    if db.changesCount == 0 { try removeAll() }
  }

  /// Whether rows were forgotten that are not as they were written.
  private func removeDamaged() throws -> Bool {
    var damaged: [Int64] = []
    let rows = try Row.fetchCursor(db, sql: "SELECT * FROM staged_leaf ORDER BY sequence")
    while let row = try rows.next() {
      if !row.isSealed(in: "staged_leaf") { damaged.append(try row.number("sequence")) }
    }
    for sequence in damaged {
      try db.execute(sql: "DELETE FROM staged_leaf WHERE sequence = ?", arguments: [sequence])
    }
    return !damaged.isEmpty
  }

  /// Forgets everything.
  package func removeAll() throws { try db.execute(sql: "DELETE FROM staged_leaf") }
}
