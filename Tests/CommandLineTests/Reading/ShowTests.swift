import SimulationKit
import Testing

@Suite struct ShowTests {
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla(
        "annotate", "text", "--quote", "brown fox", "--label", "animal", "--note", "which?",
        "--tag", "seen", "--confidence", "0.5", "--id", "fox")
      try layla.annotate("lazy dog", as: "dog")
      try layla("reply", "fox", "that one", "--id", "answer")
      try layla("relate", "fox", "jumps over", "dog", "--id", "jump")
      try body(layla)
    }
  }

  @Test func `an annotation is shown with its replies and its relations, from both ends`() throws {
    try play { layla in
      let fox = try layla.json("show", "fox")
      expect(.items([fox]), .list)
      let answer = try #require(fox["replies"]?[0])
      #expect(fox["replies"]?.items.count == 1)
      #expect(answer["note"]?.text == "that one")
      #expect(answer["parent"] == fox["id"])
      let jump = try #require(fox["relations"]?[0])
      #expect(jump["name"]?.text == "jumps over")
      #expect(jump["from"] == fox["id"])
      let dog = try layla.json("show", "dog")
      #expect(dog["relations"] == .items([jump]))
      #expect(dog["replies"] == .items([]))
      let told = try layla("show", "fox").output
      for words in [
        "animal", "text.txt, line 1", "brown fox", "#seen", "~0.5", "which?", "that one",
        "→", "jumps over",
      ] {
        #expect(told.contains(words), "\(words) in \(told)")
      }
      #expect(try layla("show", "dog").output.contains("←"))
      try layla("delete", "answer")
      try layla("delete", "jump")
      let bare = try layla.json("show", "fox")
      #expect(bare["replies"] == .items([]))
      #expect(bare["relations"] == .items([]))
    }
  }

  @Test func `a reply, a relation, an article and a label are shown too`() throws {
    try play { layla in
      let answer = try layla.json("show", "answer")
      expect(.items([answer]), .list(of: "reply", id: .hex(32)))
      #expect(try layla("show", "answer").output.contains("that one"))
      let jump = try layla.json("show", "jump")
      expect(.items([jump]), .list(of: "relation", id: .hex(32)))
      #expect(try layla("show", "jump").output.contains("jumps over"))
      let article = try layla.json("show", "text.txt")
      expect(.items([article]), .articles)
      #expect(article["kind"]?.text == "article")
      #expect(article["code_points"]?.int == Team.text.unicodeScalars.count)
      #expect(try layla("show", "text.txt").output.contains("text.txt"))
      let label = try #require(
        layla.json("list", "--kind", "label").items.first { $0["name"]?.text == "animal" })
      let shown = try layla.json("show", "animal")
      #expect(shown["id"] == label["id"])
      expect(.items([shown]), .list(of: "label", id: .hex(64)))
      #expect(try layla("show", "animal").output.contains("animal"))
    }
  }

  @Test func `a record is meant by its handle, its id with dashes or without, its name, or @`()
    throws
  {
    try play { layla in
      let fox = try layla.json("show", "fox")
      let id = try #require(fox["id"]?.text)
      var dashed = Array(id)
      for place in [20, 16, 12, 8] { dashed.insert("-", at: place) }
      for reference in [fox["handle"]?.text ?? "", id, String(dashed), id.uppercased()] {
        #expect(try layla.json("show", reference) == fox, "\(reference)")
      }
      #expect(try layla.json("show", "@")["id"] == layla.shown("jump", "id"))
      try layla.annotate("quick", as: "quick")
      #expect(try layla.json("show", "@")["id"] == layla.shown("quick", "id"))
    }
  }

  @Test func `an article's text is shown with numbered lines, and with its annotations`() throws {
    try play { layla in
      let plain = try layla("article", "show", "text").output
      #expect(plain.contains("1  The quick brown fox jumps over the lazy dog."))
      #expect(plain.contains("3  قال المسؤول إن الرد كان متناسباً."))
      #expect(!plain.contains("which?"))
      let json = try layla.json("article", "show", "text")
      #expect(json["text"]?.text == Team.text)
      #expect(json["annotations"]?.isNull == true)
      let annotated = try layla.json("article", "show", "text", "--annotations")
      let items = annotated["annotations"]?.items.map { item in
        JSON.members(item.members.filter { $0.key != "replies" })
      }
      #expect(items == (try layla.json("list")).items)
      // Ids that scripts give are in no order.
      let fox = annotated["annotations"]?.items.first { $0["quote"]?.text == "brown fox" }
      #expect(fox?["replies"]?[0]?["note"]?.text == "that one")
      let told = try layla("article", "show", "text", "--annotations").output
      for item in try layla.json("list").items {
        #expect(told.contains(item["handle"]?.text ?? "?"))
      }
      #expect(told.contains("which?"))
    }
  }
}
