import Foundation
import SimulationKit
import Testing

extension ServerHost {
  /// What its machine knows of the logs that it signs.
  var record: String { machine.stateFolder + "/hashiya-server" }

  /// Stops, puts a copy of the data folder in the place of the folder, and starts.
  func restore(_ backup: String, in scene: Scene) throws {
    stop()
    try scene.copy(backup, to: data)
    try start()
  }

  /// Why the only workspace takes nothing in, as `status` tells; nil when it does not.
  func recoveryReason() throws -> String? {
    try json("status")["workspaces"]?[0]?["recovery"]?["reason"]?.text
  }

  /// How many leaves the only workspace has.
  func size() throws -> Int? { try json("status")["workspaces"]?[0]?["size"]?.int }

  /// The files of the only workspace.
  var log: String { data + "/workspaces/press/log.sqlite" }
}

/// A server whose data folder went back: what members see, and what brings it forward again.
@Suite struct RestoredServerTests {
  /// A team whose server was copied, went on by a change of each, and was put back.
  private func restoredTeam(
    _ scene: Scene, names: [String] = ["omar"], _ before: (Team) throws -> Void = { _ in }
  ) throws -> Team {
    let team = try Team(scene, names)
    let backup = scene.folder + "/backup"
    team.server.stop()
    try scene.copy(team.server.data, to: backup)
    try team.server.start()
    for analyst in team.all {
      try analyst.annotate("fox", as: "after-\(analyst.name)")
      try analyst("sync")
    }
    try before(team)
    try team.server.restore(backup, in: scene)
    return team
  }

  @Test func `a member's next sync heals the server, and everybody goes on`() throws {
    try Scene.play { scene in
      let team = try restoredTeam(scene)
      let lost = try #require(try team.server.size())
      #expect(try team.server.recoveryReason() == "leaves-lost")
      let doctor = try team.server.run(["doctor"])
      #expect(doctor.code == 1 && doctor.output.contains("restored from an old copy"), "\(doctor)")
      let omar = try team.member("omar")
      try omar.annotate("dog", as: "later")
      let healing = try omar.run(["sync"]).successful()
      #expect(healing.output.contains("came back from this store"), "\(healing)")
      #expect(healing.output.contains("in sync: one state"), "\(healing)")
      #expect(try #require(try team.server.size()) > lost + 1)
      #expect(try team.server.recoveryReason() == nil)
      try expectConverged(team.all, team.server)
      #expect(try omar.enrolments() == 1)
    }
  }

