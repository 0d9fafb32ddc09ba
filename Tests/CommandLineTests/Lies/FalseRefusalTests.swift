import Foundation
import SimulationKit
import SyncProtocol
import Testing

/// A server that says no, or yes, and whose own log says otherwise.
@Suite struct FalseRefusalTests {
  /// Omar has a change that nothing is wrong with; the server lies about it in one sync.
  private func play(
    _ change: AnswerRelay.Change, pending: Int, says words: [String], command: String = "sync"
  ) throws {
    try LiedTo.play { team in
      let omar = team.omar
      try omar.annotate("quick", as: "quick")
      let replica = try omar.replica()
      team.relay.set(change)
      let outcome = try omar.run([command])
      #expect(outcome.code == 76, "\(outcome)")
      expectSays(outcome, words)
      let status = try omar.json("status")
      #expect(status["pending_changes"]?.int == pending, "\(outcome)")
      #expect(status["refused_changes"]?.int == 0)
      #expect(status["refused_answer"]?["reason"]?.text != nil)
      #expect(try omar.json("list").items.count == 1)
      #expect(try omar.evidenceCount() == 0)
      team.relay.set(nil)
      try expectConverged([omar, team.layla], team.server)
      #expect(try omar.replica() == replica)
      #expect(try team.layla.json("list").items.count == 1)
    }
  }

  /// The answer to a request without its batches, with an outcome put in for each.
  private func refusing(_ code: String) -> AnswerRelay.Change {
    AnswerRelay.Change(
      request: { frames in
        frames.filter { if case .batch? = $0.frame { false } else { true } }
      },
      answer: { frames in
        let refused = WireResponseFrame {
          $0.outcome.batch = 0
          $0.outcome.refused.code = code
          $0.outcome.refused.detail = "so it says"
        }
        return [frames[0], refused] + frames.dropFirst()
      })
  }

  @Test(arguments: [
    "not-permitted", "bad-operation", "fork", "over-limit", "bad-signature", "predecessor-missing",
    "revoked", "bad-certificate", "unknown-rules",
  ])
  func `a refusal that the log does not bear out is not believed`(code: String) throws {
    try play(refusing(code), pending: 1, says: ["so it says", "nothing is wrong with it", "omar/"])
  }

  @Test func `a refusal of what the log has is a contradiction`() throws {
    try play(
      AnswerRelay.Change { frames in
        frames.map { frame in
          guard case .outcome? = frame.frame else { return frame }
          return WireResponseFrame {
            $0.outcome.refused.code = "not-permitted"
            $0.outcome.refused.detail = "so it says"
          }
        }
      }, pending: 1, says: ["the entry of a refused batch"])
  }

  @Test func `an acknowledgement without a leaf is a contradiction`() throws {
    try play(
      AnswerRelay.Change(
        request: { frames in
          frames.filter { if case .batch? = $0.frame { false } else { true } }
        },
        answer: { frames in
          let accepted = WireResponseFrame {
            $0.outcome.accepted.leafIndex = frames[0].welcome.treeSize - 1
          }
          return [frames[0], accepted] + frames.dropFirst()
        }), pending: 1, says: ["contradicts itself"])
  }

  @Test func `a Welcome and a leaf's number are compared with the log`() throws {
    for index in 0..<2 {
      try play(
        AnswerRelay.Change { frames in
          frames.map { frame in
            var frame = frame
            switch (index, frame.frame) {
            case (0, .welcome?): frame.welcome.treeSize += 1
            case (1, .outcome?): frame.outcome.accepted.leafIndex -= 1
            default: break
            }
            return frame
          }
        }, pending: 0, says: ["contradicts itself"])
    }
  }

  @Test func `a push that is refused falsely asks for a sync, which tells`() throws {
    try LiedTo.play { team in
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("sync")
      try team.omar.annotate("quick", as: "quick")
      team.relay.set(refusing("not-permitted"))
      let outcome = try team.omar.run(["push"])
      #expect(outcome.code == 75, "\(outcome)")
      expectSays(outcome, ["hashiya sync"])
      #expect(try team.omar.json("status")["pending_changes"]?.int == 1)
      #expect(try team.omar.json("quarantine").items.isEmpty)
      team.relay.set(nil)
      try expectConverged([team.omar, team.layla], team.server)
    }
  }
}
