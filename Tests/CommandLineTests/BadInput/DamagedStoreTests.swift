import SimulationKit
import Testing

@Suite struct DamagedStoreTests {
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
