import SimulationKit
import Testing

@Suite struct ConflictTextTests {
  @Test func `conflicts mark the sibling that is shown, and give a command that works`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar.annotate("lazy dog", as: "dog")
      try omar("sync")
      try team.layla("sync")
      try team.layla("edit", "fox", "--label", "kept")
      try omar("delete", "fox")
      try team.layla("edit", "dog", "--label", "early")
      try omar("edit", "dog", "--label", "late")
      try omar("sync")
      try team.layla("sync")
      let shown = try team.layla("conflicts").lines.filter { $0.contains("▸") }
      #expect(shown.count == 2)
      #expect(shown.contains { $0.contains("layla") && $0.contains("live") }, "\(shown)")
      #expect(shown.contains { $0.contains("omar") && $0.contains("late") }, "\(shown)")
      for field in ["lifecycle", "label"] {
        let command = try #require(
          team.layla("conflicts", "--field", field).lines.first {
            $0.contains("hashiya resolve")
          })
        let words = command.split(separator: " ").dropFirst().prefix { $0 != "--reason" }
        try team.layla.run(words.map(String.init) + ["--reason", "as shown"]).successful()
      }
      try expectConverged(team.all, team.server)
      #expect(try omar.json("conflicts") == .items([]))
      #expect(try omar.json("show", "dog")["label"]?.text == "late")
      #expect(try omar.json("show", "fox")["deleted"]?.bool == false)
    }
  }
}
