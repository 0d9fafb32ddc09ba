import FoundationEssentials
package import GRDB
package import MergeCore
package import SyncProtocol
package import TransparencyLog

/// Appends replayed leaves to a log, within one transaction.
///
/// After each append ``reader`` is the log with that leaf.
package struct LogWriter {
  let db: Database
  package private(set) var reader: LogReader

  package init(_ db: Database) throws {
    self.db = db
    reader = try LogReader(db)
  }

  /// Sets the log's verifier key: once, before leaf 0 or when the workspace is published.
  package mutating func setLogKey(_ key: VerifierKey) throws {
    try db.execute(sql: "UPDATE log SET log_key = ?", arguments: [key.text])
    reader = try LogReader(db)
  }

  /// Names the workspace that leaf 0 has to make, before there is one.
  package mutating func pin(workspace: Digest256) throws {
    precondition(reader.treeSize == 0, "leaf 0 has named the workspace")
    try db.execute(sql: "UPDATE log SET workspace = ?", arguments: [workspace.blob])
    reader = try LogReader(db)
  }

  /// Stores a leaf, its batch, its changes, the records and contents it brings, and the tree's new
  /// hashes.
  ///
  /// - Precondition: `replayed` was made at the present end of this log.
  package mutating func append(_ replayed: ReplayedLeaf) throws {
    precondition(replayed.index == reader.treeSize, "leaves are appended in order")
    try insertLeaf(replayed)
    for decoded in replayed.judgement.fresh { try insert(decoded, at: replayed.index) }
    try insert(replayed.partOperations, at: replayed.index)
    try db.store(replayed.states)
    try insertTreeHashes(replayed)
    try db.execute(
      sql: """
        UPDATE log SET workspace = ?, tree_size = ?, state_digest = ?, last_time = ?
        """,
      arguments: [
        replayed.judgement.batch.header.workspace.blob, Int64(replayed.index) + 1,
        replayed.stateDigest.blob, Timestamp(replayed.leaf.time)?.milliseconds,
      ])
    reader = try reader.after(replayed)
  }

  /// Stores the signed checkpoint of a size that the log has.
  package func store(checkpoint note: [UInt8], ofSize size: UInt64) throws {
    precondition(size <= reader.treeSize, "a checkpoint is of leaves that are there")
    try db.execute(
      sql: "INSERT OR IGNORE INTO checkpoint (tree_size, note) VALUES (?, ?)",
      arguments: [Int64(size), Data(note)])
  }

  private func insertLeaf(_ replayed: ReplayedLeaf) throws {
    let leaf = replayed.leaf
    let statement = try db.cachedStatement(
      sql: "INSERT INTO leaf VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    try statement.execute(arguments: [
      Int64(replayed.index), Data(replayed.leafBytes), Data(replayed.judgement.batch.bytes),
      Data(replayed.reportBytes), replayed.judgement.batch.header.replica.blob, Int64(leaf.first),
      Int64(leaf.last), leaf.type == .edit ? 0 : 1, goesBack(to: leaf) ? 1 : 0,
    ])
  }

  private func goesBack(to leaf: Leaf) -> Bool {
    guard reader.treeSize > 0, let time = Timestamp(leaf.time) else { return false }
    return OddDates.goesBack(from: reader.lastLeafTime, to: time.milliseconds)
  }

  private func insert(_ decoded: DecodedChange, at index: UInt64) throws {
    let received = decoded.received
    let identity = decoded.identity
    try db.cachedStatement(sql: "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .execute(arguments: [
        received.dot.replica.blob, Int64(received.dot.counter.rawValue), received.chain.blob,
        identity.origin.replica.blob, Int64(identity.origin.counter.rawValue),
        identity.chainHash.blob, Int64(index), decoded.time,
        Int64(decoded.chainContext.treeSize), decoded.chainContext.root?.blob,
      ])
    let touches = try db.cachedStatement(sql: "INSERT INTO record_change VALUES (?, ?, ?, ?)")
    for record in decoded.records {
      try touches.execute(arguments: [
        record.blob, Int64(index), Int64(received.dot.counter.rawValue), received.dot.replica.blob,
      ])
    }
    try db.store(contentsOf: received.contents)
  }

  private func insert(_ operations: [RecordedOperation], at index: UInt64) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO part_operation VALUES (?, ?, ?, ?, ?, ?, ?)")
    for recorded in operations {
      try statement.execute(arguments: [
        recorded.record.blob, recorded.operation.part.number, Int64(index),
        Int64(recorded.dot.counter.rawValue), recorded.operation.place, recorded.dot.replica.blob,
        Data(recorded.operation.stored),
      ])
    }
  }

  private func insertTreeHashes(_ replayed: ReplayedLeaf) throws {
    let leaf = LeafIndex(replayed.index)
    let hashes = try MerkleTree.storedHashesForAppending(
      leaf, leafHash: MerkleTree.leafHash(replayed.leafBytes), from: reader.tree)
    let start = StoredHashIndex.count(for: TreeSize(replayed.index))
    let statement = try db.cachedStatement(sql: "INSERT INTO tree_hash VALUES (?, ?)")
    for (offset, hash) in hashes.enumerated() {
      try statement.execute(arguments: [Int64(start) + Int64(offset), Data(hash.bytes)])
    }
  }
}

extension RecordState {
  /// Whether lists have the record: it was created and is not deleted.
  ///
  /// One that was never created, because whoever did so was refused or does not keep to the rules,
  /// cannot be edited, resolved or restored either.
  var isListed: Bool { !creations.isEmpty && !isDeleted }

  /// How many conflicts lists have of the record.
  var listedConflicts: Int { creations.isEmpty ? 0 : conflictCount }
}

extension Database {
  /// Stores the states of records as of the log, with what lists need of them beside.
  func store(_ states: [(record: RecordID, state: RecordState)]) throws {
    let statement = try cachedStatement(
      sql: "INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?, ?)")
    for (record, state) in states {
      try statement.execute(arguments: [
        record.blob, Int64(record.kind.rawValue), state.isListed ? 0 : 1, state.listedConflicts,
        Data(state.stored),
      ])
    }
  }

  /// Keeps values by their SHA-256.
  func store(contentsOf contents: [ReceivedContent]) throws {
    let statement = try cachedStatement(sql: "INSERT OR IGNORE INTO content VALUES (?, ?)")
    for case let value? in contents.map(\.value) {
      try statement.execute(arguments: [DomainHash.plain(value).blob, Data(value)])
    }
  }
}
