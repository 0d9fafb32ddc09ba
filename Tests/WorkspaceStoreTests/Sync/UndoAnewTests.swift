import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

/// What takes a change back counts on what that change took away.
///
/// When some of this is refused and set aside, the change is taken back all the same, by the store
/// itself and under the same successor.
@Suite("Undo, when what it brought back is refused")
struct UndoAnewTests {
  /// Omar's last change of one text, and the one that took it back.
  private struct Rewritten {
    var refused: Dot
    var undone: Dot
    var undoing: Dot
  }

  /// Omar rewrites a note twice and takes the second back.
  private func rewrite(_ id: RecordID, _ team: Team) throws -> Rewritten {
    let refused = try #require(
      try team.omar.change(id, RecordEdit(note: "refused", addTags: ["t"])).dot)
    let undone = try #require(try team.omar.change(id, RecordEdit(note: "a slip")).dot)
    let undoing = try #require(try team.omar.edit { try $0.undo() }.made?.dot)
    #expect(try note(id, team.omar) == "refused")
    return Rewritten(refused: refused, undone: undone, undoing: undoing)
  }

  private func note(_ id: RecordID, _ store: Workspace) throws -> String? {
    try store.read { try $0.item(id) }?.note
  }

  /// A refusal that the store could not have found itself: the rest is judged on what is left.
  private func refuse(_ dots: Dot..., by store: Workspace) throws -> Set<Dot> {
    var refusals: [Dot: Refusal] = [:]
    for dot in dots { refusals[dot] = Refusal(.notPermitted, dot.counter, "not yours") }
    return Set(try store.quarantine(refusals).refusals.keys)
  }

  private func replicaCount(of team: Team) throws -> Int {
    try team.layla.read { reader in
      reader.membership.replicas(sharingMemberWith: try team.omar.read { $0.replica }).count
    }
  }

  @Test("the slip stays taken back: what stood before both comes back, as its author's")
  func takenBackAnew() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let dots = try rewrite(id, team)
    #expect(try refuse(dots.refused, by: team.omar) == [dots.refused])
    #expect(try note(id, team.omar) == "first")
    try team.syncAll()
    try team.expectOneState()
    #expect(try note(id, team.nadia) == "first")
    let why = try team.layla.read { try $0.why(id) }
    let field = try #require(why.first { $0.field == AnnotationField.note })
    #expect(field.siblings.map(\.analyst) == ["Layla"])
    #expect(field.siblings.allSatisfy { $0.broughtBack != nil })
    #expect(try replicaCount(of: team) == 2, "one successor")
    // Both of his changes that stand are behind him.
    #expect(
      refuses {
        _ = try team.omar.edit { try $0.undo() }
      } where: {
        if case .nothingToUndo = $0 { true } else { false }
      })
  }

  @Test("of several slips, each is taken back on what the one before it left")
  func severalAnew() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(tags: ["kept"])
    let dots = try rewrite(id, team)
    try team.omar.change(id, RecordEdit(note: "another slip", removeTags: ["kept", "t"]))
    try team.omar.edit { _ = try $0.undo() }
    #expect(try refuse(dots.refused, by: team.omar) == [dots.refused])
    try team.omar.change(id, RecordEdit(confidence: Confidence(parsing: "1")))
    try team.syncAll()
    try team.expectOneState()
    let item = try team.layla.read { try $0.item(id) }
    #expect(item?.note == "first")
    #expect(item?.tags == ["kept"], "and nothing that was refused")
    #expect(try replicaCount(of: team) == 2)
  }

  @Test("where nothing stood before, the slip is taken back to nothing")
  func nothingBefore() throws {
    let team = try Team()
    let id = try team.layla.edit {
      try $0.annotate(
        article: team.article, spans: [Span(start: 0, end: 6)], label: nil, note: nil, tags: []
      ).made.record
    }
    try team.syncAll()
    let dots = try rewrite(id, team)
    #expect(try refuse(dots.refused, by: team.omar) == [dots.refused])
    try team.syncAll()
    try team.expectOneState()
    #expect(try note(id, team.layla) == nil)
  }

  @Test("where others have written there since, both are set aside, and undo offers the slip again")
  func movedOn() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let dots = try rewrite(id, team)
    try team.layla.change(id, RecordEdit(note: "by Layla"))
    try team.exchange.push(team.layla)
    try team.exchange.pull(team.omar)
    #expect(try refuse(dots.refused, by: team.omar) == [dots.refused, dots.undoing])
    #expect(
      refuses {
        _ = try team.omar.edit { try $0.undo() }
      } where: {
        if case .movedOn(id, AnnotationField.note, _) = $0 { true } else { false }
      })
    try team.syncAll()
    try team.expectOneState()
    #expect(try team.nadia.conflicts().count == 1)
    #expect(try replicaCount(of: team) == 2)
  }

  @Test(
    "an undoing goes with the change that it undoes, and comes back with it",
    arguments: [true, false])
  func withWhatItUndoes(isReleased: Bool) throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let dots = try rewrite(id, team)
    #expect(try refuse(dots.undone, by: team.omar) == [dots.undone, dots.undoing])
    #expect(try note(id, team.omar) == "refused")
    if isReleased {
      #expect(try team.omar.release(nil) == 2)
      #expect(try note(id, team.omar) == "refused")
    } else {
      // The slip alone, which is no longer undone.
      #expect(try team.omar.release([dots.undone]) == 1)
      #expect(try note(id, team.omar) == "a slip")
    }
    try team.omar.edit { _ = try $0.undo() }
    #expect(try note(id, team.omar) == (isReleased ? "first" : "refused"))
    try team.syncAll()
    try team.expectOneState()
  }
}
