import MergeCore
import SimulationKit
import SyncProtocol
import WorkspaceStore

@testable import SyncClient

/// What happens to one sync on its way.
enum NetworkFault: CaseIterable {
  case none
  /// The answer ends after some bytes.
  case cut
  /// The server has done everything, and nothing comes back.
  case lostAnswer
  /// The request arrives twice; the second answer is the one received.
  case doubled
  /// While the answer is under way, another process works on the store.
  case overtaken
  /// While the server takes the request in, others' requests come between its batches.
  case interleaved
}

/// The real client's rounds, with the real server's answers, without HTTP.
final class SimulatedExchange {
  let server: SimulatedServer
  /// What another process does meanwhile, in ``NetworkFault/overtaken``.
  var meanwhile: () throws -> Void = {}
  /// What others do between the batches of a request, in ``NetworkFault/interleaved``.
  var others: () throws -> Void = {}
  /// Every request sent, to be sent again later.
  private(set) var requests: [Request] = []

  struct Request {
    var body: [UInt8]
    var replica: ReplicaID
  }

  private static let roundsMax = 24

  init(server: SimulatedServer) { self.server = server }

  /// One sync to its end, or to what cuts it; throws ``SyncFailure`` as the client does.
  func run(
    _ mode: ExchangeMode, _ workspace: Workspace, _ fault: NetworkFault,
    _ random: SeededRandom
  ) throws -> SyncOutcome {
    for attempt in 0... {
      do {
        return try rounds(mode, workspace, fault, random)
      } catch SyncFailure.serverRestored(let restored) {
        guard attempt < 2, try heal(restored, workspace, fault) else {
          throw SyncFailure.serverRestored(restored)
        }
      }
    }
    throw SimulationFault("a sync heals for ever")
  }

  /// Gives the server what the store holds; returns whether it has all that it signed.
  private func heal(
    _ restored: RestoredServer, _ workspace: Workspace, _ fault: NetworkFault
  ) throws -> Bool {
    do {
      var healing = try HealingRun(workspace, for: restored)
      while let body = try healing.next() {
        if fault == .doubled { _ = try server.heal(body) }
        let answer = try server.heal(body)
        if fault == .lostAnswer { throw SyncFailure.unreachable(url: "", reason: "lost") }
        try healing.receive(answer)
      }
      return healing.isHealed
    } catch let problem as ServerProblem {
      throw SyncFailure(problem.document, status: problem.status)
    }
  }

  private func rounds(
    _ mode: ExchangeMode, _ workspace: Workspace, _ fault: NetworkFault,
    _ random: SeededRandom
  ) throws -> SyncOutcome {
    var run = ExchangeRun(workspace: workspace, mode: mode, progress: { _ in })
    let skew = (server.now - workspace.machine.now()) / 1_000
    // A token that the server would find expired is signed again by the server's date.
    run.clockOffset = abs(skew) > Limits.tokenSeconds ? skew : 0
    do {
      for round in 0..<Self.roundsMax {
        // Later rounds go well, so that a fault hits the first more often than not.
        let fault = round == 0 || random.once(in: 2) ? fault : .none
        guard try exchange(&run, fault, random) else {
          run.outcome.inSync = try run.isInSync()
          try workspace.recordSync(
            inSync: run.outcome.inSync, clockOffset: run.clockOffset, clockSkew: skew)
          return run.outcome
        }
      }
    } catch let fault as SimulationFault {
      throw fault
    } catch {
      throw SyncFailure(error)
    }
    throw SimulationFault("a sync does not end after \(Self.roundsMax) rounds")
  }

  private func exchange(
    _ run: inout ExchangeRun, _ fault: NetworkFault, _ random: SeededRandom
  ) throws -> Bool {
    var round = try run.begin()
    let request = round.session.request
    let replica = round.outgoing.replica.id
    requests.append(Request(body: request, replica: replica))
    if fault == .doubled { _ = try answer(request, replica, round) }
    if fault == .interleaved { server.betweenTurns = others }
    defer { server.betweenTurns = nil }
    let answer = try answer(request, replica, round)
    if fault == .lostAnswer { throw SyncFailure.unreachable(url: round.url, reason: "lost") }
    if fault == .overtaken { try meanwhile() }
    var rest = answer[...]
    if fault == .cut { rest = rest.prefix(random.below(answer.count)) }
    while !rest.isEmpty {
      let piece = rest.prefix(1 + random.below(4_000))
      try run.receive(piece, into: &round)
      rest = rest.dropFirst(piece.count)
    }
    return try run.end(round)
  }

  private func answer(_ request: [UInt8], _ replica: ReplicaID, _ round: ExchangeRound) throws
    -> [UInt8]
  {
    do {
      return try server.answer(request, by: replica)
    } catch let problem as ServerProblem {
      throw round.failure(problem.document, status: problem.status)
    }
  }

  /// Sends an old request once more; nobody waits for the answer.
  func send(again request: Request) {
    _ = try? server.answer(request.body, by: request.replica)
  }
}

extension ServerProblem {
  /// As the client reads it.
  var document: Problem {
    var document = Problem(code: code, detail: detail)
    document.reason = reason
    document.treeSize = treeSize
    document.signedSize = signedSize
    return document
  }
}
