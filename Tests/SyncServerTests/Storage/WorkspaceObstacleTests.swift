import Testing
import WorkspaceStore

@testable import SyncServer

/// What keeps a log from taking anything in, as those who watch are told.
@Suite struct WorkspaceObstacleTests {
  @Test("only files that are not as they were written are damaged")
  func readiness() {
    let readiness: [(ServerFailure, Readiness.Reason)] = [
      (.store(.corrupt("x")), .logDamaged), (.damagedFile(path: "x", what: "x"), .logDamaged),
      (.logMissing(path: "x", leftover: nil), .logDamaged), (.keyUnknown(path: "x"), .logDamaged),
      (.store(.diskFull), .cannotWrite), (.store(.readOnly(path: "x")), .cannotWrite),
      (.store(.notYours(path: "x", owner: "x", canRead: true)), .cannotWrite),
      (.store(.noTemporaryRoom(bytes: 1)), .cannotWrite), (.store(.busy(by: nil)), .cannotOpen),
      (.store(.inputOutput("x")), .cannotOpen), (.store(.database("x")), .cannotOpen),
      (.store(.newerSchema(path: "x")), .cannotOpen),
      (.cannotCreate(path: "x", reason: "x"), .cannotOpen),
    ]
    for (failure, reason) in readiness {
      #expect(WorkspaceObstacle.refusal(failure).readiness == reason, "\(failure)")
    }
  }

  @Test("failures are told in words, and not as this program calls them")
  func words() {
    let failures: [ServerFailure] = [
      .store(.diskFull), .store(.busy(by: nil)), .store(.readOnly(path: "/srv")),
      .store(.notYours(path: "/srv", owner: "ada", canRead: true)),
      .store(.noTemporaryRoom(bytes: 1 << 20)), .cannotCreate(path: "/srv", reason: "no room"),
    ]
    for failure in failures {
      #expect(!failure.words.contains("("), "\(failure.words)")
      #expect(failure.words.contains(" "), "\(failure.words)")
    }
  }

  @Test("after a commit nobody says that nothing was taken in")
  func afterCommit() {
    for failure: StoreFailure in [.corrupt("x"), .diskFull, .busy(by: nil)] {
      let (before, after) = (Problem(failure).row, Problem(afterCommit: failure).row)
      #expect(before.detail.lowercased().contains("nothing was taken in"))
      #expect(!after.detail.lowercased().contains("nothing was taken in"))
      #expect((before.code, before.status) == (after.code, after.status))
    }
  }
}
