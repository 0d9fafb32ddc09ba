import SimulationKit
import Testing

/// What was done last and is no edit: `undo` names the command that takes it back, and that does so.
@Suite struct UndoneActTests {
  /// Refuses to undo, and types the command that the refusal names.
  private func takeBack(
    _ analyst: Analyst, says words: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let refused = try expectRefused(
      analyst, ["undo"], code: 65, says: words + ["hashiya undo --edit"],
      sourceLocation: sourceLocation)
    let command = try #require(
      refused.messages.firstMatch(of: #/to take that back: hashiya ([^;]*);/#)?.1,
      sourceLocation: sourceLocation)
    try analyst.run(command.split(separator: " ").map { String($0).replacing("'", with: "") })
      .successful()
  }

  @Test func `an act that came last is told with its way back, and --edit passes over it`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let layla = team.layla
      try layla.annotate("brown fox", as: "fox")
      try layla("invite", "--", "-una")
      try takeBack(layla, says: ["you invited -una as annotator"])
      #expect(try layla.json("invite", "list") == .items([]))
      try layla("invite", "create", "una")
      let una = try scene.analyst("una")
      try una("join", try Team.code(for: "una-2", by: layla))
      try layla("sync")
      try takeBack(layla, says: ["you invited una-2"])
      #expect(try una.run(["sync"]).code == 77)
      try layla("member", "rename", "omar", "Omar Said")
      _ = try expectRefused(
        layla, ["undo"], code: 65,
        says: ["you renamed somebody to Omar Said", "hashiya member rename 'Omar Said' omar;"])
      try layla("member", "role", "Omar Said", "adjudicator")
      _ = try expectRefused(
        layla, ["undo"], code: 65, says: ["hashiya member role 'Omar Said' annotator;"])
      try layla("device", "add")
      try takeBack(layla, says: ["you invited another device of layla"])
      #expect(try layla.annotationIDs().count == 1)
      try layla("undo", "--edit")
      #expect(try layla.annotationIDs().isEmpty)
    }
  }
}
