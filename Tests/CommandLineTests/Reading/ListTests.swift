import SimulationKit
import Testing

@Suite struct ListTests {
  /// Two articles and two analysts' annotations, by their ids for scripts.
  private func play(_ body: (Team) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let (layla, omar) = (team.layla, try team.member("omar"))
      try layla.write("Good news.\n".utf8, to: "second.txt")
      try layla("article", "add", "second.txt")
      try layla("sync")
      try omar("sync")
      try annotate(layla, "a1", Team.article, "brown fox", "animal", ["x"])
      try annotate(layla, "a2", Team.article, "lazy dog", "animal", ["x", "y"])
      try annotate(layla, "a3", "second.txt", "news", "judgement", ["y"])
      try annotate(omar, "a4", "second.txt", "Good", "judgement", [])
      try annotate(omar, "a5", Team.article, "quick", "speed", ["y"])
      try omar("reply", "a4", "really?", "--id", "r1")
      try layla("relate", "a1", "faster than", "a2", "--id", "l1")
      try layla("delete", "a2")
      try omar("sync")
      try layla("sync")
      try omar("sync")
      try layla("edit", "a5", "--label", "pace")
      try omar("edit", "a5", "--label", "tempo")
      try omar("sync")
      try layla("sync")
      try body(team)
    }
  }

  private func annotate(
    _ analyst: Analyst, _ id: String, _ article: String, _ quote: String, _ label: String,
    _ tags: [String]
  ) throws {
    try analyst.run(
      ["annotate", article, "--quote", quote, "--label", label, "--id", id]
        + tags.flatMap { ["--tag", $0] }
    ).successful()
  }

  private func expectList(
    _ analyst: Analyst, _ options: [String], _ expected: Set<String>,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let items = try analyst.run(["list", "--json"] + options).successful().json()
    let names = try Dictionary(
      uniqueKeysWithValues: ["a1", "a2", "a3", "a4", "a5", "r1", "l1"].map {
        (try analyst.shown($0, "id")?.text, $0)
      })
    let found = items.items.map { names[$0["id"]?.text] ?? "?" }
    #expect(Set(found) == expected, "\(options)", sourceLocation: sourceLocation)
    #expect(found.count == expected.count, "\(options)", sourceLocation: sourceLocation)
    let told = try analyst.run(["list"] + options).successful()
    for item in items.items {
      #expect(told.output.contains(item["handle"]?.text ?? "?"), sourceLocation: sourceLocation)
    }
    if expected.isEmpty {
      #expect(told.output == "", sourceLocation: sourceLocation)
      expectSays(told, ["nothing matches"], sourceLocation: sourceLocation)
    }
  }

  @Test func `every filter narrows the list, and all of them together`() throws {
    try play { team in
      let layla = team.layla
      try expectList(layla, [], ["a1", "a3", "a4", "a5"])
      try expectList(layla, ["--article", "text"], ["a1", "a5"])
      try expectList(layla, ["--article", "second.txt"], ["a3", "a4"])
      try expectList(layla, ["--label", "judgement"], ["a3", "a4"])
      try expectList(layla, ["--label", "animal"], ["a1"])
      try expectList(layla, ["--label", "pace"], ["a5"])
      try expectList(layla, ["--label", "tempo"], ["a5"])
      try expectList(layla, ["--label", "speed"], [])
      try expectList(layla, ["--tag", "x"], ["a1"])
      try expectList(layla, ["--tag", "y"], ["a3", "a5"])
      try expectList(layla, ["--tag", "z"], [])
      try expectList(layla, ["--analyst", "omar"], ["a4", "a5"])
      try expectRefused(
        layla, ["list", "--analyst", "nobody"], code: 66, says: ["no member nobody"])
      try expectList(layla, ["--conflicted"], ["a5"])
      try expectList(layla, ["--deleted"], ["a2"])
      try expectList(layla, ["--deleted", "--tag", "x"], ["a2"])
      try expectList(layla, ["--deleted", "--conflicted"], [])
      try expectList(layla, ["--tag", "y", "--analyst", "omar"], ["a5"])
      try expectList(
        layla, ["--article", "second", "--label", "judgement", "--analyst", "layla"], ["a3"])
      try expectList(layla, ["--article", "second", "--tag", "x"], [])
      try expectList(layla, ["--kind", "reply"], ["r1"])
      try expectList(layla, ["--kind", "reply", "--article", "second"], ["r1"])
      try expectList(layla, ["--kind", "reply", "--article", "text"], [])
      try expectList(layla, ["--kind", "relation"], ["l1"])
      try expectList(layla, ["--kind", "relation", "--analyst", "omar"], [])
      try expectRefused(
        layla, ["list", "--article", "third"], code: 66, says: ["no article third"])
      #expect(try layla.run(["list", "--kind", "thing"]).code == 64)
    }
  }

  @Test func `every kind of record is listed with the shape of an item`() throws {
    try play { team in
      for analyst in team.all {
        expect(try analyst.json("list", "--kind", "annotation"), .list)
        expect(
          try analyst.json("list", "--kind", "reply"), .list(of: "reply", id: .hex(32)))
        expect(
          try analyst.json("list", "--kind", "relation"), .list(of: "relation", id: .hex(32)))
        expect(
          try analyst.json("list", "--kind", "article"), .list(of: "article", id: .hex(64)))
        expect(try analyst.json("list", "--kind", "label"), .list(of: "label", id: .hex(64)))
      }
      let layla = team.layla
      let reply = try #require(layla.json("list", "--kind", "reply")[0])
      #expect(reply["parent"] == (try layla.shown("a4", "id")))
      #expect(reply["note"]?.text == "really?")
      #expect(reply["analyst"]?.text == "omar")
      #expect(reply["article"] == (try layla.shown("a4", "article")))
      let relation = try #require(layla.json("list", "--kind", "relation")[0])
      #expect(relation["name"]?.text == "faster than")
      #expect(relation["from"] == (try layla.shown("a1", "id")))
      #expect(relation["to"] == (try layla.shown("a2", "id")))
      let labels = try layla.json("list", "--kind", "label").items.compactMap { $0["name"]?.text }
      #expect(Set(labels) == ["animal", "judgement", "speed", "pace", "tempo"])
      let articles = try layla.json("list", "--kind", "article").items
      #expect(
        Set(articles.compactMap { $0["name"]?.text }) == [
          "The quick brown fox jumps over the lazy dog.", "Good news.",
        ])
    }
  }
}
