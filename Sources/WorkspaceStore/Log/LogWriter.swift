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

  /// Checks the log's end first (``LogReader/checkEnd()``).
  package init(_ db: Database) throws {
    self.db = db
    reader = try LogReader(db)
    try reader.checkEnd()
  }

  /// For a log that nobody signs and that this process alone has written, such as an auditor's copy.
  package init(unsigned db: Database) throws {
    self.db = db
    reader = try LogReader(db)
  }

  /// Sets the log's verifier key: once, before leaf 0 or when the workspace is published.
  package mutating func setLogKey(_ key: VerifierKey) throws {
    try db.setLogKey(key.text)
    reader = try LogReader(db)
  }

  /// Names the workspace that leaf 0 has to make, before there is one.
  package mutating func pin(workspace: Digest256) throws {
    precondition(reader.treeSize == 0, "leaf 0 has named the workspace")
    try db.updateSealed("log", set: [("workspace", workspace.blob)], where: "id = 1")
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
    try insert(replayed.states, at: replayed.index)
    try insertTreeHashes(replayed)
    reader = try reader.after(replayed)
    try db.store(end: reader)
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
    try db.insertSealed(
      into: "leaf",
      [
        Int64(replayed.index), Data(replayed.leafBytes), Data(replayed.judgement.batch.bytes),
        Data(replayed.reportBytes), replayed.judgement.batch.header.replica.blob,
        Int64(leaf.first), Int64(leaf.last), leaf.type == .edit ? 0 : 1,
        goesBack(to: leaf) ? 1 : 0,
      ])
  }

  private func goesBack(to leaf: Leaf) -> Bool {
    guard reader.treeSize > 0, let time = Timestamp(leaf.time) else { return false }
    return OddDates.goesBack(from: reader.lastLeafTime, to: time.milliseconds)
  }

  private func insert(_ decoded: DecodedChange, at index: UInt64) throws {
    let received = decoded.received
    let (replica, counter) = (received.dot.replica.blob, Int64(received.dot.counter.rawValue))
    let identity = decoded.identity
    let origin = identity.origin
    let originCounter = Int64(origin.counter.rawValue)
    try db.insertSealed(
      into: "change",
      [
        replica, counter, received.chain.blob, origin.replica.blob, originCounter,
        identity.chainHash.blob, Int64(index), decoded.time,
        Int64(decoded.chainContext.treeSize), decoded.chainContext.root?.blob,
      ])
    if origin.replica != received.dot.replica {
      try db.cachedStatement(sql: "INSERT INTO reissue VALUES (?, ?, ?, ?, ?)").execute(arguments: [
        origin.replica.blob, originCounter, identity.chainHash.blob, replica, counter,
      ])
    }
    let touches = try db.cachedStatement(sql: "INSERT INTO record_change VALUES (?, ?, ?, ?)")
    for record in decoded.records {
      try touches.execute(arguments: [record.blob, Int64(index), counter, replica])
    }
    try db.store(contentsOf: received.contents)
  }

  private func insert(_ operations: [RecordedOperation], at index: UInt64) throws {
    for recorded in operations {
      try db.insertSealed(
        into: "part_operation",
        [
          recorded.record.blob, recorded.operation.part.number, Int64(index),
          Int64(recorded.dot.counter.rawValue), recorded.operation.place, recorded.dot.replica.blob,
          Data(recorded.operation.stored),
        ])
    }
  }

  /// Stores the states of records as of the log, with what lists need of them beside.
  private func insert(
    _ states: [(record: RecordID, state: RecordState)], at index: UInt64
  ) throws {
    for (record, state) in states {
      try db.insertSealed(
        into: "record",
        [
          record.blob, Int64(record.kind.rawValue), state.isListed ? 0 : 1, state.listedConflicts,
          Int64(index), Data(state.stored),
        ], .replace)
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
  /// Names the key that signs the log; nil takes it back.
  func setLogKey(_ text: String?) throws {
    try updateSealed("log", set: [("log_key", text)], where: "id = 1")
  }

  /// Stores the log's end.
  fileprivate func store(end: LogReader) throws {
    try insertSealed(
      into: "log",
      [
        1, end.workspace?.blob, end.logKey?.text, Int64(end.treeSize), end.stateDigest.blob,
        end.lastLeafTime, Int64(end.actCount),
      ], .replace)
  }

  /// Keeps values by their SHA-256.
  func store(contentsOf contents: [ReceivedContent]) throws {
    let statement = try cachedStatement(sql: "INSERT OR IGNORE INTO content VALUES (?, ?)")
    for case let value? in contents.map(\.value) {
      try statement.execute(arguments: [DomainHash.plain(value).blob, Data(value)])
    }
  }
}
