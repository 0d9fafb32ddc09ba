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
  /// What passes on the way to the server.
  var sizes = PassingSizes(url: "")
  let pace: ExchangePace
  /// The server's size as it last said.
  private var serverSize: UInt64 = 0
  /// What the server said that it took in, until its leaves are here and tell.
  var claims: [AcceptedClaim] = []
  /// A note that the log's key signed and that is not of the leaves which came: the log's own hashes
  /// tell whether it signed another history, or whether the answer was altered on its way.
  private(set) var doubtedNote: [UInt8] = []
  /// Whether the server said that its log ends before what it signed: the head that it has tells whether
  /// it lost leaves or has signed other ones.
  var isServerBehind = false
  /// The last mail that was sent, and whether the server took any since the first.
  var mailSent: Int64 = 0
  var isMailTaken = false
  /// The changes that begin a batch, since what they were sealed with is more than a leaf may come to.
  var cuts = Set<Dot>()
  /// Whether the next round carries mail alone: beside own batches there was no room for any.
  var isMailTurn = false

  init(
    workspace: Workspace, mode: ExchangeMode,
    progress: @escaping @Sendable (SyncProgress) -> Void
  ) {
    self.workspace = workspace
    self.mode = mode
    self.progress = progress
    pace = ExchangePace(progress: progress)
  }

  /// What the next round asks for.
  func begin() throws -> ExchangeRound {
    let outgoing = try workspace.prepareExchange(
      bytesMax: sizes.requestBytes - Self.openingBytes, withBatches: mode != .pull,
      enrolsAlone: true, isMailTurn: isMailTurn, mailAfter: mailSent,
      cutBefore: cuts)
    guard let url = outgoing.url, let slot = outgoing.slot else { throw SyncFailure.notConfigured }
    let workspaceID = try workspace.read { try $0.workspaceID() }
    return ExchangeRound(
      outgoing: outgoing, url: url, slot: slot,
      session: ExchangeSession(
        mode: mode, workspace: workspaceID.bytes, context: outgoing.context,
        checkpoint: outgoing.checkpoint, claim: outgoing.claim,
        batches: outgoing.batches.map(\.bytes) + outgoing.mail.map(\.bytes),
        answerBytes: sizes.answerBytes < ClientLimits.answerBytesMax
          ? UInt64(sizes.answerBytes) : 0))
  }

  /// About what an opening and the frames' lengths add to the batches.
  private static let openingBytes = 1_024

  /// Takes in the next piece of the answer, and carries out what it says.
  mutating func receive(_ bytes: some Sequence<UInt8>, into round: inout ExchangeRound) throws {
    do {
      for action in try round.session.receive(bytes) { try perform(action, &round) }
    } catch let failure as IngestFailure {
      guard case .wrongRoot(let size) = failure else { throw failure }
      if case .fork? = try workspace.weigh(round.lastNote) { throw IngestFailure.fork(size: size) }
      doubtedNote = round.lastNote
      throw failure
    }
  }

  /// Weighs the note that came with the word that this store's log is another one: as it stands, that
  /// word proves nothing.
  mutating func weigh(refusedWith note: [UInt8]) throws {
    switch try workspace.weigh(note) {
    case .fork?: throw IngestFailure.fork(size: Self.signedSize(note) ?? 0)
    case .ahead?: doubtedNote = note
    case .prefix(let size)?:
      throw SyncFailure.proof(
        "it calls this store's log another one, and the \(size) leaves that it signed are here")
    case nil: break
    }
  }

  /// Ends a round whose answer is over; returns whether another has something to do.
  mutating func end(_ round: ExchangeRound) throws -> Bool {
    guard round.session.isComplete else {
      throw SyncFailure.unreachable(url: round.url, reason: "the answer was cut short")
    }
    if mode != .push, !round.serverHasMore { try checkHead(round) }
    try checkAgreement(round)
    return try settle(round)
  }

  /// A log that ends before a checkpoint which it signed is an old answer, or has lost leaves.
  private func checkHead(_ round: ExchangeRound) throws {
    let size = try workspace.read { $0.log.treeSize }
    guard let seen = try round.outgoing.seenCheckpoint(), size < seen.size.rawValue else { return }
    throw IngestFailure.lagging(size: size, signed: seen.size.rawValue)
  }

  /// Whether the last checkpoint, the digest and the size equal the server's, nothing pending.
  func isInSync() throws -> Bool {
    try workspace.read { reader in
      // Another process may have taken the store further meanwhile.
      try reader.pendingCount() == 0 && reader.log.treeSize >= serverSize
    }
  }

  private mutating func perform(_ action: ExchangeSession.Action, _ round: inout ExchangeRound)
    throws
  {
    switch action {
    case .welcome(let size):
      serverSize = size
      round.serverSize = size
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
  /// The log's size after this round's batches, as the server says.
  var serverSize: UInt64 = 0
  /// Bytes of the answer so far.
  var bytesReceived = 0

  /// Whether the request could be made smaller: by sending a part of it first.
  var isDivisible: Bool {
    let own = outgoing.batches
    return own.count + outgoing.mail.count > 1 || own.first.map { $0.changeCount > 1 } == true
  }
}
