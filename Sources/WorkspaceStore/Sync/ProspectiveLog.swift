import AnnotationModel
import GRDB
import MergeCore
import SyncProtocol
import TransparencyLog

/// The log as it would be with some of the store's own pending changes in it, each a leaf of its own.
///
/// Nothing of it is written: it is what ``LeafReplay`` reads, so that a store judges its work by the very
/// code by which the log will.
struct ProspectiveLog: LogView {
  private let db: Database
  private let base: LogReader
  private let pending: PendingChanges
  let workspace: Digest256?
  private(set) var treeSize: UInt64
  private(set) var stateDigest: Digest256
  private(set) var membership: MembershipState

  private var states: [RecordID: RecordState] = [:]
  private var carriersByChange: [ChangeIdentity: [Carrier]] = [:]
  private var operations: [RecordID: [PartOperation]] = [:]
  /// Where the chain stands on which the next change follows.
  private var head: (replica: ReplicaID, head: ChainHead)?
  /// The signed note of the last change's context, which most others share.
  private var note: (context: SignedContext, bytes: [UInt8])?

  init(_ db: Database, on log: LogReader) throws {
    self.db = db
    base = log
    pending = PendingChanges(db)
    workspace = try pending.workspace(log)
    treeSize = log.treeSize
    stateDigest = log.stateDigest
    membership = log.membership
  }

  /// The leaf that a pending change would make next; nil where the log has it already.
  ///
  /// Throws the ``Refusal`` of one that may not stand there. Whatever became of the changes before it in
  /// its chain, it is judged as if they were logged: what is set aside takes nothing else with it.
  mutating func leaf(of row: PendingRow, by key: OwnReplica) throws -> ReplayedLeaf? {
    guard let workspace else { return nil }
    let before = Counter(row.dot.counter.rawValue - 1)
    head = (
      row.dot.replica, ChainHead(counter: before, chain: row.previous, context: row.context)
    )
    let sealer = BatchSealer(
      workspace: workspace, replica: key.id, key: key.signingKey, secret: key.secret)
    if note?.context != row.context {
      note = (row.context, try base.signedNote(of: row.context))
    }
    let bytes = try sealer.seal(
      [row.sealable()], after: row.previous, checkpoint: note?.bytes ?? [])
    let replay = LeafReplay(schema: AnnotationSchema.schema)
    let appended = try replay.append(
      ReceivedBatch(decoding: bytes), to: self, time: base.lastLeafTime)
    guard case .new(let leaf) = appended else { return nil }
    return leaf
  }

  /// Goes on as if the leaf were logged.
  mutating func append(_ leaf: ReplayedLeaf) {
    treeSize += 1
    stateDigest = leaf.stateDigest
    membership = leaf.judgement.membership
    for (record, state) in leaf.states { states[record] = state }
    for operation in leaf.partOperations {
      operations[operation.record, default: []].append(operation.operation)
    }
    for change in leaf.judgement.fresh {
      carriersByChange[change.identity, default: []].append(
        Carrier(change.received.dot, .leaf(leaf.index)))
    }
  }
}

extension ProspectiveLog {
  /// Goes on as if an edit were logged that the log here would not take in: it lacks what tells why the
  /// server did.
  mutating func assume(_ change: DecodedChange, lineage: VersionVector) throws {
    guard change.act == nil else { return }
    let carrier = Carrier(change.received.dot, .leaf(treeSize))
    var run = MergeRun(stateDigest: stateDigest, citations: .lenient)
    try run.merge(
      change.change(at: carrier.position, lineage: lineage), isKnown: contains(change.identity),
      read: state(of:)
    ) {
      try partOperations(on: $0, $1, dotsMax: $2)
    }
    treeSize += 1
    stateDigest = run.stateDigest
    states.merge(run.states) { $1 }
    for operation in run.partOperations {
      operations[operation.record, default: []].append(operation.operation)
    }
    carriersByChange[change.identity, default: []].append(carrier)
  }
}

// MARK: - Reading

extension ProspectiveLog {
  var logKey: VerifierKey? { base.logKey }

  func root(ofSize size: UInt64) throws -> Digest256 {
    guard size <= base.treeSize else {
      throw Refusal(.contextMissing, nil, "the context has \(size) leaves, more than are here")
    }
    return try base.root(ofSize: size)
  }

  func chainHead(of replica: ReplicaID) throws -> ChainHead? {
    guard let head, head.replica == replica else { return try base.chainHead(of: replica) }
    return head.head.counter > 0 ? head.head : nil
  }

  func chainHash(at dot: Dot) throws -> Digest256? {
    if let head, head.replica == dot.replica, head.head.counter == dot.counter {
      return head.head.chain
    }
    return try pending.chainHash(at: dot, base)
  }

  func leafIndex(of dot: Dot) throws -> UInt64? { try base.leafIndex(of: dot) }

  func highestCounter(of replica: ReplicaID, inFirst size: UInt64) throws -> Counter {
    try base.highestCounter(of: replica, inFirst: min(size, base.treeSize))
  }

  func contains(_ identity: ChangeIdentity) throws -> Bool {
    if carriersByChange[identity] != nil { return true }
    return try base.contains(identity)
  }

  func state(of record: RecordID) throws -> RecordState? {
    try states[record] ?? base.state(of: record)
  }

  func carriers(of identity: ChangeIdentity) throws -> [Carrier] {
    try base.carriers(of: identity) + (carriersByChange[identity] ?? [])
  }

  func partOperations(on record: RecordID, _ part: RecordPart, dotsMax: Int) throws
    -> [PartOperation]
  {
    let own = (operations[record] ?? []).filter { $0.part == part }
    var all = try base.partOperations(on: record, part, dotsMax: dotsMax) + own
    guard !carriersByChange.isEmpty else { return all }
    for index in all.indices {
      let changes = Set([all[index].identity] + all[index].taken.map(\.identity))
      for change in changes {
        for carrier in carriersByChange[change] ?? [] { all[index].include(carrier, of: change) }
      }
    }
    return all
  }
}
