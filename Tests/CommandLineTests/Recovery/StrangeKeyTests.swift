import Foundation
import SimulationKit
import Testing

/// Another log's secret key in the place of a slot's own.
@Suite struct StrangeKeyTests {
  /// A team in `press`, whose key is that of an empty slot `second`; the server is stopped.
  private func play(
    _ body: (Team, _ log: String, _ putKeyBack: () throws -> Void) throws -> Void
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      _ = try team.server.createWorkspace("second")
      team.server.stop()
      let folder = team.server.data + "/workspaces/press"
      let own = try fileBytes(folder + "/log.skey")
      func put(_ key: [UInt8]) throws {
        try Data(key).write(to: URL(fileURLWithPath: folder + "/log.skey"))
        chmod(folder + "/log.skey", 0o600)
      }
      try put(fileBytes(team.server.data + "/workspaces/second/log.skey"))
      try body(team, folder + "/log.sqlite") { try put(own) }
    }
  }

  private func expectTold(_ team: Team) throws {
    #expect(try team.server.recoveryReason() == "key-lost")
    let status = try team.server.run(["status"]).successful()
    #expect(status.output.contains("the key of scene.example/log/second"), "\(status)")
    let doctor = try team.server.run(["doctor"])
    #expect(doctor.code == 1, "\(doctor)")
    #expect(doctor.output.contains("the key of another log, scene.example/log/second"), "\(doctor)")
  }

  @Test func `it takes the log not over, and nothing is signed until the right one is back`() throws
  {
    try play { team, log, putKeyBack in
      let before = try team.server.json("audit", "verify", "--workspace", "press")
      #expect(before["verified"]?.bool == true)
      try expectTold(team)
      let repair = try team.server.run(["doctor", "--repair"])
      #expect(repair.code == 1, "\(repair)")
      #expect(!FileManager.default.fileExists(atPath: log + ".damaged"), "nothing is damaged")
      let recover = try team.server.run(["recover", "--nothing-lost", "--workspace", "press"])
      #expect(recover.code == 65, "\(recover)")
      expectSays(recover, ["secret key"])
      #expect(try team.server.json("audit", "verify", "--workspace", "press") == before)

      try team.server.start()
      #expect(try team.layla.json("pull")["pulled_changes"]?.int != nil)
      try team.layla("edit", "fox", "--note", "waits")
      #expect(try team.layla.run(["sync"]).code == 75)
      team.server.stop()
      try putKeyBack()
      try team.server.start()
      for analyst in team.all { #expect(try analyst.json("sync")["in_sync"]?.bool == true) }
    }
  }

  @Test(arguments: [
    SQLiteFile.alteringLastByte(of: "state", in: "record", where: "kind = 2"),
    // The log itself does not say its key then: the machine's record of it does.
    "UPDATE log SET log_key = 'none'",
  ])
  func `a damaged log is repaired as the one that it was signed as`(_ damage: String) throws {
    try play { team, log, putKeyBack in
      try SQLiteFile.execute(damage, in: log)
      let repair = try team.server.run(["doctor", "--repair"])
      // All but the key is well again.
      #expect(repair.code == 1, "\(repair)")
      #expect(FileManager.default.fileExists(atPath: log + ".damaged"))
      try expectTold(team)
      try putKeyBack()
      #expect(try team.server.run(["doctor"]).isSuccess)
      try team.server.start()
      for analyst in team.all { #expect(try analyst.json("sync")["in_sync"]?.bool == true) }
    }
  }

  @Test func `a lost log is not begun under it`() throws {
    try play { team, log, putKeyBack in
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(atPath: log + suffix)
      }
      try team.server.start()
      try expectTold(team)
      team.server.stop()
      try putKeyBack()
      try team.server.start()
      #expect(try team.server.recoveryReason() == "leaves-lost")
      for analyst in team.all { #expect(try analyst.json("sync")["in_sync"]?.bool == true) }
    }
  }
}
