import SimulationKit
import Testing

@Suite struct ExplanationTests {
  /// Layla and Omar change everything about one annotation at once, and then decide some of it.
  private func play(_ body: (_ team: Team, _ omar: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let (layla, omar) = (team.layla, try team.member("omar"))
      try layla.annotate("brown fox", as: "fox")
      try layla("edit", "fox", "--note", "first", "--add-tag", "kept", "--confidence", "0.5")
      try layla("sync")
      try omar("sync")
      try layla(
        "edit", "fox", "--label", "laylas", "--note", "by Layla", "--remove-tag", "kept",
        "--confidence", "0.25")
      try omar("edit", "fox", "--label", "omars", "--note", "by Omar", "--confidence", "0.75")
      try omar("edit", "fox", "--remove-tag", "kept", "--span", "10:15")
      try omar("edit", "fox", "--add-tag", "kept")
      try omar("delete", "fox")
      for analyst in [omar, layla, omar] { try analyst("sync") }
      try layla("resolve", "fox", "note", "--take", "omar", "--reason", "he read it")
      for analyst in [layla, omar] { try analyst("sync") }
      try body(team, omar)
    }
  }

  @Test func `the operator is told of a record exactly what its analysts are told`() throws {
    try play { team, omar in
      let id = try #require(try omar.json("show", "fox")["id"]?.text)
      let why = try omar.json("why", "fox")
      expect(why, .why)
      let fields = why["fields"]?.items ?? []
      #expect(fields.count == 6, "every field, and the lifecycle")
      #expect(fields.contains { $0["superseded"]?.items.isEmpty == false })
      #expect(fields.contains { $0["rule"]?.text == "add-wins" })
      #expect(try team.server.json("audit", "why", id) == why)
      #expect(try team.layla.json("why", "fox") == why)
      #expect(
        try team.server.json("audit", "why", id, "label") == omar.json("why", "fox", "label"))
    }
  }

  @Test func `a leaf and an explanation name changes by their analyst`() throws {
    try play { team, omar in
      let id = try #require(try omar.json("show", "fox")["id"]?.text)
      let replica = try omar.replica()
      let lines = try team.server.run(["audit", "why", id, "label"]).successful().output
      #expect(lines.contains("omar/"), "\(lines)")
      let leaves = try omar.json("audit", "list").items
      let index = try #require(
        leaves.last { $0["concurrent"]?.int != 0 }?["index"]?.int)
      let shown = try omar("audit", "show", "\(index)").output
      #expect(shown.contains("layla/") || shown.contains("omar/"), "\(shown)")
      for text in [lines, shown, try team.server.run(["audit", "show", "\(index)"]).output] {
        #expect(!text.contains(replica + ":"), "\(text)")
      }
    }
  }
}
