import FoundationEssentials
package import GRDB
package import MergeCore
import SwiftProtobuf
package import SyncProtocol
package import TransparencyLog

/// A log and what was merged from it, within one transaction.
///
/// Conforms to ``LogView``, so that judging and replaying read it directly.
package struct LogReader: LogView {
  let db: Database
  /// Leaf 0's; before there is one, the workspace that it has to make.
  package let workspace: Digest256?
  package let logKey: VerifierKey?
  package let treeSize: UInt64
  package let stateDigest: Digest256
  package let lastLeafTime: Int64
  package private(set) var membership: MembershipState

  /// Reads the log's end, and folds the membership acts.
  package init(_ db: Database) throws {
    let end = try LogReader(unverified: db)
    self = end
    membership = try Self.membership(db, end.workspace)
  }

  /// Reads the log's end alone: all that an auditor takes from a log before it has checked it.
  ///
  /// ``membership`` stays empty.
  package init(unverified db: Database) throws {
    self.db = db
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM log WHERE id = 1") else {
      throw StoreFailure.corrupt("the log's end is missing")
    }
    workspace = try row.optionalDigest("workspace")
    logKey = try row.optionalText("log_key").map { text in
      guard let key = try? VerifierKey(text) else {
        throw StoreFailure.corrupt("the log's key is none")
      }
      return key
    }
    treeSize = try row.size("tree_size")
    stateDigest = try row.digest("state_digest")
    lastLeafTime = try row.number("last_time")
    membership = MembershipState()
  }

  /// The same log after one more leaf, without reading the acts again.
  func after(_ replayed: ReplayedLeaf) throws -> LogReader {
    LogReader(
      db: db, workspace: replayed.judgement.batch.header.workspace, logKey: logKey,
      treeSize: replayed.index + 1, stateDigest: replayed.stateDigest,
      lastLeafTime: Timestamp(replayed.leaf.time)?.milliseconds ?? lastLeafTime,
      membership: replayed.judgement.membership)
  }

  private init(
    db: Database, workspace: Digest256?, logKey: VerifierKey?, treeSize: UInt64,
    stateDigest: Digest256, lastLeafTime: Int64, membership: MembershipState
  ) {
    self.db = db
    self.workspace = workspace
    self.logKey = logKey
    self.treeSize = treeSize
    self.stateDigest = stateDigest
    self.lastLeafTime = lastLeafTime
    self.membership = membership
  }

  package var tree: StoredTree { StoredTree(db: db) }

  package func root(ofSize size: UInt64) throws -> Digest256 {
    let root = try MerkleTree.root(size: TreeSize(size), from: tree)
    guard let digest = Digest256(root.bytes) else { preconditionFailure("roots have 32 bytes") }
    return digest
  }

  package func chainHead(of replica: ReplicaID) throws -> ChainHead? {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: "SELECT * FROM change WHERE replica = ? ORDER BY counter DESC LIMIT 1"),
        arguments: [replica.blob])
    else { return nil }
    return ChainHead(
      counter: try row.counter("counter"), chain: try row.digest("chain"),
      context: SignedContext(
        treeSize: try row.size("context_size"), root: try row.optionalDigest("context_root")))
  }

  package func chainHash(at dot: Dot) throws -> Digest256? {
    try Data.fetchOne(
      db.cachedStatement(sql: "SELECT chain FROM change WHERE replica = ? AND counter = ?"),
      arguments: [dot.replica.blob, Int64(dot.counter.rawValue)]
    ).flatMap { Digest256($0) }
  }

  package func leafIndex(of dot: Dot) throws -> UInt64? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT leaf FROM change WHERE replica = ? AND counter = ?"),
      arguments: [dot.replica.blob, Int64(position: dot.counter.rawValue)]
    )?.size("leaf")
  }

  package func highestCounter(of replica: ReplicaID, inFirst size: UInt64) throws -> Counter {
    let last = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT last FROM leaf WHERE replica = ? AND position < ? ORDER BY last DESC LIMIT 1
          """), arguments: [replica.blob, Int64(position: size)])
    return try last?.counter("last") ?? 0
  }

  package func contains(_ identity: ChangeIdentity) throws -> Bool {
    try Int.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT 1 FROM change
          WHERE origin_replica = ? AND origin_counter = ? AND origin_chain = ? LIMIT 1
          """),
      arguments: [
        identity.origin.replica.blob, Int64(identity.origin.counter.rawValue),
        identity.chainHash.blob,
      ]) != nil
  }

  package func state(of record: RecordID) throws -> RecordState? {
    try Data.fetchOne(
      db.cachedStatement(sql: "SELECT state FROM record WHERE id = ?"),
      arguments: [Data(record.encoded)]
    ).map { try decodedState($0.array) }
  }

  /// The bytes of a value; nil when this holder does not have them.
  package func content(_ value: Digest256) throws -> [UInt8]? {
    try Data.fetchOne(
      db.cachedStatement(sql: "SELECT bytes FROM content WHERE value = ?"),
      arguments: [value.blob]
    )?.array
  }

  private static func membership(_ db: Database, _ workspace: Digest256?) throws
    -> MembershipState
  {
    var membership = MembershipState()
    guard let workspace else { return membership }
    let rows = try Row.fetchCursor(
      db, sql: "SELECT position, batch FROM leaf WHERE is_act = 1 ORDER BY position")
    while let row = try rows.next() {
      let position = try row.size("position")
      // Whoever appended the leaf has checked all that is left out here: this runs in every transaction.
      guard let batch = try? WireBatch(serializedBytes: try row.bytes("batch")),
        let header = try? WireBatchHeader(serializedBytes: batch.header),
        let author = ReplicaID(header.replica), let first = batch.changes.first,
        let skeleton = try? WireSkeleton(serializedBytes: first.skeleton)
      else { throw StoreFailure.corrupt("leaf \(position) does not decode") }
      try membership.apply(
        skeleton.act,
        at: ActContext(
          workspace: workspace, author: author, leafIndex: position, leafTime: 0,
          isLogged: true)
      ) { dot in
        try Data.fetchOne(
          db, sql: "SELECT chain FROM change WHERE replica = ? AND counter = ?",
          arguments: [dot.replica.blob, Int64(dot.counter.rawValue)]
        ).flatMap { Digest256($0) }
      }
    }
    return membership
  }
}

/// A record's stored state, or the failure that says it is not one.
func decodedState(_ bytes: [UInt8]) throws -> RecordState {
  guard let state = RecordState(stored: bytes) else {
    throw StoreFailure.corrupt("a record's state does not decode")
  }
  return state
}
