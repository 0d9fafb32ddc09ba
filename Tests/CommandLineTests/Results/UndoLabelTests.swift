import SimulationKit
import Testing

@Suite struct UndoLabelTests {
  @Test func `what was undone can be done again, with the label that it made`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla("annotate", Team.article, "--quote", "brown fox", "--label", "animal")
      try layla("undo")
      try layla("annotate", Team.article, "--quote", "brown fox", "--label", "animal")
      try layla("edit", "@", "--label", "beast")
      try layla("undo")
      #expect(try layla.json("show", "@")["label"]?.text == "animal")
      try layla("edit", "@", "--label", "beast")
      #expect(try layla.json("show", "@")["label"]?.text == "beast")
    }
  }

  @Test func `what stands again is told in words, where it is nothing too`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla.annotate("brown fox", as: "fox", label: "animal")
      try layla("edit", "fox", "--note", "first")
      #expect(try layla("undo").output.contains("has no note again"))
      try layla("label", "add", "beast")
      try layla("label", "merge", "beast", "animal")
      #expect(try layla("undo").output.contains("stands for itself again"))
    }
  }

  @Test func `undo of label add retires the label, unless somebody uses it`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try team.layla("label", "add", "free")
      try team.layla("label", "add", "used")
      try team.layla("sync")
      try omar("sync")
      try omar.annotate("lazy dog", as: "dog", label: "used")
      try omar("sync")
      try team.layla("sync")
      let kept = try team.layla("undo")
      expectSays(kept, ["a label that is in use stays"])
      try team.layla("undo")
      let labels = try team.layla.json("label", "list").items.compactMap { $0["name"]?.text }
      #expect(labels == ["used"])
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `an undo that others' work stands against says what was worked on`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("sync")
      try omar("sync")
      try omar("edit", "dog", "--note", "asleep")
      try omar("sync")
      try team.layla("sync")
      let outcome = try expectRefused(
        team.layla, ["undo"], code: 65, says: ["was worked on since layla/", "hashiya log"])
      #expect(!outcome.messages.contains("lifecycle"))
    }
  }
}
