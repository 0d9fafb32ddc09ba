package import MergeCore
package import SyncProtocol
package import TransparencyLog

/// A workspace's log and everything merged from it, in memory: the smallest ``LogView`` there is.
///
/// It appends as a server does and follows as a store does; its copies are independent.
package struct MemoryLog: LogView {
  package private(set) var workspace: Digest256?
  package private(set) var stateDigest = Digest256.zero
  package private(set) var membership = MembershipState()
  /// The leaves so far, each with its batch, decisions and report.
  package private(set) var leaves: [ReplayedLeaf] = []
  /// The records as merged so far.
  package private(set) var states: [RecordID: RecordState] = [:]
  /// The stored hashes, for proofs.
  package private(set) var tree = StoredHashes()

  private struct LoggedChange {
    var chain: Digest256
    var leaf: UInt64
  }

  private let signer: NoteSigner
  private let replay: LeafReplay
  private var changes: [Dot: LoggedChange] = [:]
  private var heads: [ReplicaID: ChainHead] = [:]
  private var carriersByIdentity: [ChangeIdentity: [Carrier]] = [:]
  private var operations: [RecordID: [PartOperation]] = [:]

  /// An empty log whose checkpoints `signer` signs.
  package init(signer: NoteSigner, schema: Schema) {
    self.signer = signer
    replay = LeafReplay(schema: schema)
  }

  package var logKey: VerifierKey? { signer.verifierKey }
  package var treeSize: UInt64 { UInt64(leaves.count) }

  /// Everything that the log has, as a change's context.
  package var context: SignedContext { context(ofSize: treeSize) }

  /// The first `size` leaves as a change's context.
  package func context(ofSize size: UInt64) -> SignedContext {
    size == 0 ? .empty : SignedContext(treeSize: size, root: root(ofSize: size))
  }

  /// The signed checkpoint of the first `size` leaves; empty for none.
  package func checkpoint(ofSize size: UInt64) throws -> [UInt8] {
    guard size > 0, let root = Digest32(bytes: root(ofSize: size).bytes) else { return [] }
    let checkpoint = Checkpoint(
      origin: signer.verifierKey.name.line, size: TreeSize(size), root: root)
    return try SignedCheckpoint(signing: checkpoint, by: [signer]).note.encoded
  }

  /// The signed checkpoint of all leaves.
  package var checkpoint: [UInt8] {
    get throws { try checkpoint(ofSize: treeSize) }
  }

  /// Judges, merges and appends a batch; throws its ``Refusal``, and then nothing has changed.
  @discardableResult
  package mutating func append(_ batch: [UInt8], time: Int64) throws -> Appended {
    let appended = try replay.append(ReceivedBatch(decoding: batch), to: self, time: time)
    if case .new(let replayed) = appended { take(replayed) }
    return appended
  }

  /// Re-executes a leaf that somebody else appended; throws its ``LeafMismatch``.
  package mutating func follow(leaf: [UInt8], batch: [UInt8]) throws {
    take(try replay.follow(leafBytes: leaf, batch: batch, at: self))
  }

  private mutating func take(_ replayed: ReplayedLeaf) {
    for decoded in replayed.judgement.fresh {
      let dot = decoded.received.dot
      changes[dot] = LoggedChange(chain: decoded.received.chain, leaf: replayed.index)
      heads[dot.replica] = ChainHead(
        counter: dot.counter, chain: decoded.received.chain, context: decoded.chainContext)
      let carrier = Carrier(dot, .leaf(replayed.index))
      carriersByIdentity[decoded.identity, default: []].append(carrier)
    }
    for recorded in replayed.partOperations {
      operations[recorded.record, default: []].append(recorded.operation)
    }
    for (record, state) in replayed.states { states[record] = state }
    tree.append(leafHash: MerkleTree.leafHash(replayed.leafBytes))
    workspace = replayed.judgement.batch.header.workspace
    stateDigest = replayed.stateDigest
    membership = replayed.judgement.membership
    leaves.append(replayed)
  }
}

// MARK: - Reading

extension MemoryLog {
  package func root(ofSize size: UInt64) -> Digest256 {
    Digest256(MerkleTree.root(size: TreeSize(size), from: tree).bytes) ?? .zero
  }

  package func chainHead(of replica: ReplicaID) -> ChainHead? { heads[replica] }

  package func chainHash(at dot: Dot) -> Digest256? { changes[dot]?.chain }

  package func leafIndex(of dot: Dot) -> UInt64? { changes[dot]?.leaf }

  package func highestCounter(of replica: ReplicaID, inFirst size: UInt64) -> Counter {
    let prefix = leaves.prefix(Int(clamping: size))
    let dots = prefix.compactMap { $0.judgement.fresh.last?.received.dot }
    return dots.last { $0.replica == replica }?.counter ?? 0
  }

  package func contains(_ identity: ChangeIdentity) -> Bool {
    carriersByIdentity[identity] != nil
  }

  package func carriers(of identity: ChangeIdentity) -> [Carrier] {
    carriersByIdentity[identity] ?? []
  }

  /// All of them, however many dots they name.
  package func partOperations(on record: RecordID, _ part: RecordPart, dotsMax: Int)
    -> [PartOperation]
  {
    (operations[record] ?? []).filter { $0.part == part }.map { operation in
      var current = operation
      for change in [operation.identity] + operation.taken.map(\.identity) {
        for carrier in carriers(of: change) { current.include(carrier, of: change) }
      }
      return current
    }
  }

  package func state(of record: RecordID) -> RecordState? { states[record] }
}
