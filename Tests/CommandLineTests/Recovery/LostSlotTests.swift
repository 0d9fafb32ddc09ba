import Foundation
import SimulationKit
import Testing

/// A server of which files are gone, as its operator and its members see it.
@Suite struct LostSlotTests {
  private func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }

  @Test func `a slot that lost its key is known, is read, and keeps nobody from the others`() throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let nadia = try scene.analyst("nadia")
      try nadia("init", "--analyst", "nadia")
      try nadia("publish", try team.server.createWorkspace("second"))
      team.server.stop()
      let key = team.server.data + "/workspaces/press/log.skey"
      let kept = try fileBytes(key)
      remove(key)
      let serving = try team.server.start()
      #expect(try serving.recoveryReason() == "key-lost")
      let status = try serving.run(["status"]).successful()
      for word in ["secret key", key, "second"] {
        #expect(status.output.contains(word), "\(status)")
      }
      #expect(try serving.json("workspace", "list").items.count == 2)
      let doctor = try serving.run(["doctor"])
      #expect(doctor.code == 1 && doctor.output.contains("log.skey is missing"), "\(doctor)")
      #expect(try serving.run(["audit", "verify", "--workspace", "press"]).isSuccess)
      #expect(try team.layla.json("pull")["pulled_changes"]?.int != nil)
      try team.layla.annotate("fox", as: "waits")
      let sync = try team.layla.run(["sync"])
      #expect(sync.code == 75, "\(sync)")
      expectSays(sync, ["lost its log's secret key", "your work is safe here"])
      #expect(try nadia.json("sync")["in_sync"]?.bool == true)
      team.server.stop()
      try Data(kept).write(to: URL(fileURLWithPath: key))
      try team.server.start()
      #expect(try team.layla.json("sync")["in_sync"]?.bool == true)
    }
  }

  @Test func `commands that look neither make a lost log nor fail for the others`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.layla("sync")
      _ = try team.server.createWorkspace("second")
      team.server.kill()
      let log = team.server.log
      let wal = try fileBytes(log + "-wal")
      #expect(!wal.isEmpty)
      remove(log)
      for command in [["status"], ["workspace", "list"], ["doctor"]] {
        let outcome = try team.server.run(command)
        #expect(outcome.output.contains("second"), "\(outcome)")
        #expect((outcome.output + outcome.messages).contains("is missing or empty"), "\(outcome)")
      }
      let audit = try team.server.run(["audit", "verify", "--workspace", "press"])
      #expect(audit.code == 74, "\(audit)")
      expectSays(audit, ["is missing or empty", log + "-wal", "serve"])
      let backup = try team.server.run(["backup", "create", scene.folder + "/b.tar"])
      #expect(backup.code == 74, "\(backup)")
      expectSays(backup, ["press is backed up without its log"])
      #expect(!FileManager.default.fileExists(atPath: log))
      #expect(try fileBytes(log + "-wal") == wal)
      try team.server.start()
      #expect(try fileBytes(log + "-wal.orphaned") == wal)
      #expect(try team.server.recoveryReason() == "leaves-lost")
      #expect(try team.layla.json("sync")["in_sync"]?.bool == true)
    }
  }

  @Test func `a WAL stays where it is while nothing says whose log it was`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.layla("sync")
      team.server.kill()
      let wal = try fileBytes(team.server.log + "-wal")
      #expect(!wal.isEmpty)
      for path in [
        team.server.log, team.server.data + "/workspaces/press/log.skey", team.server.record,
      ] { remove(path) }
      try team.server.start()
      try #require(team.server.process).wait(forMessage: "cannot-open")
      team.server.stop()
      #expect(try team.server.run(["recover", "--heal"]).code == 74)
      #expect(try fileBytes(team.server.log + "-wal") == wal)
    }
  }

  @Test func `a lost data folder is not made anew as an empty one`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let server = team.server
      try team.layla("sync")
      let backup = scene.folder + "/monday.tar"
      try server.run(["backup", "create", backup]).successful()
      let key = try fileBytes(server.data + "/workspaces/press/log.skey")
      server.stop()
      remove(server.data)
      let status = try server.run(["status"])
      #expect(status.code == 66, "\(status)")
      expectSays(status, ["scene.example/log/press", "backup restore"])
      let again = try server.launchInit(data: server.data, origin: "scene.example/log")
      #expect(again.code == 73, "\(again)")
      expectSays(again, ["scene.example/log/press", "the key is lost", "--another"])
      #expect(!FileManager.default.fileExists(atPath: server.data))

      // With the key alone, kept apart, an empty folder heals.
      try server.run(["init", "--another", "--origin", "scene.example/log", "--url", server.url])
        .successful()
      let create = try server.run(["workspace", "create", "press"])
      #expect(create.code == 73, "\(create)")
      try server.start()
      #expect(try server.recoveryReason() == "key-lost")
      let sync = try team.layla.run(["sync"])
      #expect(sync.code == 75, "\(sync)")
      server.stop()
      let kept = server.data + "/workspaces/press/log.skey"
      try Data(key).write(to: URL(fileURLWithPath: kept))
      chmod(kept, 0o600)
      try server.start()
      #expect(try server.recoveryReason() == "leaves-lost")
      #expect(try team.layla.json("sync")["in_sync"]?.bool == true)
      try expectConverged(team.all, server)

      // A folder that lost its server.json alone gets it again.
      server.stop()
      remove(server.data + "/server.json")
      expectSays(try server.run(["status"]), ["lost its server.json", "init"])
      try server.launchInit(data: server.data, origin: "scene.example/log").successful()
      try server.start()
      try expectConverged(team.all, server)
    }
  }

  @Test(arguments: ["file", "folder"])
  func `what is taken away while it is served is noticed at once, and told`(_ what: String) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.layla("sync")
      let backup = scene.folder + "/backup"
      try scene.copy(team.server.data, to: backup)
      if what == "file" {
        remove(team.server.log)
        try scene.copy(backup + "/workspaces/press/log.sqlite", to: team.server.log)
      } else {
        remove(team.server.data)
      }
      for command in ["pull", "sync"] {
        let outcome = try team.layla.run([command])
        #expect(outcome.code == 75, "\(outcome)")
        expectSays(outcome, ["taken away while it ran", "your work is safe here"])
      }
      #expect(try team.layla.json("status")["server_restored"]?.text != nil)
      if what == "file" {
        #expect(try team.server.recoveryReason() == "file-replaced")
        let doctor = try team.server.run(["doctor"])
        #expect(doctor.code == 1 && doctor.output.contains("removed or replaced"), "\(doctor)")
      } else {
        try scene.copy(backup, to: team.server.data)
      }
      team.server.stop()
      try team.server.start()
      #expect(try team.layla.json("sync")["in_sync"]?.bool == true)
    }
  }

  @Test func `a damaged record of what was signed stops no reading`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      for name in try FileManager.default.contentsOfDirectory(atPath: team.server.record)
      where name.hasSuffix(".json") {
        try Data("{".utf8).write(to: URL(fileURLWithPath: team.server.record + "/" + name))
      }
      try team.server.start()
      #expect(try team.server.recoveryReason() == "record-damaged")
      #expect(try team.layla.json("pull")["pulled_changes"]?.int != nil)
      try team.layla.annotate("fox", as: "waits")
      #expect(try team.layla.run(["sync"]).code == 75)
      let told = try team.server.run(["recover", "--nothing-lost"])
      #expect(told.isSuccess, "\(told)")
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a bundle of one who only pushes heals, and shows what its maker holds`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let backup = scene.folder + "/backup"
      let omar = try team.member("omar")
      try omar("sync")
      team.server.stop()
      try scene.copy(team.server.data, to: backup)
      try team.server.start()
      try omar.annotate("fox", as: "pushed")
      try omar("push")
      let size = try #require(try team.server.size())
      team.server.stop()
      remove(team.server.record)
      try scene.copy(backup, to: team.server.data)
      try team.server.start()
      let bundle = omar.folder + "/omar.bundle"
      try omar("sync", "bundle", "create", bundle)
      let applied = try team.server.run(["bundle", "apply", bundle])
      #expect(applied.code == 75, "\(applied)")
      #expect(try team.server.recoveryReason() == "larger-checkpoint")
      #expect(try team.server.run(["recover", "--nothing-lost"]).code == 65)
      #expect(try team.server.run(["recover", "--heal"]).isSuccess)
      #expect(try team.server.size() == size)
      try expectConverged(team.all, team.server)
    }
  }
}
