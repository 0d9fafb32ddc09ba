import SimulationKit
import Testing

@Suite struct WhyTests {
  private func field(_ analyst: Analyst, _ name: String) throws -> JSON {
    let why = try analyst.json("why", "fox", name)
    expect(why, .why)
    #expect(why["fields"]?.items.count == 1)
    return try #require(why["fields"]?[0])
  }

  private func expectField(
    _ analyst: Analyst, _ name: String, reason: String, rule: String, isLocal: Bool = false,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let field = try field(analyst, name)
    #expect(field["reason"]?.text == reason, sourceLocation: sourceLocation)
    #expect(field["rule"]?.text == rule, sourceLocation: sourceLocation)
    #expect(field["local"]?.bool == isLocal, sourceLocation: sourceLocation)
    #expect(field["leaf"]?.isNull == isLocal, sourceLocation: sourceLocation)
  }

  @Test func `why says which rule chose what is shown, in every case that there is`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let (layla, omar) = (team.layla, try team.member("omar"))
      try team.shareFox(["--note", "first", "--tag", "kept"])
      try expectField(layla, "label", reason: "only", rule: "applied")
      try layla("edit", "fox", "--note", "second")
      try expectField(layla, "note", reason: "only", rule: "applied", isLocal: true)
      try layla("sync")
      try omar("sync")
      try expectField(omar, "note", reason: "only", rule: "applied")
      // Layla takes the tag back and adds it again, of which Omar, who removes it, has neither.
      try layla("edit", "fox", "--remove-tag", "kept")
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars", "--confidence", "0.5", "--remove-tag", "kept"],
        layla: ["edit", "fox", "--label", "laylas", "--confidence", "0.5", "--add-tag", "kept"])
      for analyst in team.all {
        try expectField(analyst, "label", reason: "latest-time", rule: "kept-siblings")
        try expectField(analyst, "confidence", reason: "agreed", rule: "agreed")
        #expect(try analyst.shown("fox", "tags") == .items([.text("kept")]))
        try expectField(analyst, "tags", reason: "add-wins", rule: "add-wins")
      }
      try team.quarrel(omar: ["delete", "fox"], layla: ["edit", "fox", "--note", "third"])
      for analyst in team.all {
        try expectField(analyst, "lifecycle", reason: "kept-alive", rule: "kept-alive")
      }
      try layla("resolve", "fox", "lifecycle", "--value", "live", "--reason", "r")
      try expectConverged(team.all, team.server)
      try team.quarrel(omar: ["delete", "fox"], layla: ["delete", "fox"])
      for analyst in team.all {
        let field = try field(analyst, "lifecycle")
        #expect(field["rule"]?.text == "deletes-agree")
        #expect(field["shown"]?.text == "deleted")
      }
    }
  }

  @Test func `siblings, what they superseded and who decided what are told with their dots`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      let open = try field(team.layla, "label")
      let conflict = try team.layla.conflict("label")
      #expect(open["siblings"] == conflict["siblings"])
      #expect(open["shown"] == conflict["shown"])
      let dots = open["siblings"]?.items.compactMap { $0["dot"]?.text } ?? []
      let first = try #require(open["superseded"]?[0])
      #expect(first["value"]?.text == "claim")
      #expect(first["superseded_by"].map { dots.contains($0.text ?? "") } == true)
      let opening = try #require(open["decisions"]?.items.last)
      #expect(opening["opened"]?.bool == true)
      #expect(opening["closed"]?.bool == false)
      #expect(opening["dot"]?.text == dots[1])
      #expect(opening["concurrent"] == .items([.text(dots[0])]))
      #expect(opening["leaf"] == open["leaf"])

      let made = try team.layla.json(
        "resolve", "fox", "label", "--take", "omar", "--reason", "as agreed")
      try expectConverged(team.all, team.server)
      let closed = try field(team.member("omar"), "label")
      #expect(closed["siblings"]?.items.map { $0["dot"] } == [made["dot"]])
      #expect(closed["siblings"]?[0]?["reason"]?.text == "as agreed")
      #expect(closed["siblings"]?[0]?["resolution"]?.bool == true)
      let superseded = closed["superseded"]?.items.filter { $0["superseded_by"] == made["dot"] }
      #expect(Set(superseded?.compactMap { $0["dot"]?.text } ?? []) == Set(dots))
      #expect(superseded?.allSatisfy { $0["superseded_by_analyst"]?.text == "layla" } == true)
      let closing = try #require(closed["decisions"]?.items.last)
      #expect(closing["dot"] == made["dot"])
      #expect(closing["closed"]?.bool == true)
      #expect(Set(closing["superseded"]?.items.compactMap(\.text) ?? []) == Set(dots))
    }
  }

  @Test func `people read who had not received whose value, and the command that takes it`() throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      let told = try team.layla("why", "fox", "label").output
      let siblings = try team.layla.conflict("label")["siblings"]?.items ?? []
      for (sibling, other) in [(siblings[0], siblings[1]), (siblings[1], siblings[0])] {
        let line = "\(Self.dot(sibling)), had not received \(Self.dot(other))"
        #expect(told.contains(line), "\(line) in \(told)")
      }
      for words in ["kept-siblings", "leaf", "--take 1", "--take 2", "hashiya resolve"] {
        #expect(told.contains(words), "\(words) in \(told)")
      }
    }
  }

  @Test func `after a decision people read who made it, between how many, and why`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["omar", "nadia"])
      let (layla, nadia) = (team.layla, try team.member("nadia"))
      try team.shareFox()
      try nadia("edit", "fox", "--label", "nadias")
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      try expectConverged(team.all, team.server)
      try layla("resolve", "fox", "label", "--take", "omar", "--reason", "as agreed")
      let told = try layla("why", "fox", "label").output
      #expect(told.contains("layla decided between 3 values; reason: as agreed"), "\(told)")
      #expect(!told.contains("nothing was concurrent"), "\(told)")
      try layla("sync")
      try team.quarrel(omar: ["delete", "fox"], layla: ["edit", "fox", "--note", "still used"])
      try layla("resolve", "fox", "lifecycle", "--value", "live", "--reason", "we need it")
      let lifecycle = try layla("why", "fox", "lifecycle").output
      #expect(lifecycle.contains("layla decided to keep it; reason: we need it"), "\(lifecycle)")
    }
  }

  @Test func `of one's own values it is not told that one had not received them`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try team.shareFox()
      let form = clockText(try omar.shown("fox", "clock"))
      try omar("edit", "fox", "--note", "first")
      try omar("edit", "fox", "--note", "second", "--against", form)
      let told = try omar("why", "fox", "note").output
      #expect(!told.contains("had not received"), "\(told)")
    }
  }

  /// `layla/17`.
  private static func dot(_ sibling: JSON) -> String {
    let counter = sibling["dot"]?.text?.split(separator: ":").last ?? ""
    return "\(sibling["analyst"]?.text ?? "")/\(counter)"
  }
}
