import SimulationKit
import Testing

@Suite struct ArticleEditTests {
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try body(layla)
    }
  }

  @Test func `a title and a source are given when an article is added, or later`() throws {
    try play { layla in
      let added = try layla.json(
        "article", "add", Team.article, "--title", "قنوات التواصل", "--source",
        "https://example.org/1")
      expect(added, .articles)
      #expect(added[0]?["title"]?.text == "قنوات التواصل")
      #expect(added[0]?["source"]?.text == "https://example.org/1")
      expect(added[0]?["dot"], .dot)
      for reference in [
        "text.txt", "text", "قنوات", String(added[0]?["id"]?.text?.suffix(8) ?? "?"),
      ] {
        #expect(try layla.json("article", "show", reference)["id"] == added[0]?["id"])
      }
      let edited = try layla.json(
        "article", "edit", "text", "--title", "Channels", "--source", "https://example.org/2")
      expect(edited, .object(["id": .hex(64), "handle": .text, "dot": .dot]))
      let article = try #require(layla.json("article", "list")[0])
      #expect(article["title"]?.text == "Channels")
      #expect(article["source"]?.text == "https://example.org/2")
      #expect(article["sha256"] == added[0]?["sha256"])
      #expect(
        try layla.json("article", "edit", "text", "--title", "Channels")["dot"]?.isNull == true)
      #expect(try layla.run(["article", "edit", "text"]).code == 64)
      try layla.write("Another.\n".utf8, to: "other.txt")
      #expect(
        try layla.run(["article", "add", Team.article, "other.txt", "--title", "T"]).code == 64)
      #expect(try layla.json("article", "list").items.count == 1)
    }
  }

  @Test func `the first line is the title of an article without one`() throws {
    try play { layla in
      try layla("article", "add", Team.article)
      let article = try layla.json("article", "list")[0]
      #expect(article?["title"]?.text == "The quick brown fox jumps over the lazy dog.")
    }
  }

  @Test func `a new text is a new version, and annotations keep their passages`() throws {
    try play { layla in
      let added = try layla.json("article", "add", Team.article)[0]
      try layla.annotate("brown fox", as: "fox")
      let text = "A new beginning. The quick red fox.\n"
      try layla.write(text.utf8, to: "new.txt")
      try layla("article", "edit", "text", "--text", "new.txt")
      let article = try layla.json("article", "show", "text")
      #expect(article["id"] == added?["id"], "it is the same article")
      #expect(article["sha256"] != added?["sha256"])
      #expect(article["text"]?.text == text)
      #expect(article["code_points"]?.int == text.unicodeScalars.count)
      #expect(try layla("article", "show", "text", "--raw").outputBytes == Array(text.utf8))
      let fox = try layla.json("show", "fox")
      #expect(fox["quote"]?.text == "brown fox")
      #expect(fox["spans"] == .items([.items([.int(10), .int(19)])]))
      #expect(
        try layla.run(["annotate", "text", "--quote", "lazy dog", "--label", "x"]).code == 65)
      try layla("annotate", "text", "--quote", "red fox", "--label", "x", "--id", "red")
      #expect(try layla.shown("red", "quote")?.text == "red fox")
      // From standard input, byte for byte.
      try layla("article", "edit", "text", "--text", "-", input: "piped\r\n\n")
      #expect(try layla("article", "show", "text", "--raw").output == "piped\r\n\n")
      try expectRefused(
        layla, ["article", "edit", "text", "--text", "-"], code: 65, says: ["empty"])
      try layla.write([0xFF, 0xFE], to: "bad.txt")
      try expectRefused(
        layla, ["article", "edit", "text", "--text", "bad.txt"], code: 65,
        says: ["bad.txt", "UTF-8"])
      try expectRefused(
        layla, ["article", "edit", "text", "--text", "none.txt"], code: 66, says: ["none.txt"])
    }
  }

  @Test func `a removed article is listed no more, and comes back with its annotations`() throws {
    try play { layla in
      try layla("article", "add", Team.article)
      try layla.annotate("brown fox", as: "fox")
      let removed = try layla.json("article", "remove", "text")
      expect(removed, .object(["id": .hex(64), "handle": .text, "dot": .dot]))
      #expect(try layla.json("article", "list") == .items([]))
      #expect(try layla.json("status")["articles"]?.int == 0)
      let listed = try layla.json("article", "list", "--deleted")
      expect(listed, .articles)
      #expect(listed[0]?["deleted"]?.bool == true)
      #expect(try layla("article", "list", "--deleted").output.contains("removed"))
      try expectRefused(
        layla, ["article", "edit", "text", "--title", "T"], code: 65, says: ["hashiya restore"])
      let again = try layla.run(["article", "add", Team.article])
      #expect(again.code == 65, "\(again)")
      expectSays(again, ["was removed", "hashiya restore"])
      let restored = try layla.json("restore", "text")
      #expect(restored["id"] == removed["id"])
      #expect(try layla.json("article", "list")[0]?["deleted"]?.bool == false)
      #expect(try layla.shown("fox", "quote")?.text == "brown fox")
      #expect(try layla.json("status")["articles"]?.int == 1)
      try expectHealthy(layla)
    }
  }
}
