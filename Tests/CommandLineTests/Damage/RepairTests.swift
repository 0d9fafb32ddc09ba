import Foundation
import SimulationKit
import Testing

/// Damage is told as damage where it is, signs nothing, and is repaired by `doctor --repair`.
@Suite struct RepairTests {
  private func play(_ body: (Team, _ omar: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      try omar("edit", "fox", "--note", "logged")
      try omar("sync")
      try body(team, omar)
    }
  }

  private func log(of team: Team) -> String { team.server.data + "/workspaces/press/log.sqlite" }

  private func size(of team: Team) throws -> Int? {
    try team.server.json("status")["workspaces"]?[0]?["size"]?.int
  }

  @Test(arguments: [
    SQLiteFile.alteringLastByte(of: "state", in: "record", where: "kind = 2"),
    "DELETE FROM record", "DELETE FROM record_change",
    "UPDATE change SET counter = counter + 7 WHERE leaf = (SELECT MAX(leaf) FROM change)",
    "UPDATE leaf SET is_act = 0 WHERE is_act = 1 AND position > 0",
    SQLiteFile.alteringLastByte(of: "hash", in: "tree_hash", where: "1"),
    SQLiteFile.alteringLastByte(of: "state_digest", in: "log", where: "1"),
    SQLiteFile.alteringLastByte(of: "bytes", in: "leaf", where: "position = 2"),
    "CREATE TRIGGER planted AFTER INSERT ON change BEGIN DELETE FROM record; END",
  ])
  func `a damaged server signs nothing, says so, and goes on when it is repaired`(
    _ damage: String
  ) throws {
    try play { team, omar in
      try team.layla("sync")
      let before = try size(of: team)
      try SQLiteFile.execute(damage, in: log(of: team))
      try omar("edit", "fox", "--note", "after the damage")
      let outcome = try omar.run(["sync"])
      #expect(outcome.code == 75, "\(outcome)")
      expectSays(outcome, ["damaged", "doctor --repair"])
      let found = try team.server.run(["doctor", "--json"])
      #expect(found.code == 1, "\(found)")
      #expect(try found.json()["workspaces"]?[0]?["checks"]?.items.isEmpty == false)
      let repaired = try team.server.run(["doctor", "--repair"])
      #expect(repaired.code == 0, "\(repaired)")
      #expect(try size(of: team) == before)
      try expectConverged(team.all, team.server)
      #expect(try team.layla.json("show", "fox")["note"]?.text == "after the damage")
    }
  }

  @Test(arguments: [
    SQLiteFile.alteringLastByte(of: "state", in: "record", where: "kind = 2"),
    SQLiteFile.alteringLastByte(of: "hash", in: "tree_hash", where: "1"),
    "UPDATE change SET chain = zeroblob(32)", "DELETE FROM record",
    "UPDATE pending_record SET is_deleted = 1",
    "CREATE TRIGGER planted AFTER INSERT ON change BEGIN DELETE FROM record; END",
  ])
  func `a damaged store blames nobody, and is repaired with its pending work`(
    _ damage: String
  ) throws {
    try play { team, omar in
      try team.layla("sync")
      try team.layla("edit", "fox", "--note", "by Layla")
      try team.layla("sync")
      try omar("edit", "fox", "--note", "by Omar")
      try SQLiteFile.execute(damage, in: omar.store + "/store.sqlite")
      let outcome = try omar.run(["sync"])
      if outcome.code != 0 {
        #expect(outcome.code == 74, "\(outcome)")
        expectSays(outcome, ["own file is damaged", "hashiya doctor --repair"])
      }
      let doctor = try omar.run(["doctor"])
      #expect(doctor.code == (outcome.code == 0 ? 0 : 1), "\(doctor)")
      #expect(!doctor.output.contains("NOTE"), "no evidence against anybody: \(doctor)")
      let repaired = try omar.run(["doctor", "--repair", "--json"])
      #expect(repaired.code == 0, "\(repaired)")
      #expect(try repaired.json()["healthy"]?.bool == true)
      if outcome.code != 0 {
        let kept = try #require(try repaired.json()["repaired"]?["kept_file"]?.text)
        let attributes = try FileManager.default.attributesOfItem(atPath: kept)
        #expect(kept.hasSuffix("/store.sqlite.damaged"))
        #expect(attributes[.posixPermissions] as? Int == 0o600, "it has the store's keys")
      }
      try expectConverged(team.all, team.server)
      #expect(try team.layla.json("conflicts").items.count == 1)
    }
  }

  @Test func `what a crash left unsigned is no lie`() throws {
    try play { team, _ in
      team.server.stop()
      try SQLiteFile.execute(
        "DELETE FROM checkpoint WHERE tree_size = (SELECT MAX(tree_size) FROM checkpoint)",
        in: log(of: team))
      let verdict = try team.server.json("audit", "verify")
      #expect(verdict["verified"]?.bool == true)
      #expect(verdict["notice"]?.text?.contains("not signed yet") == true)
      try team.server.start()
      #expect(try team.server.json("audit", "verify")["notice"]?.isNull == true)
      #expect(try team.server.run(["doctor"]).isSuccess)
    }
  }

