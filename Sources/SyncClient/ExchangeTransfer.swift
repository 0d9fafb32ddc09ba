import AsyncHTTPClient
import NIOCore
import SyncProtocol
import WorkspaceStore

// A round over HTTP: the request posted, the answer handed on as it comes; and again with less of
// both where not all of it passes.

extension ExchangeRun {
  /// One round; returns whether another has something to do.
  mutating func exchange(over transport: Transport) async throws -> Bool {
    while true {
      var round = try begin()
      do {
        let answer = try await post(round, to: transport)
        try await receive(answer, of: transport, into: &round)
        let hasMore = try end(round)
        sizes.requestPassed(round.session.request.count)
        try rememberSizes()
        return hasMore
      } catch let failure as Obstruction {
        try adapt(to: failure, round)
      }
    }
  }

  /// Why a round may do better with less in it.
  private enum Obstruction: Error {
    /// The request was refused for its size or its time, or broke off before it was answered.
    case request(SyncFailure)
    /// The answer broke off.
    case answer(SyncFailure)
  }

  /// Makes the next round smaller; throws what the obstruction means where that cannot be.
  private mutating func adapt(to obstruction: Obstruction, _ round: ExchangeRound) throws {
    let now = workspace.machine.now()
    switch obstruction {
    case .request(let failure):
      let bytes = round.session.request.count
      guard round.isDivisible, sizes.shrinkRequests(below: bytes, now: now) else { throw failure }
    case .answer(let failure):
      if sizes.shrinkAnswers(below: round.bytesReceived, now: now) { return }
      guard round.bytesReceived >= ClientLimits.answerBytesMin else { throw failure }
      // What came is kept up to its last checkpoint: that is worth another round as long as it grows.
      guard try workspace.read({ $0.log.treeSize }) > round.outgoing.context.treeSize else {
        throw SyncFailure.network(
          url: round.url, .answersCut(bytes: round.bytesReceived))
      }
    }
  }

  /// What passed is kept at once, so that a sync that is broken off later does not learn it anew.
  func rememberSizes() throws {
    let stored = sizes.stored
    if try workspace.read({ try $0.setting(.passingSizes) }) != stored {
      try workspace.remember(passingSizes: stored)
    }
  }

  /// Posts the request, once more with the server's time when this machine's clock is off.
  private mutating func post(_ round: ExchangeRound, to transport: Transport) async throws -> Answer
  {
    let body = round.session.request
    let path = "/v1/workspaces/\(round.slot)/exchange"
    for attempt in 0..<2 {
      let token = try RequestToken.sign(
        with: round.outgoing.replica.signingKey, audience: round.slot,
        now: workspace.machine.now() / 1000 + clockOffset)
      let answer = try await send(body, path, token, transport)
      if let date = answer.date { outcome.clockSkew = date - workspace.machine.now() / 1000 }
      outcome.bytesSent += body.count
      outcome.roundTrips += 1
      if let fault = await answer.foreign(to: path, at: transport.url) {
        throw SyncFailure.network(url: transport.url, fault)
      }
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
      if answer.status == 413 || answer.status == 408 {
        throw Obstruction.request(tooLarge(problem, answer, round))
      }
      throw round.failure(problem, status: answer.status)
    }
    throw SyncFailure.notPermitted("the server does not accept this replica's token")
  }

  private func send(
    _ body: [UInt8], _ path: String, _ token: String, _ transport: Transport
  ) async throws -> Answer {
    defer { pace.passed(0) }
    var pauses = ClientLimits.attemptPauses[...]
    while true {
      do throws(SyncFailure) {
        return try await transport.post(
          path, token: token, body: RequestBody(bytes: body, pace: pace, progress: progress))
      } catch {
        guard case .network(_, .brokenOff) = error else { throw error }
        // A body that is cut is a limit's doing at some proxies, and may be one of time.
        guard body.count <= ClientLimits.requestBytesMin else { throw Obstruction.request(error) }
        // A server without places ends connections that it knows nothing of yet. They come in waves, so
        // that one at some other moment finds a place.
        guard let pause = pauses.popFirst() else { throw error }
        try? await Task.sleep(for: .milliseconds(Int64.random(in: pause / 2...pause)))
      }
    }
  }

  /// What a request that is too large, or took too long, comes to when nothing smaller can be sent.
  private func tooLarge(
    _ problem: Problem, _ answer: Answer, _ round: ExchangeRound
  ) -> SyncFailure {
    // Our own server says which limit it was.
    if let code = problem.code, ProblemCode(rawValue: code) != nil {
      return round.failure(problem, status: answer.status)
    }
    return .network(
      url: round.url,
      .tooLarge(
        bytes: round.session.request.count, status: answer.status,
        product: answer.product.map { String($0.prefix(80)) }))
  }

  private mutating func receive(
    _ answer: Answer, of transport: Transport, into round: inout ExchangeRound
  ) async throws {
    var body = answer.body.makeAsyncIterator()
    do {
      while let buffer = try await next(&body) {
        outcome.bytesReceived += buffer.readableBytes
        round.bytesReceived += buffer.readableBytes
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
      throw Obstruction.answer(await transport.failure(error))
    }
    guard round.session.isComplete else {
      throw Obstruction.answer(SyncFailure.network(url: round.url, .brokenOff))
    }
  }

  /// The next piece of the answer, for which the network is waited for.
  private func next(
    _ body: inout HTTPClientResponse.Body.AsyncIterator
  ) async throws -> ByteBuffer? {
    pace.wait(.receiving)
    let buffer = try await body.next()
    pace.passed(buffer?.readableBytes ?? 0)
    return buffer
  }
}
