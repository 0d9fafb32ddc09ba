import SimulationKit
import Testing

@Suite struct ListedConflictTests {
  /// A label in conflict between Layla and Omar, which Layla has been shown or not.
  private func play(
    _ body: (_ team: Team, _ layla: Analyst, _ omar: Analyst) throws -> Void
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      try team.layla("sync")
      try omar("edit", "fox", "--label", "omars")
      try team.layla("edit", "fox", "--label", "laylas")
      try omar("sync")
      try team.layla("sync")
      try body(team, team.layla, omar)
    }
  }

  private let resolve = ["resolve", "fox", "label", "--take", "1", "--reason", "r"]

  /// Omar has not seen Layla's value, and changes his own once more.
  private func another(_ omar: Analyst, _ layla: Analyst) throws {
    try omar("edit", "fox", "--label", "omars second")
    try omar("sync")
    try layla("sync")
  }

  @Test(arguments: [["conflicts"], ["conflicts", "--json"], ["why", "fox"]])
  func `siblings that arrived since they were listed make it 75`(listing: [String]) throws {
    try play { team, layla, omar in
      try layla.run(listing).successful()
      try another(omar, layla)
      try expectRefused(layla, resolve, code: 75, says: ["hashiya conflicts"])
      try expectRefused(layla, resolve + ["--dry-run"], code: 75, says: ["hashiya conflicts"])
      try layla.run(listing).successful()
      try layla.run(resolve).successful()
      try expectConverged(team.all, team.server)
      #expect(try layla.json("conflicts").items.isEmpty)
    }
  }

  @Test func `a conflict that was never listed here is decided as it is`() throws {
    try play { team, layla, omar in
      try another(omar, layla)
      try layla.run(resolve).successful()
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a dry run makes every check, shows the value as it would be, and changes nothing`()
    throws
  {
    try play { _, layla, _ in
      let before = try layla.json("status")
      let shown = try layla.json("resolve", "fox", "label", "--take", "omar", "--dry-run")
      #expect(shown["value"]?.text == "omars")
      #expect(shown["dot"]?.isNull == true)
      #expect(try layla.json("status") == before)
      try expectRefused(
        layla, ["resolve", "fox", "note", "--value", "x", "--dry-run"], code: 65,
        says: ["not in conflict"])
    }
  }
}