  @Test func `a server's damaged batch is told with what to do, and nothing is changed`() throws {
    try play { team, omar in
      team.server.stop()
      try SQLiteFile.execute(
        SQLiteFile.alteringLastByte(of: "batch", in: "leaf", where: "position = 3"),
        in: log(of: team))
      let outcome = try team.server.run(["doctor", "--repair"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["leaf 3", "left as it is", "backup"])
      // Without a backup everything comes from the members: the state folder knows what was signed.
      for suffix in ["", "-wal", "-shm"] {
        let file = log(of: team) + suffix
        guard FileManager.default.fileExists(atPath: file) else { continue }
        try FileManager.default.moveItem(
          atPath: file, toPath: team.scene.folder + "/old.sqlite" + suffix)
      }
      try team.server.start()
      try omar("edit", "fox", "--note", "afterwards")
      try omar("sync")
      try expectConverged(team.all, team.server)
      #expect(try team.layla.json("show", "fox")["note"]?.text == "afterwards")
    }
  }

  @Test(arguments: [
    SQLiteFile.alteringLastByte(
      of: "batch", in: "leaf", where: "position = (SELECT MAX(position) FROM leaf)"),
    SQLiteFile.alteringLastByte(
      of: "bytes", in: "leaf", where: "position = (SELECT MAX(position) FROM leaf)"),
    SQLiteFile.alteringCheckpoint,
  ])
  func `what a server would send is checked first, so that damage is no lie`(
    _ damage: String
  ) throws {
    try play { team, omar in
      try team.layla("sync")
      try team.layla("edit", "fox", "--note", "for Omar")
      try team.layla("sync")
      try SQLiteFile.execute(damage, in: log(of: team))
      let outcome = try omar.run(["sync"])
      #expect(outcome.code == 75, "\(outcome)")
      expectSays(outcome, ["the server's own files are damaged", "your work is safe here"])
      #expect(try omar.json("evidence").items.isEmpty)
      #expect(try omar.run(["doctor"]).isSuccess)
      #expect(try omar.run(["status"]).output.contains("tell its operator"))
    }
  }

  @Test func `a server starts on a damaged file, serves what it can, and says where`() throws {
    try play { team, omar in
      try team.layla("sync")
      team.server.stop()
      try SQLiteFile.execute(
        SQLiteFile.alteringLastByte(of: "state_digest", in: "log", where: "1"), in: log(of: team))
      try team.server.start()
      let ready = try RawHTTP.request("GET", "/ready", port: team.server.port)
      #expect(ready.status == 503)
      #expect(String(decoding: ready.body, as: UTF8.self).contains("log-damaged"))
      try omar("edit", "fox", "--note", "waiting")
      #expect(try omar.run(["sync"]).code == 75)
      let stopped = try #require(team.server.stop())
      #expect(stopped.messages.contains("doctor --repair --workspace press"), "\(stopped)")
      #expect(try team.server.run(["doctor", "--repair"]).code == 0)
      try team.server.start()
      try expectConverged(team.all, team.server)
    }
  }

  @Test(.enabled(if: PrivateMount.isAllowed, "this machine lets nobody mount a file system"))
  func `a damaged store on a read-only file system says that it cannot be repaired there`() throws {
    try play { _, omar in
      try SQLiteFile.execute("DELETE FROM record", in: omar.store + "/store.sqlite")
      #expect(try omar.runReadOnly(["doctor"]).code == 1)
      let outcome = try omar.runReadOnly(["doctor", "--repair"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["read-only"])
    }
  }

  @Test func `a repair that is killed leaves the damaged file or the repaired one`() throws {
    try play { team, omar in
      try omar("edit", "fox", "--note", "pending")
      var trial = try KillTrial(team)
      for _ in 0..<Self.killCount {
        try SQLiteFile.execute(
          "UPDATE record SET is_deleted = 1 - is_deleted", in: omar.store + "/store.sqlite")
        trial.kill(try omar.start(["doctor", "--repair"]))
        let found = try omar.run(["doctor"])
        #expect([0, 1].contains(found.code), "\(found)")
        try omar("doctor", "--repair")
      }
      #expect(trial.killed > 0)
      try expectConverged(team.all, team.server)
      #expect(try team.layla.json("show", "fox")["note"]?.text == "pending")
    }
  }

  private static let killCount = 8

  @Test func `a store whose own keys are damaged says how to go on`() throws {
    try play { _, omar in
      try SQLiteFile.execute(
        SQLiteFile.alteringLastByte(of: "private_key", in: "own_replica", where: "1"),
        in: omar.store + "/store.sqlite")
      #expect(try omar.run(["doctor"]).code == 1)
      let outcome = try omar.run(["doctor", "--repair"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["key", "Join again"])
    }
  }
}
