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
  /// How many leaves are membership acts.
  let actCount: UInt64
  package private(set) var membership: MembershipState

  /// Reads the log's end, and folds the membership acts.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` where a row that it reads is not as it was written.
  package init(_ db: Database) throws {
    // What cannot be a log's end at all is told more exactly than that the row was altered.
    let row = try Self.end(db)
    self = try LogReader(row: row, db)
    _ = try row.sealed(in: "log")
    membership = try foldedMembership()
  }

  /// Reads the log's end alone: all that an auditor takes from a log before it has checked it.
  ///
  /// ``membership`` stays empty.
  package init(unverified db: Database) throws {
    self = try LogReader(row: Self.end(db), db)
  }

  private init(row: Row, _ db: Database) throws {
    self.db = db
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
    actCount = try row.size("act_count")
    membership = MembershipState()
  }

  private static func end(_ db: Database) throws -> Row {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM log WHERE id = 1") else {
      throw StoreFailure.corrupt("the log's end is missing")
    }
    return row
  }

  /// The same log after one more leaf, without reading the acts again.
  func after(_ replayed: ReplayedLeaf) throws -> LogReader {
    LogReader(
      db: db, workspace: replayed.judgement.batch.header.workspace, logKey: logKey,
      treeSize: replayed.index + 1, stateDigest: replayed.stateDigest,
      lastLeafTime: Timestamp(replayed.leaf.time)?.milliseconds ?? lastLeafTime,
      actCount: actCount + (replayed.leaf.type == .edit ? 0 : 1),
      membership: replayed.judgement.membership)
  }

  private init(
    db: Database, workspace: Digest256?, logKey: VerifierKey?, treeSize: UInt64,
    stateDigest: Digest256, lastLeafTime: Int64, actCount: UInt64, membership: MembershipState
  ) {
    self.db = db
    self.workspace = workspace
    self.logKey = logKey
    self.treeSize = treeSize
    self.stateDigest = stateDigest
    self.lastLeafTime = lastLeafTime
    self.actCount = actCount
    self.membership = membership
  }

  package var tree: StoredTree { StoredTree(db: db) }

  /// The root over the first `size` leaves.
  ///
  /// That of a smaller tree than the log's is proved to be a part of it, so that a damaged hash within
  /// is told as damage: whoever checked the log's end relies on no hash that was not signed. Throws
  /// ``StoreFailure/corrupt(_:)``.
  package func root(ofSize size: UInt64) throws -> Digest256 {
    let root = try MerkleTree.root(size: TreeSize(size), from: tree)
    if size > 0, size < treeSize {
      let end = try MerkleTree.root(size: TreeSize(treeSize), from: tree)
      let (old, new) = (TreeSize(size), TreeSize(treeSize))
      let proof = try ConsistencyProof(old: old, new: new, from: tree)
      guard (try? proof.check(old: old, oldRoot: root, new: new, newRoot: end)) != nil else {
        throw StoreFailure.corrupt("a hash of the tree is not that of its leaves")
      }
    }
    guard let digest = Digest256(root.bytes) else { preconditionFailure("roots have 32 bytes") }
    return digest
  }

  package func chainHead(of replica: ReplicaID) throws -> ChainHead? {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT * FROM change WHERE replica = ? ORDER BY counter DESC LIMIT 1"),
      arguments: [replica.blob])
    guard try lastCounter(of: replica) == row?.counter("counter") ?? 0 else {
      throw StoreFailure.corrupt("leaves and changes of \(replica) end at different counters")
    }
    guard let row = try row?.sealed(in: "change") else { return nil }
    return ChainHead(
      counter: try row.counter("counter"), chain: try row.digest("chain"),
      context: SignedContext(
        treeSize: try row.size("context_size"), root: try row.optionalDigest("context_root")))
  }

  package func chainHash(at dot: Dot) throws -> Digest256? {
    try change(at: dot)?.digest("chain")
  }

  package func leafIndex(of dot: Dot) throws -> UInt64? { try change(at: dot)?.size("leaf") }

  package func highestCounter(of replica: ReplicaID, inFirst size: UInt64) throws -> Counter {
    let last = try Row.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT last FROM leaf WHERE replica = ? AND position < ? ORDER BY last DESC LIMIT 1
          """), arguments: [replica.blob, Int64(position: size)])
    let counter = try last?.counter("last") ?? 0
    // The changes have the second word: the next one is of a later leaf, or of none.
    let isLast = try leafIndex(of: Dot(replica, counter.next)).map { $0 >= size } ?? true
    let isWithin =
      try counter == 0 || leafIndex(of: Dot(replica, counter)).map { $0 < size } == true
    guard isLast, isWithin else {
      throw StoreFailure.corrupt("leaves and changes of \(replica) differ")
    }
    return counter
  }

  package func contains(_ identity: ChangeIdentity) throws -> Bool {
    let isOwn =
      try change(at: identity.origin).map { row in
        try row.digest("origin_chain") == identity.chainHash
          && row.replica("origin_replica") == identity.origin.replica
          && row.counter("origin_counter") == identity.origin.counter
      } ?? false
    let arguments: StatementArguments = [
      identity.origin.replica.blob, Int64(identity.origin.counter.rawValue),
      identity.chainHash.blob,
    ]
    let condition = "origin_replica = ? AND origin_counter = ? AND origin_chain = ?"
    let isReissued = try ["change", "reissue"].map { table in
      try Int.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT 1 FROM \(table) WHERE origin_replica <> replica AND \(condition) LIMIT 1
            """), arguments: arguments) != nil
    }
    guard isReissued[0] == isReissued[1] else {
      throw StoreFailure.corrupt("what brings \(identity.origin) again differs between two tables")
    }
    return isOwn || isReissued[0]
  }

  package func state(of record: RecordID) throws -> RecordState? {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM record WHERE id = ?"), arguments: [record.blob])
    let leaf = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT leaf FROM record_change WHERE record = ? ORDER BY leaf DESC LIMIT 1"),
      arguments: [record.blob])
    guard try row?.size("leaf") == leaf?.size("leaf") else {
      throw StoreFailure.corrupt("the state of …\(hexText(record.bytes.suffix(4))) is not its last")
    }
    return try row.map { try decodedState($0.sealed(in: "record").bytes("state")) }
  }

  /// The bytes of a value; nil when this holder does not have them.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` for bytes that do not have the hash.
  package func content(_ value: Digest256) throws -> [UInt8]? {
    let bytes = try Data.fetchOne(
      db.cachedStatement(sql: "SELECT bytes FROM content WHERE value = ?"),
      arguments: [value.blob]
    )?.array
    guard bytes.map({ DomainHash.plain($0) == value }) ?? true else {
      throw StoreFailure.corrupt("a value has other bytes than its hash says")
    }
    return bytes
  }

  /// The row of a logged dot; nil when it is not logged.
  private func change(at dot: Dot) throws -> Row? {
    let counter = Int64(position: dot.counter.rawValue)
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM change WHERE replica = ? AND counter = ?"),
      arguments: [dot.replica.blob, counter])
    if let row { return try row.sealed(in: "change") }
    guard try dot.counter == 0 || lastCounter(of: dot.replica) < dot.counter else {
      throw StoreFailure.corrupt("change \(dot) is missing")
    }
    return nil
  }

  /// The counter at which the leaves of a replica end; 0 when there is none.
  private func lastCounter(of replica: ReplicaID) throws -> Counter {
    let row = try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT last FROM leaf WHERE replica = ? ORDER BY last DESC LIMIT 1"),
      arguments: [replica.blob])
    return try row?.counter("last") ?? 0
  }

  private func foldedMembership() throws -> MembershipState {
    var membership = MembershipState()
    guard let workspace else { return membership }
    var acts: UInt64 = 0
    let rows = try Row.fetchCursor(
      db, sql: "SELECT * FROM leaf WHERE is_act = 1 ORDER BY position")
    while let row = try rows.next() {
      let position = try row.sealed(in: "leaf").size("position")
      acts += 1
      // Whoever appended the leaf has checked all that is left out here: this runs in every transaction.
      guard let batch = try? WireBatch(serializedBytes: try row.bytes("batch")),
        let header = try? WireBatchHeader(serializedBytes: batch.header),
        let author = ReplicaID(header.replica), let first = batch.changes.first,
        let skeleton = try? WireSkeleton(serializedBytes: first.skeleton)
      else { throw StoreFailure.corrupt("leaf \(position) does not decode") }
      do {
        try membership.apply(
          skeleton.act,
          at: ActContext(
            workspace: workspace, author: author, leafIndex: position, leafTime: 0,
            isLogged: true)
        ) { try chainHash(at: $0) }
      } catch let refusal as Refusal {
        // It was accepted when it was appended: something before it is damaged, or gone.
        throw StoreFailure.corrupt("the act of leaf \(position) may not stand: \(refusal.detail)")
      }
    }
    guard acts == actCount else {
      throw StoreFailure.corrupt("the log has \(actCount) membership acts, and \(acts) are stored")
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
