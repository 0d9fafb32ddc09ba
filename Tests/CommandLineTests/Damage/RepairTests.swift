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
    "UPDATE leaf SET is_act = 0 WHERE position = 1",
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
      #expect(try team.layla.json("show", "fox")["note"]?["value"]?.text == "after the damage")
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
    try play { team, _ in
      team.server.stop()
      try SQLiteFile.execute(
        SQLiteFile.alteringLastByte(of: "batch", in: "leaf", where: "position = 3"),
        in: log(of: team))
      let outcome = try team.server.run(["doctor", "--repair"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["leaf 3", "left as it is", "backup"])
    }
  }

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
