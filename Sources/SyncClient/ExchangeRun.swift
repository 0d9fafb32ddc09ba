import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// The rounds of one sync without their transport: each is one request and its answer, carried out as
/// it streams in.
///
/// ``begin()``, ``receive(_:into:)`` for each piece of the answer, ``end(_:)``; over HTTP that is
/// ``exchange(over:)``.
struct ExchangeRun {
  let workspace: Workspace
  let mode: ExchangeMode
  let progress: @Sendable (SyncProgress) -> Void
  var outcome = SyncOutcome()

  /// By how much the client's clock is off, in seconds.
  var clockOffset: Int64 = 0
  /// The server's size as it last said.
  private var serverSize: UInt64 = 0
  /// The last mail that was sent, and whether the server took any since the first.
  var mailSent: Int64 = 0
  var isMailTaken = false

  init(
    workspace: Workspace, mode: ExchangeMode,
    progress: @escaping @Sendable (SyncProgress) -> Void
  ) {
    self.workspace = workspace
    self.mode = mode
    self.progress = progress
  }

  /// What the next round asks for.
  func begin() throws -> ExchangeRound {
    let outgoing = try workspace.prepareExchange(
      bytesMax: Limits.requestBytesMax / 2, withBatches: mode != .pull, mailAfter: mailSent)
    guard let url = outgoing.url, let slot = outgoing.slot else { throw SyncFailure.notConfigured }
    let workspaceID = try workspace.read { try $0.workspaceID() }
    return ExchangeRound(
      outgoing: outgoing, url: url, slot: slot,
      session: ExchangeSession(
        mode: mode, workspace: workspaceID.bytes, context: outgoing.context,
        checkpoint: outgoing.checkpoint, claim: outgoing.claim,
        batches: outgoing.batches.map(\.bytes) + outgoing.mail.map(\.bytes)))
  }

  /// Takes in the next piece of the answer, and carries out what it says.
  mutating func receive(_ bytes: some Sequence<UInt8>, into round: inout ExchangeRound) throws {
    do {
      for action in try round.session.receive(bytes) { try perform(action, &round) }
    } catch let failure as IngestFailure {
      try keepEvidence(failure, round)
      throw failure
    }
  }

  /// Ends a round whose answer is over; returns whether another has something to do.
  mutating func end(_ round: ExchangeRound) throws -> Bool {
    guard round.session.isComplete else {
      throw SyncFailure.unreachable(url: round.url, reason: "the answer was cut short")
    }
    if mode != .push, !round.serverHasMore { try checkHead(round) }
    return try settle(round)
  }

  /// A log that ends before a checkpoint which it signed has lost leaves, or shows this store a
  /// smaller one.
  private func checkHead(_ round: ExchangeRound) throws {
    guard let seen = try round.outgoing.seenCheckpoint(),
      try workspace.read({ $0.log.treeSize }) < seen.size.rawValue
    else { return }
    let what = "the log ends before leaf \(seen.size.rawValue), which it has signed"
    try workspace.keepEvidence(what, ours: round.outgoing.checkpoint, theirs: round.lastNote)
    throw SyncFailure.proof(what)
  }

  /// Whether the last checkpoint, the digest and the size equal the server's, nothing pending.
  func isInSync() throws -> Bool {
    try workspace.read { reader in
      try reader.pendingCount() == 0 && reader.log.treeSize == serverSize
    }
  }

  private mutating func perform(_ action: ExchangeSession.Action, _ round: inout ExchangeRound)
    throws
  {
    switch action {
    case .welcome(let size):
      serverSize = size
    case .outcome(let index, let result):
      round.outcomes.append((index, result))
      progress(
        .answered(
          batches: round.outcomes.count,
          of: round.outgoing.batches.count + round.outgoing.mail.count))
    case .ingest(let entries, let note):
      round.lastNote = note
      if mode == .push {
        try acknowledge(round)
      } else if entries.isEmpty {
        try workspace.check(
          checkpoint: note, ofAtLeast: round.outgoing.context.treeSize)
      } else {
        let result = try workspace.ingest(entries, checkpoint: note)
        outcome.pulledChanges += result.pulledChanges
        let last = (entries.last?.index ?? 0) + 1
        progress(.receiving(leaves: last, of: serverSize))
      }
    case .consistency(let from, let to, let proof):
      round.consistency.append((from, to, proof))
    case .end(let hasMore):
      round.serverHasMore = hasMore
    }
  }

  private func keepEvidence(_ failure: IngestFailure, _ round: ExchangeRound) throws {
    guard case .wrongRoot = failure else { return }
    try workspace.keepEvidence(
      failure.text, ours: round.outgoing.checkpoint, theirs: round.lastNote)
  }
}

/// One request and what its answer said so far.
struct ExchangeRound {
  let outgoing: OutgoingExchange
  /// The server's base address, and the slot's name there.
  let url: String
  let slot: String
  var session: ExchangeSession
  var outcomes: [(batch: Int, outcome: BatchOutcome)] = []
  var lastNote: [UInt8] = []
  /// In a push: the proofs that the log has only grown.
  var consistency: [(from: UInt64, to: UInt64, proof: [[UInt8]])] = []
  var serverHasMore = false
}
