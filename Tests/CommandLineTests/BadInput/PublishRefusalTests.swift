import SimulationKit
import Testing

@Suite struct PublishRefusalTests {
  @Test func `a published workspace stays with its log, whatever code is published`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let other = try scene.server("other", origin: "other.example/log")
      let foreign = try other.createWorkspace()
      for analyst in team.all {
        try expectRefused(
          analyst, ["publish", foreign], code: 65, says: [team.server.url, "already"])
      }
      try other.start()
      try expectRefused(
        team.layla, ["publish", foreign], code: 65, says: [team.server.url, "hashiya sync"])
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a publication that did not happen leaves a store that knows no server`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let claim = try server.createWorkspace()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try expectRefused(layla, ["publish", claim], code: 69, says: [server.url])
      try expectRefused(layla, ["sync"], code: 66, says: ["hashiya publish"])
      try server.start()
      try layla("publish", claim)
      try expectConverged([layla], server)
    }
  }

  @Test func `who was invited and has not synced yet cannot publish`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let code = try Team.code(for: "nadia", by: team.layla)
      let other = try scene.server("other", origin: "other.example/log")
      let claim = try other.createWorkspace()
      team.server.stop()
      let nadia = try scene.analyst("nadia")
      #expect(try nadia.run(["join", code]).code == 69)
      let refused = try nadia.run(["publish", claim])
      #expect(refused.code == 65, "\(refused)")
      expectSays(refused, ["invited"])
      try team.server.start()
      try expectConverged([team.layla, nadia], team.server)
    }
  }

  @Test func `a join that the server's workspace does not fit leaves nothing behind`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let code = try Team.code(for: "nadia", by: team.layla)
      team.server.stop()
      let other = try scene.server("other", origin: "other.example/log", port: team.server.port)
      let claim = try other.createWorkspace()
      try other.start()
      let nadia = try scene.analyst("nadia")
      let empty = try nadia.run(["join", code])
      #expect(empty.code == 65, "\(empty)")
      expectSays(empty, [other.url, "new invite"])
      let founder = try scene.analyst("founder")
      try founder("init", "--analyst", "founder")
      try founder("publish", claim)
      let taken = try nadia.run(["join", code])
      #expect(taken.code == 65, "\(taken)")
      other.stop()
      try team.server.start()
      try nadia("join", code)
      try expectConverged([team.layla, nadia], team.server)
    }
  }
}
