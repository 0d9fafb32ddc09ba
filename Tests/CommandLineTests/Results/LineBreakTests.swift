import SimulationKit
import Testing

@Suite struct LineBreakTests {
  @Test func `line breaks of another system are line feeds in what is typed`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla(
        "annotate", Team.article, "--quote", "brown fox", "--label", "animal", "--note", "-",
        "--id", "fox", input: "one\r\ntwo\r\n")
      #expect(try layla.json("show", "fox")["note"]?.text == "one\ntwo")
      try layla("reply", "fox", "-", input: "a\r\nb")
      #expect(try layla.json("show", "@")["note"]?.text == "a\nb")
      try layla("edit", "fox", "--note", "x\r\ny")
      #expect(try layla.json("show", "fox")["note"]?.text == "x\ny")
      try expectRefused(
        layla, ["edit", "fox", "--note", "x\ry"], code: 65, says: ["U+000D"])
    }
  }
}
