import AsyncHTTPClient
import NIOCore
import SyncProtocol
import WorkspaceStore

// What a server lost, given back over HTTP.

extension ExchangeRun {
  /// Gives a server the leaves back that this store holds; returns whether it has all that it signed.
  ///
  /// Less at a time where a proxy lets less pass, as a push does; what passed is remembered with it.
  mutating func heal(_ server: RestoredServer, over transport: Transport) async throws -> Bool {
    guard let slot = try workspace.read({ try $0.setting(.slot) }) else {
      throw SyncFailure.notConfigured
    }
    let path = "/v1/workspaces/\(slot)/heal"
    var healing = try HealingRun(workspace, for: server)
    while let body = try healing.next(bytesMax: healingBytes) {
      do {
        let answer = try await bring(body, to: path, transport)
        try healing.receive(await bytes(of: answer, transport))
      } catch let tooLarge as TooLarge {
        guard healing.isDivisible,
          sizes.shrinkRequests(
            below: min(body.count, healingBytes), now: workspace.machine.now())
        else { throw tooLarge.failure }
        healing.takeBack()
        continue
      }
      outcome.healedLeaves += healing.newLeafCount
      sizes.requestPassed(body.count)
      try rememberSizes()
    }
    return healing.isHealed
  }

  /// Bytes of leaves in a request; the note and the proofs of prefixes come on top.
  private var healingBytes: Int {
    min(HealingRun.requestBytesMax, max(sizes.requestBytes - (4 << 10), sizes.requestBytes / 2))
  }

  /// A request that something on the way does not let pass.
  private struct TooLarge: Error {
    var failure: SyncFailure
  }

  private mutating func bring(_ body: [UInt8], to path: String, _ transport: Transport) async throws
    -> Answer
  {
    let answer: Answer
    do throws(SyncFailure) {
      answer = try await transport.post(
        path, token: nil, body: RequestBody(bytes: body, pace: pace, progress: progress))
      pace.passed(0)
    } catch {
      pace.passed(0)
      // A body that is cut is a limit's doing at some proxies, and may be one of time.
      if case .network(_, .brokenOff) = error, body.count > ClientLimits.requestBytesMin {
        throw TooLarge(failure: error)
      }
      throw error
    }
    outcome.bytesSent += body.count
    outcome.roundTrips += 1
    if let fault = await answer.foreign(to: path, at: transport.url) {
      throw SyncFailure.network(url: transport.url, fault)
    }
    switch answer.status {
    case 200: return answer
    case 413, 408: throw TooLarge(failure: await tooLarge(answer, bytes: body.count, transport))
    default: throw try await refusal(answer)
    }
  }

  /// What a request that is too large, or took too long, comes to when nothing smaller can be sent.
  private func tooLarge(_ answer: Answer, bytes: Int, _ transport: Transport) async -> SyncFailure {
    let problem = await Problem(answer.body)
    // Our own server says which limit it was.
    if let code = problem.code, ProblemCode(rawValue: code) != nil {
      return SyncFailure(problem, status: answer.status)
    }
    return .network(
      url: transport.url,
      .tooLarge(
        bytes: bytes, status: answer.status,
        product: answer.product.map { String($0.prefix(80)) }))
  }

  /// What it means that the leaves are not taken; the note of another history is weighed.
  private mutating func refusal(_ answer: Answer) async throws -> SyncFailure {
    let problem = await Problem(answer.body)
    if problem.code == ProblemCode.logMismatch.rawValue, let note = problem.checkpoint {
      try weigh(refusedWith: Array(note.utf8))
    }
    return SyncFailure(problem, status: answer.status)
  }

  /// The whole answer, which is small.
  private mutating func bytes(of answer: Answer, _ transport: Transport) async throws -> [UInt8] {
    do {
      let buffer = try await answer.body.collect(upTo: ClientLimits.problemBytesMax)
      outcome.bytesReceived += buffer.readableBytes
      return Array(buffer.readableBytesView)
    } catch {
      throw await transport.failure(error)
    }
  }
}
