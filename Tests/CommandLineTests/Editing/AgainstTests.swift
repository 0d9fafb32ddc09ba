import SimulationKit
import Testing

/// `--against`: an edit of the state that was shown, whatever came in since.
@Suite struct AgainstTests {
  private func play(_ body: (Team, _ omar: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try body(team, team.member("omar"))
    }
  }

  /// The clock of `fox` as a command prints it.
  private func clock(_ analyst: Analyst, _ command: [String]) throws -> String {
    let printed = try analyst.run(command + ["--json"]).successful().json()
    let clock = try #require(printed["clock"] ?? printed[0]?["clock"])
    expect(clock, .knownVector)
    return clockText(clock)
  }

  @Test(arguments: [["list"], ["show", "fox"]])
  func `an edit against the clock that was printed makes a sibling of what came in since`(
    command: [String]
  ) throws {
    try play { team, omar in
      let seen = try clock(team.layla, command)
      try omar("edit", "fox", "--label", "omars", "--note", "omars note")
      try omar("sync")
      try team.layla("sync")
      #expect(try team.layla.shown("fox", "label")?.text == "omars")
      expect(
        try team.layla.json("edit", "fox", "--label", "laylas", "--against", seen), .edit)
      let conflict = try team.layla.conflict("label")
      #expect(
        Set(conflict["siblings"]?.items.compactMap { $0["value"]?.text } ?? []) == [
          "omars", "laylas",
        ])
      let laylas = conflict["siblings"]?.items.first { $0["value"]?.text == "laylas" }
      #expect(clockText(laylas?["against"]) == seen)
      #expect(try team.layla.shown("fox", "note")?.text == "omars note", "not hers to write")
      try expectConverged(team.all, team.server)
      #expect(try omar.json("conflicts").items.count == 1)
    }
  }

  @Test func `an edit against a clock that is still the newest is an ordinary edit`() throws {
    try play { team, omar in
      try omar("edit", "fox", "--label", "omars")
      try omar("sync")
      try team.layla("sync")
      let seen = try clock(team.layla, ["list"])
      try team.layla("edit", "fox", "--label", "laylas", "--against", seen)
      #expect(try team.layla.json("conflicts") == .items([]))
      #expect(try team.layla.shown("fox", "label")?.text == "laylas")
      // Against the same clock again, her own newer value is left beside it.
      try team.layla("edit", "fox", "--label", "laylas other", "--against", seen)
      let siblings = try team.layla.conflict("label")["siblings"]?.items ?? []
      #expect(Set(siblings.compactMap { $0["value"]?.text }) == ["laylas", "laylas other"])
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `an edit of a field that nobody touched since makes no sibling`() throws {
    try play { team, omar in
      let seen = try clock(team.layla, ["list"])
      try omar("edit", "fox", "--note", "omars note")
      try omar("sync")
      try team.layla("sync")
      try team.layla("edit", "fox", "--label", "laylas", "--against", seen)
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        #expect(try analyst.json("conflicts") == .items([]))
        #expect(try analyst.shown("fox", "label")?.text == "laylas")
        #expect(try analyst.shown("fox", "note")?.text == "omars note")
      }
    }
  }

  @Test func `an edit against a clock of before a delete keeps the record, in conflict`() throws {
    try play { team, omar in
      let seen = try clock(team.layla, ["list"])
      try omar("delete", "fox")
      try omar("sync")
      try team.layla("sync")
      try expectRefused(
        team.layla, ["edit", "fox", "--note", "laylas"], code: 65, says: ["hashiya restore"])
      try team.layla("edit", "fox", "--note", "laylas", "--against", seen)
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        #expect(try analyst.conflict("lifecycle")["reason"]?.text == "kept-alive")
        #expect(try analyst.shown("fox", "deleted")?.bool == false)
      }
    }
  }

  @Test func `a conflict's clock lets an older value be edited, and a resolution be made`() throws {
    try play { team, omar in
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      let seen = clockText(try team.layla.conflict("label")["clock"])
      #expect(try clock(team.layla, ["list", "--conflicted"]) == seen)
      try expectRefused(
        team.layla, ["edit", "fox", "--label", "x", "--against", seen], code: 65,
        says: ["hashiya resolve"])
      try team.layla(
        "resolve", "fox", "label", "--take", "omar", "--reason", "r", "--against", seen)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `an article's title is edited against its clock too`() throws {
    try play { team, omar in
      let seen = clockText(try team.layla.json("article", "list")[0]?["clock"])
      try omar("article", "edit", "text", "--title", "Omars")
      try omar("sync")
      try team.layla("sync")
      try team.layla("article", "edit", "text", "--title", "Laylas", "--against", seen)
      let siblings = try team.layla.conflict("title")["siblings"]?.items ?? []
      #expect(Set(siblings.compactMap { $0["value"]?.text }) == ["Omars", "Laylas"])
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a clock that was never the record's is refused, and so is what is no clock`() throws {
    try play { team, omar in
      let replica = try team.layla.replica()
      let stranger = String(repeating: "ab", count: 16)
      let seen = try clock(team.layla, ["list"])
      // Another record has other clocks.
      try team.layla.annotate("lazy dog", as: "dog")
      let others = clockText(try team.layla.shown("dog", "clock"))
      #expect(others != seen)
      for clock in [
        "{\"\(replica)\":4000}", "{\"\(stranger)\":1}", "{\"\(try omar.replica())\":1}", "{}",
        others,
        "{\"\(replica)\":1}",
      ] {
        try expectRefused(
          team.layla, ["edit", "fox", "--label", "x", "--against", clock], code: 65,
          says: ["never had the clock", "--against"])
      }
      try expectRefused(
        team.layla,
        ["article", "edit", "text", "--title", "x", "--against", "{\"\(stranger)\":1}"],
        code: 65, says: ["never had the clock", "--against"])
      for text in [
        "", "[]", "17", "{\"\(replica)\":0}", "{\"\(replica)\":\"1\"}", "{\"x\":1}",
        "{\"\(replica)\":18446744073709551615}",
      ] {
        try expectRefused(
          team.layla, ["edit", "fox", "--label", "x", "--against", text], code: 65,
          says: ["is no clock", "hashiya show"])
      }
    }
  }
}
