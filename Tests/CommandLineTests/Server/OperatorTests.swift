import SimulationKit
import Testing

@Suite struct OperatorTests {
  /// A server with a published workspace `press` and one that Nadia published as `second`.
  private func playTwo(_ body: (Team, _ nadia: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let nadia = try scene.analyst("nadia")
      try nadia("init", "--analyst", "nadia")
      try nadia("publish", try team.server.createWorkspace("second"))
      try body(team, nadia)
    }
  }

  @Test func `workspaces are listed, published or not`() throws {
    try playTwo { team, nadia in
      try team.server.run(["workspace", "create", "third"]).successful()
      let list = try team.server.json("workspace", "list")
      expect(
        list,
        .array(
          .object([
            "name": .text, "origin": .text, "key": .text, "workspace": .orNull(.hex(64)),
            "size": .int,
          ])))
      #expect(list.items.map { $0["name"]?.text } == ["press", "second", "third"])
      #expect(
        list.items.map { $0["origin"]?.text } == [
          "scene.example/log/press", "scene.example/log/second", "scene.example/log/third",
        ])
      #expect(list[0]?["workspace"] == (try team.layla.json("status")["workspace"]))
      #expect(list[1]?["workspace"] == (try nadia.json("status")["workspace"]))
      #expect(list[2]?["workspace"]?.isNull == true)
      #expect(list[0]?["size"] == (try team.layla.json("status")["log"]?["size"]))
      #expect(list[2]?["size"]?.int == 0)
      let told = try team.server.run(["workspace", "list"]).successful().lines
      #expect(told.contains { $0.contains("third") && $0.contains("empty") })
      let status = try team.server.json("status")
      #expect(status["serving"]?.bool == true)
      #expect(status["workspaces"]?.items.map { $0["name"]?.text } == ["press", "second", "third"])
      #expect(status["workspaces"]?[0]?["members"]?.int == 2)
      #expect(status["workspaces"]?[2]?["workspace"]?.isNull == true)
      let one = try team.server.json("status", "--workspace", "second")
      #expect(one["workspaces"]?.items.count == 1)
      team.server.stop()
      #expect(try team.server.json("status")["serving"]?.bool == false)
    }
  }

  @Test func `where there are several workspaces, one is named`() throws {
    try playTwo { team, nadia in
      try nadia("sync", "bundle", "create", "n.bundle")
      let bundle = nadia.folder + "/n.bundle"
      for command in [
        ["audit", "list"], ["audit", "verify"], ["audit", "show", "0"], ["audit", "why", "abcd"],
        ["bundle", "apply", bundle],
      ] {
        let outcome = try team.server.run(command)
        #expect(outcome.code == 64, "\(outcome)")
        #expect(outcome.output == "")
        expectSays(outcome, ["2 workspaces", "press", "second", "--workspace"])
        let unknown = try team.server.run(command + ["--workspace", "third"])
        #expect(unknown.code == 66, "\(unknown)")
        expectSays(unknown, ["no workspace third", "workspace list"])
      }
      for (name, analyst) in [("press", team.layla), ("second", nadia)] {
        try analyst("sync")
        let leaves = try team.server.json("audit", "list", "--workspace", name)
        expect(leaves, .auditList)
        #expect(leaves == (try analyst.json("audit", "list")))
        let verdict = try team.server.json("audit", "verify", "--workspace", name)
        expect(verdict, .auditVerify)
        #expect(verdict["size"]?.int == leaves.items.count)
      }
      let applied = try team.server.json("bundle", "apply", bundle, "--workspace", "second")
      #expect(applied["appended"]?.int == 0)
      let other = try team.server.run(["bundle", "apply", bundle, "--workspace", "press"])
      #expect(other.code == 65, "\(other)")
      expectSays(other, ["workspace"])
      let doctor = try team.server.json("doctor")
      #expect(doctor["sound"]?.bool == true)
      #expect(doctor["workspaces"]?.items.map { $0["name"]?.text } == ["press", "second"])
      #expect(
        try team.server.json("doctor", "--workspace", "press")["workspaces"]?.items.count == 1)
      #expect(try team.server.run(["doctor", "--workspace", "third"]).code == 66)
      try expectConverged(team.all, [nadia], team.server)
    }
  }

  /// Expects each of two workspaces to be in one state, which `audit verify` of the whole server,
  /// having several, cannot tell.
  private func expectConverged(
    _ first: [Analyst], _ second: [Analyst], _ server: ServerHost
  ) throws {
    for analyst in first + second + first {
      #expect(try analyst.json("sync")["in_sync"]?.bool == true)
    }
    #expect(Set(try first.map { try $0.digest() }).count == 1)
    #expect(try server.run(["doctor"]).isSuccess)
  }

  @Test func `HASHIYA_DATA names the data folder, and an option beats it`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let other = try scene.server("other", origin: "other.example/log")
      func run(_ arguments: [String], data: String?) throws -> ProcessOutcome {
        var environment = server.machine.environment
        environment["HASHIYA_DATA"] = data
        return try ChildProcess(
          ProcessLaunch(
            executable: Programs.server, arguments: arguments, environment: environment,
            directory: scene.folder)
        ).wait()
      }
      let named = try run(["status", "--json"], data: server.data)
      #expect(try named.successful().json()["origin"]?.text == "scene.example/log")
      let beaten = try run(["status", "--json", "--data", other.data], data: server.data)
      #expect(try beaten.successful().json()["origin"]?.text == "other.example/log")
      let before = try run(["--data", other.data, "status", "--json"], data: nil)
      #expect(try before.successful().json()["origin"]?.text == "other.example/log")
      for data in [nil, ""] {
        let none = try run(["status"], data: data)
        #expect(none.code == 64, "\(none)")
        expectSays(none, ["--data", "HASHIYA_DATA"])
      }
      let wrong = try run(["status"], data: scene.folder + "/nowhere")
      #expect(wrong.code == 66, "\(wrong)")
      expectSays(wrong, ["nowhere", "hashiya-server init"])
    }
  }
}
