import SimulationKit
import Testing

/// Replies are told wherever what they answer is.
@Suite struct ReplyTests {
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla.annotate("brown fox", as: "fox")
      try layla("reply", "fox", "which fox?", "--id", "question")
      try layla("reply", "question", "that one\nover there", "--id", "answer")
      try layla("reply", "answer", "I see", "--id", "thanks")
      try body(layla)
    }
  }

  @Test(arguments: [["list"], ["article", "show", "text", "--annotations"], ["show", "fox"]])
  func `replies to replies stand below what they answer`(command: [String]) throws {
    try play { layla in
      let lines = try layla.run(command).lines
      let words = ["↳", "which fox?", "that one", "over there", "I see"]
      let places = words.map { word in lines.firstIndex { $0.contains(word) } ?? -1 }
      #expect(!places.contains(-1), "\(lines)")
      #expect(places == places.sorted())
      let depths = lines.filter { $0.contains("↳") }.map { $0.prefix { $0 == " " }.count }
      #expect(depths.count == 3)
      #expect(depths[0] < depths[1] && depths[1] < depths[2], "\(lines)")
    }
  }

  @Test func `a reply says what it answers`() throws {
    try play { layla in
      let question = try #require(layla.json("show", "question")["handle"]?.text)
      for command in [["show", "answer"], ["list", "--kind", "reply"]] {
        let told = try layla.run(command).output
        #expect(told.contains(/answers +.*reply by layla.*which fox\?/), "\(told)")
        #expect(told.contains(question), "\(told)")
      }
      #expect(try layla("show", "answer").output.contains("I see"), "and what answers it")
    }
  }

  @Test func `JSON nests replies, and a deleted one stays as long as something hangs on it`() throws
  {
    try play { layla in
      let shown = try layla.json("show", "fox")
      let question = try #require(shown["replies"]?[0])
      #expect(shown["replies"]?.items.count == 1)
      #expect(question["replies"]?[0]?["replies"]?[0]?["note"]?.text == "I see")
      let article = try layla.json("article", "show", "text", "--annotations")
      #expect(article["annotations"]?[0]?["replies"] == shown["replies"])
      try layla("delete", "answer")
      let told = try layla("show", "fox").output
      #expect(told.contains("deleted") && told.contains("I see"), "\(told)")
      #expect(!told.contains("that one"), "\(told)")
      try layla("delete", "thanks")
      #expect(try layla.json("show", "fox")["replies"]?[0]?["replies"] == .items([]))
    }
  }
}
