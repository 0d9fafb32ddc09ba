import SimulationKit
import Testing

/// What terminals and web pages leave around a word that is copied from them is no part of it.
@Suite struct PastedNameTests {
  @Test(arguments: [
    ("\u{2068}", "\u{2069}"), ("\u{200F}", ""), ("", "\u{200E}"), ("\u{61C}", "\u{61C}"),
    ("\u{202B}", "\u{202C}"), ("\u{FEFF}", ""), ("\u{2067} ", " \u{2069}\u{200F}"),
  ])
  func `marks around handles, names and labels are ignored where they are typed`(
    before: String, after: String
  ) throws {
    func pasted(_ text: String) -> String { before + text + after }
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      #expect(try layla.json("init", "--analyst", pasted("layla"))["analyst"]?.text == "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla.annotate("brown fox", as: "fox", label: "ادعاء")
      let handle = try #require(layla.json("show", "fox")["handle"]?.text)
      let label = try #require(layla.json("label", "list")[0]?["handle"]?.text)
      try layla("edit", pasted(handle), "--label", pasted("ادعاء"), "--add-tag", pasted("وسم"))
      try layla("edit", pasted("fox"), "--label", pasted(label))
      #expect(try layla.json("label", "list").items.count == 1)
      for filter in [
        ["--label", pasted("ادعاء")], ["--label", pasted(label)],
        ["--tag", pasted("وسم")], ["--analyst", pasted("layla")],
      ] {
        let found = try layla.run(["list"] + filter + ["--json"]).successful().json()
        #expect(found.items.count == 1, "\(filter)")
      }
      #expect(try layla.json("why", pasted(handle), "label")["handle"]?.text == handle)
      try layla("label", "rename", pasted(label), pasted("زعم"))
      try layla("member", "rename", pasted("layla"), pasted("ليلى"))
      #expect(try layla.json("member", "list")[0]?["name"]?.text == "ليلى")
      #expect(try layla.json("show", pasted("@"))["label"]?.text == "زعم")
      try layla("delete", pasted(handle))
    }
  }

  @Test func `a label like a handle is made on purpose alone`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let layla = team.layla
      try layla.annotate("brown fox", as: "fox")
      try expectRefused(
        layla, ["edit", "fox", "--label", "34ed"], code: 66,
        says: ["no label 34ed", "label add 34ed"])
      try layla("label", "add", "34ed")
      try layla("edit", "fox", "--label", "34ed")
      for name in ["2024", "facade"] { try layla("edit", "fox", "--label", name) }
      // The handle of a label makes none, on purpose either.
      let handle = try #require(layla.json("label", "list")[0]?["handle"]?.text)
      let count = try layla.json("label", "list").items.count
      try layla("label", "add", handle)
      #expect(try layla.json("label", "list").items.count == count)
    }
  }

  @Test func `the same relation is made once`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let layla = team.layla
      try layla.annotate("brown fox", as: "fox")
      try layla.annotate("lazy dog", as: "dog")
      let first = try layla.json("relate", "fox", "jumps over", "dog")
      let again = try layla.json("relate", "fox", " jumps over", "dog")
      #expect(again["dot"]?.isNull == true)
      #expect(again["id"] == first["id"])
      expectSays(try layla("relate", "fox", "jumps over", "dog"), ["it is so already"])
      // Another word, another direction, and a deleted one are others.
      try layla("relate", "fox", "knows", "dog")
      try layla("relate", "dog", "jumps over", "fox")
      try layla("delete", try #require(first["handle"]?.text))
      #expect(try layla.json("relate", "fox", "jumps over", "dog")["dot"]?.isNull == false)
      #expect(try layla.json("list", "--kind", "relation").items.count == 3)
    }
  }
}
