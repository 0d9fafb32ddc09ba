import SimulationKit
import Testing

@Suite struct AnchorTests {
  /// A store alone with one article, of which `again` is marked.
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla.annotate("lazy dog", as: "dog")
      try layla.annotate("The quick", as: "quick")
      try body(layla)
    }
  }

  private func anchors(_ analyst: Analyst) throws -> [String?] {
    try analyst.json("list").items.map { $0["anchor"]?.text }
  }

  @Test func `words are marked where they are, and of the text that has them`() throws {
    try play { layla in
      #expect(try anchors(layla) == ["exact", "exact"])
      let shown = try layla.run(["article", "show", Team.article, "--annotations"]).output
      #expect(shown.contains("lazy dog 2⟧"), "\(shown)")
      #expect(!shown.contains("Not in this text"))
    }
  }

  @Test(arguments: ["Short.", String(repeating: "Other words altogether. ", count: 20)])
  func `after the text was changed nothing is marked at old offsets`(text: String) throws {
    try play { layla in
      try layla("article", "edit", Team.article, "--text", "-", input: text)
      #expect(try anchors(layla) == ["other-version", "other-version"])
      let outcome = try layla.run(["article", "show", Team.article, "--annotations"])
      #expect(outcome.isSuccess, "\(outcome)")
      #expect(!outcome.output.contains("⟦"), "\(outcome)")
      for words in ["Not in this text", "lazy dog", "The quick", "another version"] {
        #expect(outcome.output.contains(words), "\(outcome)")
      }
      let shown = try layla.run(["show", "dog"]).output
      #expect(shown.contains("lazy dog") && shown.contains("another version"), "\(shown)")
      try layla("undo")
      #expect(try anchors(layla) == ["exact", "exact"])
    }
  }
}
