import SimulationKit
import Testing

@Suite struct DamagedStoreTests {
  @Test func `a number that nobody counted up to is damage, and ends no process`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try SQLiteFile.execute(
        "UPDATE sqlite_sequence SET seq = 9223372036854775807 WHERE name = 'pending'",
        in: layla.store + "/store.sqlite")
      let outcome = try layla.run(["label", "add", "claim"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["damaged", "hashiya doctor --repair"])
      #expect(try layla.run(["doctor"]).code == 1)
      try layla("doctor", "--repair")
      try layla("label", "add", "claim")
      try expectHealthy(layla)
    }
  }

  @Test func `a file that nobody can read is not repaired, and the next step is another one`()
    throws
  {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Array("no database at all".utf8), to: ".hashiya/store.sqlite")
      #expect(try layla.run(["doctor"]).code == 1)
      let outcome = try layla.run(["doctor", "--repair"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["left as it is", "Join again", "hashiya backup restore"])
      #expect(!outcome.messages.contains("doctor --repair"), "\(outcome)")
    }
  }

  @Test(arguments: [
    "UPDATE log SET log_key = replace(log_key, '+', '+0')",
    "UPDATE log SET log_key = 'scene.example/log+00000000+AAAA'",
    "DROP TABLE listed_conflict; DROP TABLE pending_record", "DROP TABLE leaf",
    "UPDATE own_replica SET private_key = x'00'",
  ])
  func `a store that was damaged says so`(damage: String) throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      try SQLiteFile.execute(damage, in: team.layla.store + "/store.sqlite")
      for command in [["status"], ["list"], ["sync"]] {
        let outcome = try team.layla.run(command)
        #expect(outcome.code == 74, "\(outcome)")
        expectSays(outcome, ["damaged"])
      }
    }
  }
}
