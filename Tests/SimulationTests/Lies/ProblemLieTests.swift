import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

@testable import SyncClient

/// Problem documents that no honest server sends then, each code with each status.
@Suite struct ProblemLieTests {
  private static let statuses = [200, 300, 400, 401, 403, 404, 408, 409, 413, 429, 500, 503, 999]

  private static var codes: [String] {
    ProblemCode.allCases.map(\.rawValue) + Refusal.Code.allCases.map(\.rawValue)
      + ["", "x", "log-behind "]
  }

  @Test func `whatever a server says instead of an answer, a store keeps what it has`() throws {
    let pair = try Pair()
    try pair.annotate(pair.omar, "pending")
    let trial = try LieTrial(pair.omar, in: pair.disk, log: pair.replayedLog())
    let note = try pair.server.checkpoint()
    let notes = [nil, "", "x", String(decoding: note, as: UTF8.self), "\(note.reversed())"]
    for code in Self.codes {
      for status in Self.statuses {
        for (sizes, note) in zip([0, 1, 1 << 62, UInt64.max, 3], notes) {
          var problem = Problem(code: code, detail: "so it is said")
          (problem.treeSize, problem.signedSize, problem.checkpoint) = (sizes, sizes / 2, note)
          let what = "\(status) \(code), sizes \(sizes)"
          var run = ExchangeRun(workspace: pair.omar.workspace, mode: .sync, progress: { _ in })
          let round = try run.begin()
          do {
            if let note { try run.weigh(refusedWith: Array(note.utf8)) }
          } catch {
            let failure = SyncFailure(error)
            #expect(failure.isDocumented, "\(what): \(failure)")
          }
          let failure = round.failure(problem, status: status)
          #expect(failure.isDocumented, "\(what): \(failure)")
          if case .serverRestored(let restored) = failure {
            var healing = try HealingRun(pair.omar.workspace, for: restored)
            _ = try healing.next()
          }
          try trial.check(what)
        }
      }
    }
    #expect(trial.isUntouched)
  }
}
