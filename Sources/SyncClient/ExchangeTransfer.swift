import AsyncHTTPClient
import NIOCore
import SyncProtocol
import WorkspaceStore

// A round over HTTP: the request posted, the answer handed on as it comes.

extension ExchangeRun {
  /// One round; returns whether another has something to do.
  mutating func exchange(over client: HTTPClient) async throws -> Bool {
    var round = try begin()
    let transport = Transport(url: round.url, client: client)
    let answer = try await post(round, to: transport)
    try await receive(answer, of: transport, into: &round)
    return try end(round)
  }

  /// Posts the request, once more with the server's time when this machine's clock is off.
  private mutating func post(_ round: ExchangeRound, to transport: Transport) async throws -> Answer
  {
    let body = round.session.request
    for attempt in 0..<2 {
      let token = try await RequestToken.sign(
        with: round.outgoing.replica.signingKey, audience: round.slot,
        now: workspace.machine.now() / 1000 + clockOffset)
      let answer = try await transport.post(
        "/v1/workspaces/\(round.slot)/exchange", token: token,
        body: RequestBody(bytes: body, progress: progress))
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
      isServerBehind = problem.code == ProblemCode.logBehind.rawValue
      if problem.code == ProblemCode.logMismatch.rawValue, let note = problem.checkpoint {
        try weigh(refusedWith: Array(note.utf8))
      }
      throw round.failure(problem, status: answer.status)
    }
    throw SyncFailure.notPermitted("the server does not accept this replica's token")
  }

  /// Gives a server the leaves back that this store holds; returns whether it has all that it signed.
  mutating func heal(_ server: RestoredServer, over client: HTTPClient) async throws -> Bool {
    let (url, slot) = try workspace.read { (try $0.setting(.url), try $0.setting(.slot)) }
    guard let url, let slot else { throw SyncFailure.notConfigured }
    let transport = Transport(url: url, client: client)
    var healing = try HealingRun(workspace, for: server)
    while let body = try healing.next() {
      let answer = try await transport.post(
        "/v1/workspaces/\(slot)/heal", token: nil,
        body: RequestBody(bytes: body, progress: progress))
      outcome.bytesSent += body.count
      outcome.roundTrips += 1
      guard answer.status == 200 else {
        let problem = await Problem(answer.body)
        if problem.code == ProblemCode.logMismatch.rawValue, let note = problem.checkpoint {
          try weigh(refusedWith: Array(note.utf8))
        }
        throw SyncFailure(problem, status: answer.status)
      }
      do {
        let buffer = try await answer.body.collect(upTo: 64 << 10)
        outcome.bytesReceived += buffer.readableBytes
        try healing.receive(Array(buffer.readableBytesView))
      } catch let failure as SyncFailure {
        throw failure
      } catch {
        throw SyncFailure.unreachable(url: url, reason: Transport.reason(error))
      }
    }
    return healing.isHealed
  }

  private mutating func receive(
    _ answer: Answer, of transport: Transport, into round: inout ExchangeRound
  ) async throws {
    do {
      for try await buffer in answer.body {
        outcome.bytesReceived += buffer.readableBytes
        try receive(buffer.readableBytesView, into: &round)
      }
    } catch let failure as ExchangeSession.Failure {
      throw failure
    } catch let failure as SyncFailure {
      throw failure
    } catch let failure as StoreFailure {
      throw failure
    } catch let failure as IngestFailure {
      throw failure
    } catch {
      throw SyncFailure.unreachable(url: transport.url, reason: Transport.reason(error))
    }
  }
}
