import SimulationKit
import Testing

@Suite struct ResolveTests {
  /// Omar's label `omars` is the first sibling and Layla's `laylas` the second, and the one shown.
  private func play(_ body: (Team, _ omar: Analyst, _ conflict: JSON) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      let conflict = try team.layla.conflict("label")
      #expect(
        conflict["siblings"]?.items.map { $0["value"]?.text } == ["omars", "laylas"])
      #expect(conflict["shown"]?.text == "laylas")
      try body(team, team.member("omar"), conflict)
    }
  }

  private func expectTaken(_ team: Team, _ take: String, _ value: String) throws {
    let made = try team.layla.json(
      "resolve", "fox", "label", "--take", take, "--reason", "talked about it")
    expect(made, .edit)
    #expect(try team.layla.shown("fox", "label")?.text == value, "--take \(take)")
    try expectConverged(team.all, team.server)
    for analyst in team.all {
      #expect(try analyst.json("conflicts") == .items([]))
      let label = try #require(analyst.json("why", "fox", "label")["fields"]?[0])
      #expect(label["shown"]?.text == value)
      let winner = try #require(label["siblings"]?[0])
      #expect(winner["resolution"]?.bool == true)
      #expect(winner["reason"]?.text == "talked about it")
      #expect(winner["dot"] == made["dot"])
    }
  }

  @Test(arguments: [("1", "omars"), ("2", "laylas"), ("omar", "omars"), ("layla", "laylas")])
  func `a sibling is taken by its number or its analyst`(take: String, value: String) throws {
    try play { team, _, _ in try expectTaken(team, take, value) }
  }

  @Test(arguments: [0, 1]) func `a sibling is taken by its dot as JSON has it`(index: Int) throws {
    try play { team, _, conflict in
      let sibling = try #require(conflict["siblings"]?[index])
      try expectTaken(team, sibling["dot"]?.text ?? "", sibling["value"]?.text ?? "")
    }
  }

  @Test(arguments: [0, 1]) func `a sibling is taken by its dot as people see it`(
    index: Int
  ) throws {
    try play { team, _, conflict in
      let sibling = try #require(conflict["siblings"]?[index])
      let counter = sibling["dot"]?.text?.split(separator: ":").last ?? ""
      let shown = "\(sibling["analyst"]?.text ?? "")/\(counter)"
      #expect(try team.layla("why", "fox", "label").output.contains(shown))
      try expectTaken(team, shown, sibling["value"]?.text ?? "")
    }
  }

  @Test func `a dot that is no sibling's is refused, listing those that are`() throws {
    try play { team, omar, conflict in
      let dots = conflict["siblings"]?.items.compactMap { $0["dot"]?.text } ?? []
      for dot in ["\(try omar.replica()):1", "omar/1", "nadia"] {
        try expectRefused(
          team.layla, ["resolve", "fox", "label", "--take", dot, "--reason", "r"], code: 66,
          says: [dot, "omars", "laylas"])
      }
      #expect(dots.count == 2)
    }
  }

  @Test func `who wrote two siblings is no name for one of them`() throws {
    try play { team, omar, conflict in
      // Omar's own second label does not know of Layla's either: his clock says so.
      let before = try #require(conflict["siblings"]?[0]?["against"])
      try omar("edit", "fox", "--label", "omars other", "--against", clockText(before))
      try omar("sync")
      try team.layla("sync")
      #expect(try team.layla.conflict("label")["siblings"]?.items.count == 3)
      try expectRefused(
        team.layla, ["resolve", "fox", "label", "--take", "omar", "--reason", "r"], code: 65,
        says: ["omar wrote several", "number"])
      try expectTaken(team, "layla", "laylas")
    }
  }

  @Test func `a dry run shows what would be, and changes nothing`() throws {
    try play { team, _, conflict in
      let before = try StoreSnapshot(team.layla)
      for (choice, value) in [
        (["--take", "omar"], "omars"), (["--take", "2"], "laylas"),
        (["--value", "third"], "third"),
      ] {
        let outcome = try team.layla.run(
          ["resolve", "fox", "label", "--dry-run", "--json"] + choice)
        let shown = try outcome.successful().json()
        #expect(shown["id"] == conflict["id"])
        #expect(shown["handle"] == conflict["handle"])
        #expect(shown["field"]?.text == "label")
        #expect(shown["value"]?.text == value)
        #expect(shown["dot"]?.isNull == true)
        let told = try team.layla.run(["resolve", "fox", "label", "--dry-run"] + choice)
        #expect(told.output.contains(value), "\(told)")
        expectSays(told, ["nothing was changed"])
      }
      #expect(try StoreSnapshot(team.layla) == before)
      #expect(try team.layla.conflict("label") == conflict)
    }
  }

  @Test func `a decision against the clock that was listed is taken`() throws {
    try play { team, omar, conflict in
      let clock = clockText(conflict["clock"])
      try omar("edit", "fox", "--note", "news about another field")
      try omar("sync")
      try team.layla("sync")
      let made = try team.layla.json(
        "resolve", "fox", "label", "--take", "1", "--reason", "r", "--against", clock)
      expect(made, .edit)
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        #expect(try analyst.json("conflicts") == .items([]))
        #expect(try analyst.shown("fox", "label")?.text == "omars")
        #expect(try analyst.shown("fox", "note")?.text == "news about another field")
      }
    }
  }

  @Test func `how to decide is typed in one way, with a reason`() throws {
    try play { team, _, _ in
      for arguments in [
        ["fox", "label", "--take", "1"], ["fox", "label", "--reason", "r"], ["fox"],
        ["fox", "label", "--take", "1", "--value", "x", "--reason", "r"],
        ["fox", "label", "--value", "x", "--merge", "--reason", "r"], ["--take", "1"],
        ["--json"], ["--dry-run"],
        ["fox", "label", "--take", "1", "--reason", "r", "--field", "x"],
      ] {
        let outcome = try team.layla.run(["resolve"] + arguments)
        #expect(outcome.code == 64, "\(outcome)")
      }
      try expectRefused(
        team.layla, ["resolve", "fox", "colour", "--take", "1", "--reason", "r"], code: 66,
        says: ["no field colour", "label", "lifecycle"])
      try expectRefused(
        team.layla, ["resolve", "fox", "note", "--take", "1", "--reason", "r"], code: 65,
        says: ["note"])
      #expect(try team.layla.json("conflicts").items.count == 1)
    }
  }
}
