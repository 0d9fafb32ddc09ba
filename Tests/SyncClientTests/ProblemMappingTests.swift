import SyncProtocol
import Testing

@testable import SyncClient

@Suite struct ProblemMappingTests {
  private func failure(_ code: ProblemCode) -> SyncFailure {
    SyncFailure(Problem(code: code.rawValue, detail: "x"), status: code.status)
  }

  @Test(
    "what passes by itself is tried again later",
    arguments: [
      ProblemCode.internalError, .busy, .storageFull, .logBehind, .requestTimeout,
    ])
  func temporary(code: ProblemCode) {
    #expect(failure(code).isTemporary)
  }

  @Test("a workspace that the server does not have is told apart from a broken protocol")
  func missing() {
    for code in [ProblemCode.notEnrolled, .slotEmpty] {
      guard case .noWorkspace(code, _) = failure(code) else {
        Issue.record("\(code) is \(failure(code))")
        continue
      }
    }
  }

  @Test("a refusal that another sync may lift is tried again", arguments: Refusal.Code.allCases)
  func refusals(code: Refusal.Code) {
    let failure = SyncFailure(Problem(code: code.rawValue, detail: "x"), status: 409)
    #expect(failure.isTemporary == code.isRetryable)
  }

  @Test("what no version of ours says is temporary when the server is at fault")
  func others() {
    #expect(SyncFailure(Problem(code: nil, detail: nil), status: 502).isTemporary)
    #expect(!SyncFailure(Problem(code: "new", detail: nil), status: 418).isTemporary)
  }
}
