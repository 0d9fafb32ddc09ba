import Foundation
import SimulationKit
import Testing

@Suite struct CodeRefusalTests {
  @Test func `codes that are cut short or mistyped are refused before anything is made`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let code = try Team.code(for: "nadia", by: team.layla)
      let nadia = try scene.analyst("nadia")
      var mistyped = Array(code.utf8)
      mistyped[mistyped.count / 2] = mistyped[mistyped.count / 2] == 0x41 ? 0x42 : 0x41
      for bad in [
        String(code.dropLast(1)), String(code.prefix(code.count / 2)),
        String(decoding: mistyped, as: UTF8.self), "hashiya1-invite-", "hello", "",
      ] {
        let outcome = try nadia.run(["join", "-"], input: bad)
        #expect(outcome.code == 65, "\(bad): \(outcome)")
        expectSays(outcome, ["code"])
        #expect(try nadia.run(["status"]).code == 66, "no store was made")
      }
      let other = try scene.server("other")
      let claim = try other.createWorkspace()
      let swapped = try nadia.run(["join", claim])
      #expect(swapped.code == 65)
      expectSays(swapped, ["hashiya publish"])
      try expectRefused(team.layla, ["publish", code], code: 65, says: ["hashiya join"])
      try nadia("join", "-", input: code + "\n")
      try expectConverged([team.layla, nadia], team.server)
    }
  }

  @Test func `an invite works once`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let code = try Team.code(for: "nadia", by: team.layla)
      let nadia = try scene.analyst("nadia")
      try nadia("join", code)
      let thief = try scene.analyst("thief")
      let outcome = try thief.run(["join", code])
      #expect(outcome.code == 77, "\(outcome)")
      expectSays(outcome, ["the invite has been used"])
      #expect(try thief.run(["status"]).code == 66, "no store is left behind")
      try team.layla("sync")
      let members = try team.layla.json("member", "list")
      #expect(try thief.run(["join", code]).code == 77)
      try team.layla("sync")
      #expect(try team.layla.json("member", "list").items.count == members.items.count)
      try expectConverged([team.layla, nadia], team.server)
    }
  }

  @Test func `an invite that has expired is refused`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let soon = Date.now.addingTimeInterval(2)
      let invite = try team.layla.json("invite", "nadia", "--expires", soon.ISO8601Format())
      Thread.sleep(until: soon.addingTimeInterval(1))
      let nadia = try scene.analyst("nadia")
      let outcome = try nadia.run(["join", try #require(invite["code"]?.text)])
      #expect(outcome.code == 77, "\(outcome)")
      expectSays(outcome, ["the invite has expired"])
      try nadia("join", try Team.code(for: "nadia", by: team.layla))
      try expectConverged([team.layla, nadia], team.server)
    }
  }

  @Test func `an invite that is not in the log yet is for later, and works then`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      team.server.stop()
      let invited = try team.layla.run(["invite", "nadia", "--json"])
      #expect(invited.isSuccess, "\(invited)")
      expectSays(invited, ["hashiya sync"])
      let code = try #require(try invited.json()["code"]?.text)
      try team.server.start()
      let nadia = try scene.analyst("nadia")
      let early = try nadia.run(["join", code])
      #expect(early.code == 75, "\(early)")
      try team.layla("sync")
      try nadia("sync")
      try expectConverged([team.layla, nadia], team.server)
    }
  }

  @Test func `a claim publishes one workspace`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let claim = try server.createWorkspace()
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("publish", claim)
      let late = try scene.analyst("late")
      try late("init", "--analyst", "late")
      let outcome = try late.run(["publish", claim])
      #expect(outcome.code == 77, "\(outcome)")
      expectSays(outcome, ["Another workspace"])
      try expectHealthy(late)
      try layla("publish", claim)
      try expectConverged([layla], server)
      let second = try server.json("workspace", "create", "second")["code"]?.text
      try late("publish", try #require(second))
      #expect(try late.json("sync")["in_sync"]?.bool == true)
    }
  }

  @Test func `codes of another server, and of one that does not answer, are refused`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let code = try Team.code(for: "nadia", by: team.layla)
      team.server.stop()
      let other = try scene.server("other", origin: "other.example/log", port: team.server.port)
      let claim = try other.createWorkspace()
      try other.start()
      let founder = try scene.analyst("founder")
      try founder("init", "--analyst", "founder")
      try founder("publish", claim)
      let nadia = try scene.analyst("nadia")
      let outcome = try nadia.run(["join", code])
      #expect(outcome.code == 65, "\(outcome)")
      expectSays(outcome, ["the code does not fit", team.server.url, "press"])
      #expect(try nadia.run(["status"]).code == 66, "no store is left behind")
      other.stop()
      let omar = try scene.analyst("omar")
      let unreachable = try omar.run(["join", code])
      #expect(unreachable.code == 69, "\(unreachable)")
      expectSays(unreachable, [team.server.url])
    }
  }
}
