import AsyncHTTPClient
import NIOCore
import SyncProtocol
import WorkspaceStore

// What a server lost, given back over HTTP.

extension ExchangeRun {
  /// Gives a server the leaves back that this store holds; returns whether it has all that it signed.
  mutating func heal(_ server: RestoredServer, over transport: Transport) async throws -> Bool {
    guard let slot = try workspace.read({ try $0.setting(.slot) }) else {
      throw SyncFailure.notConfigured
    }
    var healing = try HealingRun(workspace, for: server)
    while let body = try healing.next() {
      let path = "/v1/workspaces/\(slot)/heal"
      let answer = try await transport.post(
        path, token: nil, body: RequestBody(bytes: body, pace: pace, progress: progress))
      pace.passed(0)
      outcome.bytesSent += body.count
      outcome.roundTrips += 1
      if let fault = await answer.foreign(to: path, at: transport.url) {
        throw SyncFailure.network(url: transport.url, fault)
      }
      guard answer.status == 200 else { throw try await refusal(answer) }
      try healing.receive(await bytes(of: answer, transport))
    }
    return healing.isHealed
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
