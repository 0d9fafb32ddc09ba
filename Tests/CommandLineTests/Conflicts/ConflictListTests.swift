import SimulationKit
import Testing

@Suite struct ConflictListTests {
  @Test func `a conflict about a passage lists both, each with article, spans and words`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let article = try #require(team.layla.json("article", "list")[0]?["id"]?.text)
      try team.quarrel(
        omar: ["edit", "fox", "--span", "4:9", "--span", "16:19"],
        layla: ["edit", "fox", "--span", "10:25"])
      for analyst in team.all {
        let conflict = try analyst.conflict("target")
        let omars = JSON.members([
          "article": .text(article), "quote": .text("quick … fox"),
          "spans": .items([.items([.int(4), .int(9)]), .items([.int(16), .int(19)])]),
        ])
        let laylas = JSON.members([
          "article": .text(article), "quote": .text("brown fox jumps"),
          "spans": .items([.items([.int(10), .int(25)])]),
        ])
        #expect(conflict["siblings"]?.items.map { $0["value"] } == [omars, laylas])
        #expect(conflict["shown"] == laylas)
        #expect(conflict["reason"]?.text == "latest-time")
        #expect(try analyst.shown("fox", "conflicts") == .items([.text("target")]))
        let told = try analyst("conflicts").output
        for words in ["4:9 16:19", "quick", "10:25", "brown fox jumps", "text.txt, line 1"] {
          #expect(told.contains(words), "\(words) in \(told)")
        }
      }
    }
  }

  @Test func `each sibling names its dot, author, time, leaf, and what its author had received`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let before = try #require(try team.layla.shown("fox", "clock"))
      expect(before, .knownVector)
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      let conflict = try team.layla.conflict("label")
      #expect(try team.member("omar").conflict("label") == conflict)
      #expect(conflict["kind"]?.text == "annotation")
      let clock = try #require(conflict["clock"])
      #expect(try team.layla.shown("fox", "clock") == clock)
      let leaves = try team.layla.json("audit", "list").items
      for (sibling, analyst) in zip(conflict["siblings"]?.items ?? [], ["omar", "layla"]) {
        #expect(sibling["analyst"]?.text == analyst)
        #expect(sibling["against"] == before, "both had received the annotation as it was made")
        #expect(sibling["resolution"]?.bool == false)
        #expect(sibling["reason"]?.isNull == true)
        let parts = sibling["dot"]?.text?.split(separator: ":").map(String.init) ?? []
        #expect(clock[parts[0]]?.int == Int(parts[1]), "the last change of each counts")
        let leaf = try #require(leaves.first { $0["index"] == sibling["leaf"] })
        #expect(leaf["analyst"]?.text == analyst)
        #expect(leaf["replica"]?.text == parts[0])
        #expect((leaf["first"]?.int ?? .max) <= Int(parts[1]) ?? 0)
        #expect((leaf["last"]?.int ?? 0) >= Int(parts[1]) ?? .max)
      }
      // What is pending has no leaf.
      try team.layla(
        "edit", "fox", "--label", "laylas third", "--against", clockText(before))
      let third = try #require(
        team.layla.conflict("label")["siblings"]?.items.first {
          $0["value"]?.text == "laylas third"
        })
      #expect(third["leaf"]?.isNull == true)
    }
  }

  /// Conflicts in two articles: about `fox` in the first between Omar and Layla, and about `news` in
  /// the second between Nadia and Layla.
  private func playTwo(_ body: (Team) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene, ["nadia", "omar"])
      try team.layla.write("Good news.\n".utf8, to: "second.txt")
      try team.layla("article", "add", "second.txt")
      try team.layla(
        "annotate", "second", "--quote", "news", "--label", "claim", "--id", "news")
      try team.shareFox()
      let nadia = try team.member("nadia")
      try nadia("edit", "news", "--note", "nadias")
      try team.layla("edit", "news", "--note", "laylas")
      try nadia("edit", "news", "--label", "nadias")
      try team.layla("edit", "news", "--label", "laylas")
      try nadia("sync")
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      try body(team)
    }
  }

  private func listed(_ analyst: Analyst, _ options: String...) throws -> Set<[String]> {
    let found = try analyst.run(["conflicts", "--json"] + options).successful().json()
    expect(found, .conflicts)
    let names = try Dictionary(
      uniqueKeysWithValues: ["fox", "news"].map { (try analyst.shown($0, "id")?.text, $0) })
    let pairs = found.items.map { [names[$0["id"]?.text] ?? "?", $0["field"]?.text ?? "?"] }
    #expect(Set(pairs).count == pairs.count)
    let told = try analyst.run(["conflicts"] + options).successful().lines
    #expect(told.filter { $0.contains("▸") }.count == pairs.count, "\(told)")
    return Set(pairs)
  }

  @Test func `conflicts narrow down by article, analyst and field, and all at once`() throws {
    try playTwo { team in
      let layla = team.layla
      let all: Set = [["fox", "label"], ["news", "label"], ["news", "note"]]
      let everything = try listed(layla)
      #expect(everything == all)
      #expect(try listed(layla, "--analyst", "layla") == all)
      #expect(try listed(layla, "--analyst", "omar") == [["fox", "label"]])
      #expect(try listed(layla, "--analyst", "nadia") == [["news", "label"], ["news", "note"]])
      try expectRefused(
        layla, ["conflicts", "--analyst", "nobody"], code: 66, says: ["no member nobody"])
      #expect(try listed(layla, "--article", "text") == [["fox", "label"]])
      #expect(try listed(layla, "--article", "second") == [["news", "label"], ["news", "note"]])
      #expect(try listed(layla, "--field", "label") == [["fox", "label"], ["news", "label"]])
      #expect(try listed(layla, "--field", "target") == [])
      #expect(
        try listed(layla, "--field", "label", "--article", "second", "--analyst", "nadia") == [
          ["news", "label"]
        ])
      #expect(
        try listed(layla, "--field", "note", "--article", "second", "--analyst", "omar") == [])
      #expect(try layla.run(["conflicts", "--article", "third"]).code == 66)
      #expect(try layla.json("status")["conflicts"]?.int == all.count)
    }
  }

  @Test func `a deleted record has no conflicts, and has them again when it is restored`() throws {
    try playTwo { team in
      try team.layla("delete", "news")
      #expect(try listed(team.layla) == [["fox", "label"]])
      #expect(try team.layla.json("status")["conflicts"]?.int == 1)
      try team.layla("restore", "news")
      #expect(try listed(team.layla).count == 3)
      try expectConverged(team.all, team.server)
      #expect(try listed(team.member("nadia")).count == 3)
    }
  }

  @Test func `titles of articles and labels' names come into conflict too`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.quarrel(
        omar: ["article", "edit", "text", "--title", "Omars title"],
        layla: ["article", "edit", "text", "--title", "Laylas title"])
      let conflict = try team.layla.json("conflicts", "--field", "title")[0]
      expect(conflict?["id"], .hex(64))
      #expect(conflict?["kind"]?.text == "article")
      #expect(conflict?["shown"]?.text == "Laylas title")
      #expect(
        try team.layla.json("article", "list")[0]?["conflicts"] == .items([.text("title")]))
      #expect(try listedArticles(team.layla) == 1)
      try team.layla("resolve", "text", "title", "--take", "omar", "--reason", "r")
      #expect(try listedArticles(team.layla) == 0)
      try expectConverged(team.all, team.server)
      #expect(
        try team.member("omar").json("article", "list")[0]?["title"]?.text == "Omars title")
    }
  }

  private func listedArticles(_ analyst: Analyst) throws -> Int {
    try analyst.json("conflicts", "--article", "text").items.count
  }
}
