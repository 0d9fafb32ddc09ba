import AsyncHTTPClient
import MergeCore
import NIOCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// The rounds of one sync: each is one request and its answer, carried out as it streams in.
struct ExchangeRun {
  let workspace: Workspace
  let client: HTTPClient
  let mode: ExchangeMode
  let progress: @Sendable (SyncProgress) -> Void
  var outcome = SyncOutcome()

  /// The server's size as it last said, and by how much the client's clock is off, in seconds.
  private var serverSize: UInt64 = 0
  private var clockOffset: Int64 = 0

  init(
    workspace: Workspace, client: HTTPClient, mode: ExchangeMode,
    progress: @escaping @Sendable (SyncProgress) -> Void
  ) {
    self.workspace = workspace
    self.client = client
    self.mode = mode
    self.progress = progress
  }

  /// One round; returns whether another has something to do.
  mutating func exchange() async throws -> Bool {
    let outgoing = try workspace.prepareExchange(
      bytesMax: Limits.requestBytesMax / 2, withBatches: mode != .pull)
    guard let url = outgoing.url, let slot = outgoing.slot else { throw SyncFailure.notConfigured }
    let workspaceID = try workspace.read { try $0.workspaceID() }
    var round = ExchangeRound(
      outgoing: outgoing,
      session: ExchangeSession(
        mode: mode, workspace: workspaceID.bytes, context: outgoing.context,
        checkpoint: outgoing.checkpoint, claim: outgoing.claim,
        batches: outgoing.batches.map(\.bytes) + outgoing.mail))
    let transport = Transport(url: url, client: client)
    let answer = try await post(round.session.request, to: transport, slot: slot, outgoing)
    try await receive(answer, of: transport, into: &round)
    return try settle(round)
  }

  /// Whether the last checkpoint, the digest and the size equal the server's, nothing pending.
  func isInSync() throws -> Bool {
    try workspace.read { reader in
      try reader.pendingCount() == 0 && reader.log.treeSize == serverSize
    }
  }

  /// Posts the request, once more with the server's time when this machine's clock is off.
  private mutating func post(
    _ body: [UInt8], to transport: Transport, slot: String, _ outgoing: OutgoingExchange
  ) async throws -> Answer {
    for attempt in 0..<2 {
      let token = try await RequestToken.sign(
        with: outgoing.replica.signingKey, audience: slot,
        now: workspace.machine.now() / 1000 + clockOffset)
      let answer = try await transport.post(
        "/v1/workspaces/\(slot)/exchange", token: token, body: body)
      outcome.bytesSent += body.count
      outcome.roundTrips += 1
      guard answer.status != 200 else { return answer }
      let problem = await Problem(answer.body)
      if attempt == 0, answer.status == 401, problem.code == "token-expired",
        let date = answer.date
      {
        clockOffset = date - workspace.machine.now() / 1000
        continue
      }
      throw SyncFailure(problem, status: answer.status)
    }
    throw SyncFailure.notPermitted("the server does not accept this replica's token")
  }

  private mutating func receive(
    _ answer: Answer, of transport: Transport, into round: inout ExchangeRound
  ) async throws {
    do {
      for try await buffer in answer.body {
        outcome.bytesReceived += buffer.readableBytes
        for action in try round.session.receive(buffer.readableBytesView) {
          try perform(action, &round)
        }
      }
    } catch let failure as ExchangeSession.Failure {
      throw failure
    } catch let failure as SyncFailure {
      throw failure
    } catch let failure as StoreFailure {
      throw failure
    } catch let failure as IngestFailure {
      try keepEvidence(failure, round)
      throw failure
    } catch {
      throw SyncFailure.unreachable(url: transport.url, reason: Transport.reason(error))
    }
    guard round.session.isComplete else {
      throw SyncFailure.unreachable(url: transport.url, reason: "the answer was cut short")
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
    case .ingest(let entries, let note):
      round.lastNote = note
      if mode == .push {
        try acknowledge(round)
      } else if entries.isEmpty {
        try workspace.check(checkpoint: note)
      } else {
        let result = try workspace.ingest(entries, checkpoint: note)
        outcome.pulledChanges += result.pulledChanges
        round.leaves += result.leaves
        let last = (entries.last?.index ?? 0) + 1
        progress(SyncProgress(leaves: last, leavesOfServer: serverSize))
      }
    case .consistency(let from, let to, let proof):
      round.consistency = (from, to, proof)
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
  var session: ExchangeSession
  var outcomes: [(batch: Int, outcome: BatchOutcome)] = []
  var leaves = 0
  var lastNote: [UInt8] = []
  var consistency: (from: UInt64, to: UInt64, proof: [[UInt8]])?
  var serverHasMore = false
}
