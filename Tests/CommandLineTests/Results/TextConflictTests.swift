import SimulationKit
import Testing

@Suite struct TextConflictTests {
  /// Layla and Omar change the text of one article apart.
  private func play(_ body: (_ layla: Analyst, _ omar: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      for (analyst, word) in [(team.layla, "laylas"), (omar, "omars")] {
        try analyst.write("\(word) text\n".utf8, to: "new.txt")
        try analyst("article", "edit", Team.article, "--text", "new.txt")
      }
      try omar("sync")
      try team.layla("sync")
      try body(team.layla, omar)
    }
  }

  @Test func `every version of a text in conflict can be read, and one be taken`() throws {
    try play { layla, _ in
      let shown = try layla("conflicts").output
      #expect(shown.contains("hashiya article show"), "\(shown)")
      let siblings = try layla.json("conflicts")[0]?["siblings"]?.items ?? []
      let versions = siblings.compactMap { $0["value"]?["sha256"]?.text }
      let texts = try versions.map { version in
        try layla("article", "show", Team.article, "--raw", "--version", String(version.prefix(8)))
          .output
      }
      #expect(Set(texts) == ["laylas text\n", "omars text\n"])
      let first = try layla.json("article", "show", Team.article, "--version", versions[0])
      #expect(first["sha256"]?.text == versions[0])
      #expect(first["text"]?.text == texts[0])
      try expectRefused(
        layla, ["article", "show", Team.article, "--version", "beef"], code: 66,
        says: ["no version beef"] + versions)
      try expectRefused(
        layla, ["resolve", Team.article, "text", "--merge", "--reason", "r"], code: 65,
        says: ["notes and other short texts", "article show"])
    }
  }

  @Test func `an undone decision can be taken again by its first author`() throws {
    try play { layla, omar in
      try omar.annotate("omars", as: "word")
      try omar("edit", "word", "--note", "first")
      try omar("sync")
      try layla("sync")
      try omar("edit", "word", "--note", "by Omar")
      try layla("edit", "word", "--note", "by Layla")
      try omar("sync")
      try layla("sync")
      try layla("resolve", "word", "note", "--value", "both", "--reason", "r")
      try layla("undo")
      try layla("resolve", "word", "note", "--take", "omar", "--reason", "r")
      #expect(try layla.json("show", "word")["note"]?.text == "by Omar")
    }
  }

  @Test func `all that one list showed can be decided one after the other`() throws {
    try play { layla, omar in
      try omar.annotate("omars", as: "word")
      try omar("sync")
      try layla("sync")
      try omar("edit", "word", "--label", "omars")
      try omar("delete", "word")
      try layla("edit", "word", "--label", "laylas")
      try omar("sync")
      try layla("sync")
      #expect(try layla.json("conflicts").items.count == 3)
      try layla("resolve", "word", "label", "--take", "omar", "--reason", "r")
      try layla("resolve", "word", "lifecycle", "--value", "live", "--reason", "r")
      try layla("resolve", Team.article, "text", "--take", "layla", "--reason", "r")
      #expect(try layla.json("conflicts") == .items([]))
    }
  }
}
