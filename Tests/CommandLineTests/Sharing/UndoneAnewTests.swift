import SimulationKit
import Testing

/// A slip that was taken back offline, onto an edit that the log then refuses.
@Suite struct UndoneAnewTests {
  /// Omar's second device takes all of his share of one field, so that an edit of his first one, which
  /// has not heard of it, is refused for that field with all else that it changes.
  private func play(_ body: (Team, _ omar: Analyst, _ second: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox(["--note", "Layla's"])
      let omar = try team.member("omar")
      let second = try scene.analyst("omar", on: scene.machine("second-laptop"))
      try second("join", try #require(omar.json("device", "add")["code"]?.text))
      try omar("sync")
      let clock = try clockText(second.json("show", "fox")["clock"])
      for number in 1...32 {
        try second("edit", "fox", "--confidence", "0.\(number + 10)", "--against", clock)
      }
      try second("sync")
      try omar("edit", "fox", "--note", "with too much", "--confidence", "0.5")
      try omar("edit", "fox", "--note", "a slip")
      try omar("undo")
      #expect(try omar.json("show", "fox")["note"]?.text == "with too much")
      try body(team, omar, second)
    }
  }

  @Test func `the slip is taken back anew, by the same sync and under one successor`() throws {
    try play { team, omar, second in
      let outcome = try omar.run(["sync", "--json"])
      #expect(outcome.code == 77, "\(outcome)")
      let sync = try outcome.json()
      let codes = (sync["refusals"]?.items ?? []).compactMap { $0["code"]?.text }
      #expect(codes == ["over-limit"], "the undoing is not refused: \(outcome)")
      #expect(sync["refused_changes"]?.int == 1)
      #expect(try omar("status").output.contains("was undone anew"))
      #expect(try omar.json("show", "fox")["note"]?.text == "Layla's")
      #expect(try omar.json("status")["pending_changes"]?.int == 0)
      #expect(try omar.json("quarantine").items.count == 1)
      #expect(try omar.json("device", "list", "--member", "omar").items.count == 3)
      try expectConverged([omar, second, team.layla], team.server)
      let shown = try team.layla.json("show", "fox")
      #expect(shown["note"]?.text == "Layla's")
      _ = try expectRefused(omar, ["undo", "--edit"], code: 65, says: ["nothing of yours to undo"])
    }
  }

  @Test func `where others have written there meanwhile, the undoing is set aside as well`()
    throws
  {
    try play { team, omar, second in
      try team.layla("edit", "fox", "--note", "Layla's again")
      try team.layla("sync")
      try omar("pull")
      let outcome = try omar.run(["sync", "--json"])
      #expect(outcome.code == 77, "\(outcome)")
      let refusals = try outcome.json()["refusals"]?.items ?? []
      #expect(refusals.compactMap { $0["code"]?.text } == ["over-limit", "bad-operation"])
      #expect(try omar.json("device", "list", "--member", "omar").items.count == 3)
      // The slip is undone no more: it stands beside Layla's note, and `undo` knows it again.
      _ = try expectRefused(omar, ["undo"], code: 65, says: ["note", "changed since"])
      try omar("resolve", "fox", "note", "--value", "settled", "--reason", "both")
      try expectConverged([omar, second, team.layla], team.server)
      #expect(try team.layla.json("show", "fox")["note"]?.text == "settled")
    }
  }
}
