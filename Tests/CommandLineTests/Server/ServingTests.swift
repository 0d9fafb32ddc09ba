import SimulationKit
import Testing

@Suite struct ServingTests {
  @Test func `a second server on the same data folder is refused`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let second = try team.server.serveOnce(port: FreePort.next())
      #expect(second.code == 75, "\(second)")
      expectSays(second, [team.server.data, "another hashiya-server"])
      try expectConverged([team.layla], team.server)
      team.server.stop()
      try team.server.start()
      try expectConverged([team.layla], team.server)
    }
  }

  @Test func `a port in use is refused, naming it`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let other = try scene.server("other")
      let second = try other.serveOnce(port: team.server.port)
      #expect(second.code == 73, "\(second)")
      expectSays(second, ["\(team.server.port)", "in use", "--port"])
      try expectConverged([team.layla], team.server)
    }
  }

  @Test func `data folders that are none, or there already, are refused`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let missing = try server.serveOnce(port: 0, data: scene.folder + "/nothing")
      #expect(missing.code == 66, "\(missing)")
      expectSays(missing, ["nothing", "hashiya-server init"])
      let again = try server.launchInit(data: server.data, origin: "two.example")
      #expect(again.code == 73, "\(again)")
      expectSays(again, [server.data, "already"])
      let origin = try server.launchInit(data: scene.folder + "/x", origin: "has space")
      #expect(origin.code == 64, "\(origin)")
      try server.run(["workspace", "create", "press"]).successful()
      #expect(try server.run(["workspace", "create", "press"]).code == 73)
      #expect(try server.run(["workspace", "create", "../press"]).code == 64)
      #expect(try server.run(["status", "--workspace", "nope"]).code == 66)
      #expect(try server.run(["audit", "verify", "--workspace", "nope"]).code == 66)
    }
  }

  @Test func `an address that others can reach is refused without TLS`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let outcome = try server.run(["serve", "--host", "0.0.0.0", "--port", "0"])
      #expect(outcome.code == 64, "\(outcome)")
      expectSays(outcome, ["TLS", "--tls-certificate"])
    }
  }

  @Test func `SIGTERM ends the server with success, and what it acknowledged is there`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      let sync = try omar.json("sync")
      let stopped = try #require(team.server.stop())
      #expect(stopped.isSuccess, "\(stopped)")
      #expect(try team.server.digest() == sync["state_digest"]?.text)
      try team.server.start()
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `an altered byte of the log is named by the audit`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let batch = try #require(team.layla.json("audit", "list")[1]?["batch"]?.text)
      team.server.stop()
      let file = team.server.data + "/workspaces/press/log.sqlite"
      var bytes = try fileBytes(file)
      let needle = Array("\"batch\":\"\(batch)".utf8)
      let place = try #require(
        bytes.indices.first { bytes[$0...].starts(with: needle) })
      bytes[place + 9] = bytes[place + 9] == 0x30 ? 0x31 : 0x30
      try scene.write(bytes, to: String(file.dropFirst(scene.folder.count + 1)))
      let outcome = try team.server.run(["audit", "verify", "--json"])
      #expect(outcome.code == 1, "\(outcome)")
      let verdict = try outcome.json()
      expect(verdict, .auditVerify)
      #expect(verdict["verified"]?.bool == false)
      #expect(verdict["first_bad_leaf"]?.int == 1)
      #expect(verdict["reason"]?.text?.isEmpty == false)
    }
  }
}
