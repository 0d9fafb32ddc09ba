import SimulationKit
import Testing

@Suite struct RefusedActTests {
  /// Omar, an admin whose store does not know yet that he is none any more.
  private func play(_ body: (Team, Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene, ["nadia", "omar"])
      let omar = try team.member("omar")
      try team.layla("member", "role", "omar", "admin")
      try omar("sync")
      try team.layla("member", "role", "omar", "annotator")
      try body(team, omar)
    }
  }

  @Test func `an act that the server refuses ends in 77, and prints no code`() throws {
    let commands = [
      ["invite", "sami"], ["invite", "sami", "--json"], ["member", "role", "nadia", "auditor"],
      ["member", "revoke", "nadia", "--json"],
    ]
    for command in commands {
      try play { _, omar in
        let outcome = try omar.run(command)
        #expect(outcome.code == 77, "\(outcome)")
        #expect(!outcome.output.contains("hashiya1-") && !outcome.output.contains("done"))
        #expect(outcome.messages.contains("quarantine"))
      }
    }
  }

  @Test func `an act beside refused work is done, and its code is printed`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try team.layla("member", "role", "omar", "auditor")
      let outcome = try omar.run(["device", "add"])
      #expect(outcome.code == 77, "\(outcome)")
      #expect(outcome.output.contains("hashiya1-invite-"))
    }
  }

  @Test func `an act is kept, with a warning, while the server is away`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      let outcome = try team.layla.run(["invite", "sami"])
      #expect(outcome.code == 0, "\(outcome)")
      #expect(outcome.output.contains("hashiya1-invite-"))
      #expect(outcome.messages.contains("hashiya sync"))
    }
  }

  @Test func `an answer that does not hold ends the command with 76`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      let other = try scene.server("other", port: team.server.port)
      _ = try other.createWorkspace()
      try other.start()
      let outcome = try team.layla.run(["invite", "sami"])
      #expect(outcome.code == 76, "\(outcome)")
      #expect(!outcome.output.contains("hashiya1-"))
    }
  }
}
