import SimulationKit
import Testing

@Suite struct LabelMergeTests {
  private func labels(_ analyst: Analyst) throws -> [JSON] {
    try analyst.json("label", "list").items
  }

  private func handle(_ name: String, _ analyst: Analyst) throws -> String {
    try labels(analyst).first { $0["name"]?.text == name }?["handle"]?.text ?? ""
  }

  private func used(_ analyst: Analyst) throws -> [String?] {
    try analyst.json("list").items.map { $0["label"]?.text }
  }

  /// Layla and Omar have each given another label the name `claim` offline, with a use of each.
  private func playClash(_ body: (Team, _ omar: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try team.layla.annotate("brown fox", as: "fox", label: "assertion")
      try team.layla.annotate("lazy dog", as: "dog", label: "statement")
      try expectConverged(team.all, team.server)
      try team.layla("label", "rename", "assertion", "claim")
      try omar("label", "rename", "statement", "claim")
      try expectConverged(team.all, team.server)
      try body(team, omar)
    }
  }

  @Test func `two labels of one name are shown as a conflict, with the command that settles it`()
    throws
  {
    try playClash { team, omar in
      for analyst in team.all {
        let conflicts = try analyst.json("conflicts")
        expect(conflicts, .conflicts)
        let clash = try #require(conflicts.items.first)
        #expect(conflicts.items.count == 1)
        #expect([clash["reason"]?.text, clash["shown"]?.text] == ["same-name", "claim"])
        #expect(clash["labels"]?.items.map { $0["uses"]?.int } == [1, 1])
        let status = try analyst.json("status")
        #expect(status["conflicts"]?.int == 1)
        #expect(status["label_clashes"]?.items == [.text("claim")])
        #expect(try labels(analyst).allSatisfy { $0["same_name"]?.bool == true })
        let told = try analyst("status").output
        #expect(told.contains("2 labels are called claim   → hashiya label merge"), "\(told)")
        #expect(try analyst("list").output.contains("another label has this name"))
      }
      let layla = team.layla
      let handles = try labels(layla).compactMap { $0["handle"]?.text }
      try expectRefused(
        layla, ["edit", "fox", "--label", "claim"], code: 65,
        says: handles + ["hashiya label merge"])
      // A handle is taken wherever a name is.
      let other = try #require(
        layla.json("list").items.first { $0["quote"]?.text == "lazy dog" }?["label_id"]?.text)
      let handle = try #require(handles.first { other.hasSuffix($0) })
      try layla("edit", "fox", "--label", handle)
      try layla.annotate("quick", as: "quick", label: "\u{2067}\(handle)\u{2069}")
      #expect(
        try layla.json("list").items.allSatisfy { $0["label_id"]?.text == other }, "no new label")
      #expect(try labels(layla).count == 2)
      // The command that is printed settles it, for uses too that somebody makes meanwhile.
      let printed = try layla("conflicts").output
      let command = try #require(
        printed.split(separator: "\n").first { $0.contains("hashiya label merge") })
      let words = command.split(separator: " ")[1..<5].map(String.init)
      #expect(try layla.run(words).isSuccess, "\(words)")
      try omar.annotate("one word", as: "word", label: handles[1])
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        #expect(try analyst.json("conflicts").items.isEmpty)
        #expect(try analyst.json("status")["conflicts"]?.int == 0)
        #expect(try used(analyst) == ["claim", "claim", "claim", "claim"])
        #expect(try Set(analyst.json("list").items.map { $0["label_id"] }).count == 1)
        #expect(try analyst.json("list", "--label", "claim").items.count == 4)
        #expect(try labels(analyst).map { $0["uses"]?.int ?? 0 }.sorted() == [0, 4])
      }
    }
  }

  @Test func `uses made offline follow a merge, and taking it back gives each label its own`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let (layla, omar) = (team.layla, try team.member("omar"))
      try layla.annotate("brown fox", as: "fox", label: "claims")
      try layla.annotate("lazy dog", as: "dog", label: "claim")
      try expectConverged(team.all, team.server)
      let claims = try handle("claims", layla)
      try expectRefused(
        layla, ["label", "rename", "claims", "claim"], code: 65,
        says: ["another label is called claim", "hashiya label merge \(claims)"])
      try expectRefused(layla, ["label", "merge", "claim", "claim"], code: 65, says: ["itself"])
      try expectRefused(
        layla, ["label", "merge", "claim", "none"], code: 66, says: ["no label none"])
      expect(
        try layla.json("label", "merge", "claims", "claim"),
        .object(["id": .hex(64), "handle": .text, "dot": .dot]))
      #expect(try layla.json("label", "merge", claims, "claim")["dot"]?.isNull == true)
      try expectRefused(
        layla, ["label", "merge", "claim", claims], code: 65, says: ["one label already"])
      // Omar has not heard of it.
      try omar.annotate("one word", as: "word", label: "claims")
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        #expect(try used(analyst) == ["claim", "claim", "claim"])
        for name in ["claim", "claims", claims] {
          #expect(try analyst.json("list", "--label", name).items.count == 3, "\(name)")
        }
        let csv = try analyst("export", "--format", "csv").output
        #expect(!csv.contains("claims"), "\(csv)")
        #expect(try labels(analyst).filter { $0["merged_into"]?.isNull == false }.count == 1)
      }
      // What was written stays readable.
      #expect(try omar("log", "fox").output.contains("claims, now claim"))
      #expect(try layla.json("label", "add", "claims")[0]?["name"]?.text == "claim")
      try omar("label", "unmerge", "claims")
      try expectConverged(team.all, team.server)
      #expect(try used(layla).compactMap { $0 }.sorted() == ["claim", "claims", "claims"])
      #expect(try layla.json("list", "--label", "claims").items.count == 2)
    }
  }

  @Test func `two merges in a circle let the label with the lowest id stand, everywhere`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let (layla, omar) = (team.layla, try team.member("omar"))
      for (index, label) in ["one", "two", "three"].enumerated() {
        try layla.annotate(
          ["brown fox", "lazy dog", "quick"][index], as: "a\(index)", label: label)
      }
      try expectConverged(team.all, team.server)
      try layla("label", "merge", "one", "two")
      try layla("label", "merge", "three", "one")
      try omar("label", "merge", "two", "one")
      try expectConverged(team.all, team.server)
      let ids = try labels(layla).filter { $0["name"]?.text != "three" }
        .compactMap { $0["id"]?.text }
      for analyst in team.all {
        let standing = try Set(analyst.json("list").items.compactMap { $0["label_id"]?.text })
        #expect(standing == [ids.sorted()[0]])
        let unmerged = try labels(analyst).filter { $0["merged_into"]?.isNull == true }
        #expect(unmerged.compactMap { $0["id"]?.text } == [ids.sorted()[0]])
        #expect(try analyst.json("conflicts").items.isEmpty)
      }
      // A label that is nobody's any more is merged no further into the circle.
      try layla("undo")
      try expectConverged(team.all, team.server)
      #expect(try Set(used(layla).compactMap { $0 }).contains("three"))
    }
  }

  @Test func `two people's different merges are a conflict like any other`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let (layla, omar) = (team.layla, try team.member("omar"))
      for name in ["one", "two", "three"] { try layla("label", "add", name) }
      try layla.annotate("brown fox", as: "fox", label: "one")
      try expectConverged(team.all, team.server)
      let one = try handle("one", layla)
      try layla("label", "merge", "one", "two")
      try omar("label", "merge", "one", "three")
      try expectConverged(team.all, team.server)
      let conflict = try layla.conflict("merged")
      #expect(
        conflict["siblings"]?.items.compactMap { $0["value"]?.text }.sorted() == ["three", "two"])
      #expect(try used(layla) == used(omar))
      let text = try layla("conflicts").output
      #expect(text.contains("hashiya resolve \(one) merged"), "\(text)")
      try layla("resolve", one, "merged", "--value", "two", "--reason", "as agreed")
      try expectConverged(team.all, team.server)
      #expect(try used(omar) == ["two"])
      #expect(try omar.json("conflicts").items.isEmpty)
    }
  }
}
