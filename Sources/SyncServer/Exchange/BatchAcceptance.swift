import MergeCore
import SyncProtocol
import WorkspaceStore

/// What became of one batch.
enum BatchVerdict: Sendable {
  /// It is in the log; `leaf` holds its last change.
  case accepted(leaf: UInt64, known: Bool)
  /// It changed nothing; for a fork, `evidence` is the leaf whose batch has the dot.
  case refused(Refusal, evidence: UInt64?)
}

/// What became of a request's batches so far.
struct AcceptedBatches: Sendable {
  fileprivate(set) var outcomes: [BatchVerdict] = []
  /// Which batch a leaf's stored bytes are, by leaf.
  fileprivate(set) var batchByLeaf: [UInt64: UInt32] = [:]
  /// Replicas whose fork has been shown already: one proof each is enough.
  fileprivate var forked = Set<ReplicaID>()
}

/// Appends batches, one after another, within one transaction.
struct BatchAcceptance {
  private(set) var writer: LogWriter
  private let replay: LeafReplay
  /// Milliseconds since 1970: what the leaves are dated.
  private let time: Int64

  private(set) var accepted: AcceptedBatches
  /// The committed sizes to sign, ascending.
  private(set) var prefixes: [HostedWorkspace.SignedPrefix] = []

  private var unsignedLeaves = 0
  private var unsignedBytes = 0

  /// - Parameter accepted: what earlier transactions did for the same request.
  init(
    _ writer: LogWriter, replay: LeafReplay, time: Int64,
    after accepted: AcceptedBatches = AcceptedBatches()
  ) {
    self.writer = writer
    self.replay = replay
    self.time = time
    self.accepted = accepted
  }

  var outcomes: [BatchVerdict] { accepted.outcomes }

  /// Decodes and appends a batch, or refuses it whole and goes on.
  mutating func append(_ bytes: [UInt8]) throws { try append(OpenedBatch(bytes)) }

  /// Appends a batch, or refuses it whole and goes on.
  ///
  /// Needs no savepoint: a batch is judged and merged before anything of it is written, and what can
  /// fail while writing is the disk, which ends the transaction.
  mutating func append(_ batch: OpenedBatch) throws {
    switch batch {
    case .refused(let refusal): accepted.outcomes.append(.refused(refusal, evidence: nil))
    case .opened(let batch):
      do {
        try append(batch)
      } catch let refusal as Refusal {
        let evidence = refusal.code == .fork ? try evidence(against: batch) : nil
        accepted.outcomes.append(.refused(refusal, evidence: evidence))
      }
    }
  }

  private mutating func append(_ batch: ReceivedBatch) throws {
    let position = UInt32(outcomes.count)
    switch try replay.append(batch, to: writer.reader, time: time) {
    case .known(let leaf):
      if try writer.reader.leaf(at: leaf)?.batchBytes == batch.bytes {
        accepted.batchByLeaf[leaf] = position
      }
      accepted.outcomes.append(.accepted(leaf: leaf, known: true))
    case .new(let replayed):
      try writer.append(replayed)
      accepted.batchByLeaf[replayed.index] = position
      accepted.outcomes.append(.accepted(leaf: replayed.index, known: false))
      unsignedLeaves += 1
      unsignedBytes += batch.bytes.count
      if unsignedLeaves >= ServerLimits.checkpointLeavesMax
        || unsignedBytes >= ServerLimits.checkpointBytesMax
      {
        try markForSigning()
      }
    }
  }

  /// Marks the log's end to be signed once it is committed.
  mutating func markForSigning() throws {
    guard unsignedLeaves > 0 else { return }
    let size = writer.reader.treeSize
    prefixes.append(.init(size: size, root: try writer.reader.root(ofSize: size)))
    unsignedLeaves = 0
    unsignedBytes = 0
  }

  /// The leaf that proves a fork: the other change under a dot that the batch claims.
  private mutating func evidence(against batch: ReceivedBatch) throws -> UInt64? {
    guard accepted.forked.insert(batch.header.replica).inserted else { return nil }
    let reader = writer.reader
    if let certificate = batch.changes.first?.skeleton.act.enrolment.succession,
      let succession = Succession(certificate)
    {
      return try reader.leafIndex(of: Dot(succession.predecessor, succession.counter))
    }
    let first = batch.header.first.rawValue
    if first > 1 {
      let before = Dot(batch.header.replica, Counter(first - 1))
      if try reader.chainHash(at: before) != batch.header.previous {
        return try reader.leafIndex(of: before)
      }
    }
    for change in batch.changes {
      guard let logged = try reader.chainHash(at: change.dot) else { break }
      if logged != change.chain { return try reader.leafIndex(of: change.dot) }
    }
    return nil
  }
}
