import SimulationKit
import Testing

@Suite struct UndoTests {
  /// Layla, offline, with `fox` annotated.
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla(
        "annotate", "text", "--quote", "brown fox", "--label", "claim", "--note", "first",
        "--tag", "kept", "--confidence", "0.5", "--id", "fox")
      try body(layla)
    }
  }

  /// What a record shows, without its clock.
  private func face(_ analyst: Analyst, _ record: String = "fox") throws -> [String: JSON] {
    try analyst.json("show", record).members.filter { $0.key != "clock" }
  }

  private func undo(_ analyst: Analyst) throws {
    let made = try analyst.json("undo")
    expect(made, .undo)
    #expect(!made.items.isEmpty)
  }

  @Test(arguments: [
    ["edit", "fox", "--label", "other"], ["edit", "fox", "--note", "second"],
    ["edit", "fox", "--note", ""], ["edit", "fox", "--add-tag", "new", "--remove-tag", "kept"],
    ["edit", "fox", "--confidence", "0.75"], ["edit", "fox", "--span", "4:9", "--span", "16:19"],
    ["edit", "fox", "--label", "b", "--note", "c", "--add-tag", "d", "--confidence", "1"],
    ["delete", "fox"], ["reply", "fox", "words"],
  ])
  func `undo brings back what the last change changed, by a new change`(
    command: [String]
  ) throws {
    try play { layla in
      let before = try face(layla)
      let pending = try #require(layla.json("status")["pending_changes"]?.int)
      try layla.run(command).successful()
      #expect(try face(layla) != before)
      try undo(layla)
      #expect(try face(layla) == before)
      let status = try layla.json("status")
      #expect((status["pending_changes"]?.int ?? 0) >= pending + 2, "nothing is taken out")
      try expectHealthy(layla)
    }
  }

  @Test func `undo again goes on to the change before, until nothing is left`() throws {
    try play { layla in
      let first = try face(layla)
      try layla("edit", "fox", "--label", "b")
      let second = try face(layla)
      try layla("edit", "fox", "--label", "c")
      try undo(layla)
      #expect(try face(layla) == second)
      try undo(layla)
      #expect(try face(layla) == first)
      try undo(layla)
      #expect(try layla.json("list") == .items([]))
      #expect(try layla.json("list", "--deleted")[0]?["id"] == first["id"])
      try undo(layla)
      #expect(try layla.json("article", "list") == .items([]))
      try expectRefused(layla, ["undo"], code: 65, says: ["nothing of yours to undo"])
      // A new change can be undone again, and brings back none of the older ones.
      try layla("restore", "text")
      try undo(layla)
      #expect(try layla.json("article", "list") == .items([]))
      try expectHealthy(layla)
    }
  }

  @Test func `undo says in words what stands again`() throws {
    try play { layla in
      try layla("edit", "fox", "--label", "ادعاء")
      try layla("edit", "fox", "--label", "other")
      let label = try layla("undo").output
      #expect(label.contains("undone: the label of") && label.contains("ادعاء"), "\(label)")
      #expect(label.contains("again"), "\(label)")
      try layla("edit", "fox", "--remove-tag", "kept")
      let tag = try layla("undo").output
      #expect(tag.contains("undone: tags:") && tag.contains("has kept again"), "\(tag)")
      try layla("delete", "fox")
      #expect(try layla("undo").output.contains("is there again"))
      // A command that changes nothing is not the last change, and what is undone is said.
      try layla("article", "remove", "text")
      try layla("restore", "text")
      try layla("article", "add", Team.article)
      let restore = try layla("undo").output
      #expect(restore.contains("undone: \(Team.article) is deleted"), "\(restore)")
    }
  }

  @Test func `what others wrote and I replaced is theirs again, not mine`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      try team.layla("edit", "fox", "--note", "layla's")
      try team.layla("sync")
      try omar("sync")
      try omar("edit", "fox", "--note", "omar's")
      try undo(omar)
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        let note = try analyst.json("why", "fox", "note")["fields"]?.items.first
        #expect(note?["siblings"]?.items.map { $0["analyst"]?.text } == ["layla"])
        #expect(note?["siblings"]?[0]?["brought_back"]?["analyst"]?.text == "omar")
      }
    }
  }

  @Test func `several tags that one edit removed are their author's again, for everybody`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      try team.layla("edit", "fox", "--add-tag", "a", "--add-tag", "b", "--add-tag", "c")
      try team.layla("sync")
      try omar("sync")
      let before = try face(omar)
      try omar("edit", "fox", "--remove-tag", "c", "--remove-tag", "a")
      #expect(try face(omar) != before)
      let told = try omar("undo").output
      #expect(told.contains("has a again") && told.contains("has c again"), "\(told)")
      #expect(try face(omar) == before)
      let parts = try #require(try omar.json("log", "fox").items.first)["parts"]?.items ?? []
      #expect(parts.filter { $0["brought_back_of"] != .null }.count == 2)
      #expect(Set(parts.compactMap { $0["value"]?.text }) == ["a", "c"], "\(parts)")
      // Undo goes on: the edit and its undoing are passed over.
      try expectRefused(omar, ["undo"], code: 65, says: ["nothing of yours to undo"])
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        let tags = try analyst.json("why", "fox", "tags")["fields"]?.items.first
        let back = tags?["siblings"]?.items.filter { $0["brought_back"] != .null } ?? []
        #expect(back.count == 2)
        #expect(back.allSatisfy { $0["analyst"]?.text == "layla" })
        #expect(back.allSatisfy { $0["brought_back"]?["analyst"]?.text == "omar" })
        #expect(try analyst.json("quarantine").items.isEmpty)
      }
    }
  }

  @Test func `a restore is undone by deleting again`() throws {
    try play { layla in
      try layla("delete", "fox")
      try layla("restore", "fox")
      try undo(layla)
      #expect(try layla.shown("fox", "deleted")?.bool == true)
      try layla("restore", "fox")
      #expect(try layla.shown("fox", "deleted")?.bool == false)
    }
  }

  @Test(arguments: [true, false])
  func `an undone resolution opens the conflict again, with all of its siblings`(
    isSynced: Bool
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      let before = try team.layla.conflict("label")["siblings"]?.items ?? []
      try team.layla("resolve", "fox", "label", "--value", "third", "--reason", "r")
      if isSynced { try team.layla("sync") }
      let outcome = try team.layla("undo")
      #expect(outcome.output.contains("undone: the label of"), "\(outcome)")
      #expect(outcome.output.contains("has several values again"), "\(outcome)")
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        let siblings = try analyst.conflict("label")["siblings"]?.items ?? []
        #expect(siblings.map { $0["value"]?.text } == ["omars", "laylas"])
        #expect(siblings.map { $0["analyst"]?.text } == ["omar", "layla"])
        #expect(siblings.map { $0["time"] } == before.map { $0["time"] }, "their times are theirs")
        #expect(siblings.map { $0["dot"] } == before.map { $0["dot"] })
        #expect(siblings.allSatisfy { $0["brought_back"]?["analyst"]?.text == "layla" })
        #expect(try analyst.conflict("label")["shown"]?.text == "laylas", "as before the decision")
        for name in ["omar", "layla"] {
          #expect(try analyst.json("conflicts", "--analyst", name).items.count == 1)
        }
        let entry = try analyst.json("log", "fox").items[0]
        #expect(entry["analyst"]?.text == "layla" && entry["undoes"]?.text != nil)
        #expect(
          Set((entry["parts"]?.items ?? []).compactMap { $0["brought_back_of"]?["analyst"]?.text })
            == ["omar", "layla"])
        #expect(try analyst("conflicts").output.contains("(brought back by layla)"))
        #expect(try analyst("why", "fox", "label").output.contains("brought back by layla"))
      }
      try team.layla("resolve", "fox", "label", "--take", "omar", "--reason", "r")
      try expectConverged(team.all, team.server)
      #expect(try team.member("omar").shown("fox", "label")?.text == "omars")
      expect(try team.layla.json("audit", "verify"), .auditVerify)
    }
  }

  @Test(arguments: ["live", "deleted"])
  func `an undone decision about a record's life opens the conflict again`(value: String) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(omar: ["delete", "fox"], layla: ["edit", "fox", "--note", "kept"])
      try team.layla("resolve", "fox", "lifecycle", "--value", value, "--reason", "r")
      #expect(try team.layla.json("conflicts") == .items([]))
      try undo(team.layla)
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        let siblings = try analyst.conflict("lifecycle")["siblings"]?.items ?? []
        #expect(Set(siblings.compactMap { $0["value"]?.text }) == ["live", "deleted"])
        #expect(
          siblings.allSatisfy { sibling in
            sibling["analyst"]?.text == (sibling["value"]?.text == "live" ? "layla" : "omar")
          }, "the delete is Omar's, as it was")
        #expect(try analyst.shown("fox", "deleted")?.bool == false)
      }
    }
  }

  @Test func `what others have worked on since is not undone`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      try team.layla("edit", "fox", "--label", "laylas")
      try team.layla("sync")
      try omar("sync")
      try omar("edit", "fox", "--label", "omars")
      try omar("sync")
      try team.layla("sync")
      try expectRefused(
        team.layla, ["undo"], code: 65, says: ["label", "changed since", "hashiya why"])
      #expect(try team.layla.shown("fox", "label")?.text == "omars")
      // Only one's own changes are undone.
      try undo(omar)
      try expectConverged(team.all, team.server)
      #expect(try team.layla.shown("fox", "label")?.text == "laylas")
      try expectRefused(omar, ["undo"], code: 65, says: ["nothing of yours"])
    }
  }

  @Test func `memberships are passed over by --edit, and not undone`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.layla("invite", "nadia")
      try team.layla("member", "role", "omar", "auditor")
      #expect(try team.layla.run(["undo"]).code == 65)
      expect(try team.layla.json("undo", "--edit"), .undo)
      try expectConverged(team.all, team.server)
      #expect(try team.layla.json("list") == .items([]))
      let omar = try team.layla.json("member", "list").items.first { $0["name"]?.text == "omar" }
      #expect(omar?["role"]?.text == "auditor")
    }
  }
}
