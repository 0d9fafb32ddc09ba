import SimulationKit
import Testing

/// Files altered behind the programs' backs, and numbers that no log reaches.
@Suite struct DamagedFileTests {
  private static let largest = "18446744073709551615"

  @Test func `a log's end that cannot be is told by doctor and audit of both programs`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      let sabotage = "UPDATE log SET tree_size = -1"
      try SQLiteFile.execute(sabotage, in: team.layla.store + "/store.sqlite")
      try SQLiteFile.execute(sabotage, in: team.server.data + "/workspaces/press/log.sqlite")
      for command in [["doctor"], ["audit", "verify"], ["status"], ["list"]] {
        let outcome = try team.layla.run(command)
        #expect(outcome.code == 74 || outcome.code == 1, "\(outcome)")
        #expect((outcome.messages + outcome.output).contains("tree_size"), "\(outcome)")
      }
      for command in [["doctor"], ["audit", "verify"], ["status"]] {
        let outcome = try team.server.run(command)
        #expect(outcome.code == 74 || outcome.code == 1, "\(outcome)")
        #expect((outcome.messages + outcome.output).contains("tree_size"), "\(outcome)")
      }
    }
  }

  @Test func `one altered byte of a leaf is named by the server's doctor`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      #expect(try team.server.run(["doctor"]).isSuccess)
      try SQLiteFile.execute(
        """
        UPDATE leaf SET bytes = CAST(replace(CAST(bytes AS TEXT), '"changes":1', '"changes":2') AS BLOB)
        WHERE position = 1
        """, in: team.server.data + "/workspaces/press/log.sqlite")
      let outcome = try team.server.run(["doctor"])
      #expect(outcome.code == 1, "\(outcome)")
      #expect(outcome.output.contains("leaf 1 is not the one that was hashed"), "\(outcome)")
    }
  }

  @Test func `leaves that no log can have are not there`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      for outcome in [
        try team.layla.run(["audit", "show", Self.largest]),
        try team.server.run(["audit", "show", Self.largest]),
      ] {
        #expect(outcome.code == 66, "\(outcome)")
        expectSays(outcome, [Self.largest])
      }
      let list = ["audit", "list", "--from", Self.largest, "--limit", "5", "--json"]
      #expect(try team.layla.run(list).successful().json().items.isEmpty)
      #expect(try team.server.run(list).successful().json().items.isEmpty)
    }
  }
}
