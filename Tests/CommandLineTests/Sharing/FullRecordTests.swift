import SimulationKit
import Testing

@Suite struct FullRecordTests {
  @Test func `a record that one member has filled is as usable for others as before`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      let clock = try clockText(omar.json("show", "fox")["clock"])
      // Each is saved over the same old form, so that none takes another's place.
      for number in 1...32 {
        try omar("edit", "fox", "--note", "full \(number)", "--against", clock)
      }
      try omar("sync")
      try team.layla("sync")
      #expect(try team.layla.conflict("note")["siblings"]?.items.count == 32)
      try team.layla("edit", "fox", "--add-tag", "mine", "--label", "still works")
      try team.layla("edit", "fox", "--note", "and a note", "--against", clock)
      let sync = try team.layla.json("sync")
      #expect(sync["refused_changes"]?.int == 0)
      try team.layla("resolve", "fox", "note", "--value", "one word", "--reason", "enough")
      try expectConverged(team.all, team.server)
      #expect(try omar.shown("fox", "note")?.text == "one word")
      #expect(try omar.json("conflicts") == .items([]))
    }
  }
}