  @Test func `a member who lacks what was lost is told so, reads on, and loses nothing`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["omar", "nadia"])
      let (omar, nadia) = (try team.member("omar"), try team.member("nadia"))
      let backup = scene.folder + "/backup"
      try omar("sync")
      team.server.stop()
      try scene.copy(team.server.data, to: backup)
      try team.server.start()
      try omar.annotate("fox", as: "lost")
      try omar("sync")
      try team.server.restore(backup, in: scene)
      try nadia.annotate("dog", as: "waiting")
      let sync = try nadia.run(["sync"])
      #expect(sync.code == 75, "\(sync)")
      expectSays(
        sync, ["the server was restored from an old copy", "your work is safe here"])
      #expect(!sync.messages.contains("try again later"), "\(sync)")
      let status = try nadia.run(["status"])
      #expect(status.output.contains("your work is safe here"), "\(status)")
      #expect(!status.output.contains("in sync with the server"), "\(status)")
      #expect(try nadia.json("status")["server_restored"]?.text != nil)
      #expect(try nadia.run(["doctor"]).output.contains("tell its operator"))
      #expect(try nadia.json("pull")["pulled_changes"]?.int != nil)
      try omar("sync")
      #expect(try nadia.json("sync")["in_sync"]?.bool == true)
      #expect(try nadia.json("status")["server_restored"]?.isNull == true)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `those who only push give back what is theirs`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["omar", "nadia"])
      let backup = scene.folder + "/backup"
      let members = try ["omar", "nadia"].map { try team.member($0) }
      for member in members { try member("sync") }
      team.server.stop()
      try scene.copy(team.server.data, to: backup)
      try team.server.start()
      for (index, word) in ["fox", "dog", "quick", "lazy"].enumerated() {
        let member = members[index % 2]
        try member.annotate(word, as: "pushed-\(index)")
        try member("push")
      }
      let size = try #require(try team.server.size())
      try team.server.restore(backup, in: scene)
      let first = try members[1].run(["push"])
      #expect(first.code == 0 || first.code == 75, "\(first)")
      try members[0].annotate("brown", as: "more")
      let second = try members[0].run(["push"])
      let third = try members[1].run(["sync"])
      #expect(third.isSuccess, "\(first) \(second) \(third)")
      #expect(try #require(try team.server.size()) >= size)
      try expectConverged(team.all, team.server)
    }
  }

  @Test(arguments: [true, false])
  func `a bundle heals, served or not`(isServed: Bool) throws {
    try Scene.play { scene in
      let team = try restoredTeam(scene)
      let omar = try team.member("omar")
      try omar.annotate("dog", as: "by-mail")
      try omar("sync", "bundle", "create", "omar.bundle")
      if !isServed { team.server.stop() }
      let applied = try team.server.json("bundle", "apply", omar.folder + "/omar.bundle")
      #expect(applied["healed"]?.int ?? 0 > 0, "\(applied)")
      #expect(applied["appended"]?.int == 1, "\(applied)")
      if !isServed { try team.server.start() }
      #expect(try team.server.recoveryReason() == nil)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a log that is deleted while it is served is no empty slot`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let claim = try server.createWorkspace()
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla("publish", claim)
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: server.log + suffix)
      }
      try layla.annotate("fox", as: "unlinked")
      let push = try layla.run(["sync"])
      #expect(push.code == 75, "\(push)")
      expectSays(push, ["your work is safe here"])
      let stopped = server.stop()
      try server.start()
      #expect(try server.recoveryReason() == "leaves-lost", "\(String(describing: stopped))")
      let thief = try scene.analyst("thief")
      try thief("init", "--analyst", "thief")
      #expect(try thief.run(["publish", claim]).code == 75)
      #expect(try server.size() == 0)
      #expect(try layla.json("sync")["in_sync"]?.bool == true)
      try expectConverged([layla], server)
    }
  }

  @Test func `a log that loses its WAL after a kill takes it back`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.layla.annotate("fox", as: "in-the-wal")
      try team.layla("sync")
      team.server.kill()
      try FileManager.default.removeItem(atPath: team.server.log + "-wal")
      try team.server.start()
      #expect(try team.server.recoveryReason() == "leaves-lost")
      #expect(try team.layla.json("sync")["in_sync"]?.bool == true)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a folder on another machine waits for the operator's word`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      try FileManager.default.removeItem(atPath: team.server.record)
      try team.server.start()
      #expect(try team.server.recoveryReason() == "no-record")
      try team.layla.annotate("fox", as: "waits")
      let sync = try team.layla.run(["sync"])
      #expect(sync.code == 75, "\(sync)")
      expectSays(sync, ["waits for its operator", "your work is safe here"])
      #expect(try team.server.run(["recover", "--heal"]).code == 75)
      #expect(try team.server.run(["recover"]).code == 64)
      let told = try team.server.run(["recover", "--nothing-lost"])
      #expect(told.isSuccess && told.output.contains("takes changes in"), "\(told)")
      #expect(try team.server.run(["recover", "--nothing-lost"]).code == 65)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a whole machine that went back stops at the first larger head, and is decided over`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar("sync")
      team.server.stop()
      try scene.copy(team.server.data, to: scene.folder + "/backup")
      try scene.copy(team.server.record, to: scene.folder + "/record")
      try team.server.start()
      try omar.annotate("fox", as: "lost")
      try omar("sync")
      team.server.stop()
      try scene.copy(scene.folder + "/backup", to: team.server.data)
      try scene.copy(scene.folder + "/record", to: team.server.record)
      try team.server.start()
      let sync = try omar.run(["sync"])
      #expect(sync.code == 75, "\(sync)")
      expectSays(sync, ["restored from an old copy", "key was stolen", "your work is safe here"])
      try team.layla.annotate("dog", as: "waits")
      #expect(try team.layla.run(["sync"]).code == 75)
      #expect(try team.server.run(["recover", "--nothing-lost"]).code == 65)
      #expect(try team.server.run(["recover", "--heal"]).isSuccess)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `healing needs no token, and tells strangers nothing`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      _ = try server.createWorkspace()
      try server.start()
      let long = [UInt8](repeating: 7, count: 60_000)
      let requests: [(headers: [String], body: [UInt8])] = [
        ([], [3, 10, 1, 65]), ([], [0]), ([], long), ([], [200]), (["Content-Length: 0"], []),
        (["Content-Encoding: gzip"], [3, 10, 1, 65]), (["Content-Encoding: gzip"], long),
        (["Content-Length: 99999999"], long), (["Content-Type: text/plain"], [9, 9]),
      ]
      for request in requests {
        let answers = try ["press", "nowhere"].map { name in
          try RawHTTP.request(
            "POST", "/v1/workspaces/\(name)/heal", headers: request.headers, body: request.body,
            port: server.port)
        }
        #expect(answers.map(\.status) == [403, 403], "\(request)")
        #expect(answers[0].body == answers[1].body)
      }
      let get = try RawHTTP.request("GET", "/v1/workspaces/press/heal", port: server.port)
      #expect(get.status == 405)
    }
  }

  @Test func `what the state folder may be is checked`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      _ = try server.createWorkspace()
      let within = try server.run(["status", "--state", server.data + "/state"])
      #expect(within.code == 64, "\(within)")
      expectSays(within, ["is in the data folder"])
      #expect(try server.run(["status", "--state", scene.folder + "/elsewhere"]).isSuccess)
    }
  }
}
