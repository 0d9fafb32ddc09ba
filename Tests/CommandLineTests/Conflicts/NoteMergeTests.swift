import SimulationKit
import Testing

@Suite struct NoteMergeTests {
  /// What a note was, and what Omar and Layla made of it.
  private func play(
    _ before: String, _ omars: String, _ laylas: String, _ body: (Team) throws -> Void
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox(["--note", before])
      try team.quarrel(
        omar: ["edit", "fox", "--note", omars], layla: ["edit", "fox", "--note", laylas])
      try body(team)
    }
  }

  @Test(arguments: [
    (
      "the quick fox jumps", "the very quick fox jumps", "the quick fox jumps high",
      "the very quick fox jumps high"
    ),
    ("one two three four", "one three four", "one two three 4", "one three 4"),
    (
      "قال المسؤول إن الرد متناسب.", "قال المسؤول الكبير إن الرد متناسب.",
      "قال المسؤول إن الرد كان متناسباً.", "قال المسؤول الكبير إن الرد كان متناسباً."
    ),
    (
      "first line\nsecond line", "1st line\nsecond line", "first line\n2nd line",
      "1st line\n2nd line"
    ),
  ])
  func `changes of different words are merged`(
    before: String, omars: String, laylas: String, merged: String
  ) throws {
    try play(before, omars, laylas) { team in
      let snapshot = try StoreSnapshot(team.layla)
      let dry = try team.layla.json("resolve", "fox", "note", "--merge", "--dry-run")
      #expect(dry["value"]?.text == merged)
      #expect(try StoreSnapshot(team.layla) == snapshot)
      expect(
        try team.layla.json("resolve", "fox", "note", "--merge", "--reason", "both"), .edit)
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        #expect(try analyst.json("conflicts") == .items([]))
        #expect(try analyst.shown("fox", "note")?.text == merged)
      }
    }
  }

  @Test func `changes of the same words are shown, and merged by nobody`() throws {
    try play("the quick fox", "the slow fox", "the sly fox") { team in
      for option in [["--dry-run"], ["--reason", "r"]] {
        try expectRefused(
          team.layla, ["resolve", "fox", "note", "--merge"] + option, code: 65,
          says: ["the same words", "slow", "sly", "--value"])
      }
      #expect(try team.layla.json("conflicts").items.count == 1)
      try team.layla("resolve", "fox", "note", "--value", "the slow, sly fox", "--reason", "r")
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `notes of which there was none before have no merge but themselves`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--note", "slow"], layla: ["edit", "fox", "--note", "sly"])
      try expectRefused(
        team.layla, ["resolve", "fox", "note", "--merge", "--reason", "r"], code: 65,
        says: ["the same words"])
    }
  }

  @Test func `only texts are merged`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--confidence", "0.1"],
        layla: ["edit", "fox", "--confidence", "0.9"])
      try expectRefused(
        team.layla, ["resolve", "fox", "confidence", "--merge", "--reason", "r"], code: 65,
        says: ["only notes", "confidence", "--take"])
    }
  }
}
