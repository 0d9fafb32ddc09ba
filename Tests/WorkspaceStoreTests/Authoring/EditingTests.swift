import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Editing under the rules for authors")
struct EditingTests {
  @Test("ruling 2: a form saved against an older clock of one's own makes a sibling")
  func ownOlderForm() throws {
    let lone = try LoneStore()
    let id = try lone.annotate(note: "shown")
    let clock = try lone.store.clock(of: id)
    try lone.store.change(id, RecordEdit(note: "X"))
    let made = try lone.store.change(id, RecordEdit(note: "Y"), against: clock)
    #expect(made.dot != nil)
    let conflict = try #require(try lone.store.conflicts().first)
    #expect(conflict.siblings.compactMap(\.value.textValue) == ["X", "Y"])
    #expect(conflict.siblings[1].against == clock)
  }

  @Test("ruling 4: an old form on a field that got two siblings since is accepted")
  func oldFormOnConflict() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(note: "v1")
    let clock = try team.nadia.clock(of: id)
    try team.layla.change(id, RecordEdit(note: "v2"))
    try team.omar.change(id, RecordEdit(note: "v3"))
    try team.syncAll()
    try team.nadia.change(id, RecordEdit(note: "v4"), against: clock)
    let conflict = try #require(try team.nadia.conflicts().first)
    #expect(conflict.siblings.compactMap(\.value.textValue) == ["v2", "v3", "v4"])
    try team.syncAll()
    try team.expectOneState()
  }

  @Test("ruling 4: an old form supersedes the sibling it showed, and that alone")
  func oldFormSupersedesShown() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(note: "v1")
    try team.layla.change(id, RecordEdit(note: "v2"))
    try team.exchange.sync(team.layla)
    try team.exchange.sync(team.nadia)
    let clock = try team.nadia.clock(of: id)
    try team.omar.change(id, RecordEdit(note: "v3"))
    try team.syncAll()
    try team.nadia.change(id, RecordEdit(note: "v4"), against: clock)
    let conflict = try #require(try team.nadia.conflicts().first)
    #expect(conflict.siblings.compactMap(\.value.textValue) == ["v3", "v4"])
  }

  @Test("ruling 4: an edit whose clock covers two differing siblings is refused")
  func conflictedField() throws {
    let team = try Team()
    let id = try team.noteConflict()
    let clock = try team.nadia.clock(of: id)
    for against in [nil, clock] {
      #expect(
        refuses {
          try team.nadia.change(id, RecordEdit(note: "mine"), against: against)
        } where: {
          if case .inConflict(id, AnnotationField.note) = $0 { true } else { false }
        })
    }
    #expect(try team.nadia.change(id, RecordEdit(label: "other")).dot != nil)
  }

  @Test("a clock that the record never had is refused, and changes nothing")
  func clockNeverShown() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.change(id, RecordEdit(note: "a"))
    try team.omar.change(id, RecordEdit(note: "b"))
    try team.syncAll()
    let layla = try team.layla.read { $0.replica }
    let omar = try team.omar.read { $0.replica }
    let full = try team.nadia.clock(of: id)
    var beyond = full
    beyond.include(Dot(layla, Counter(full[layla].rawValue + 1)))
    var touching = VectorClock()
    touching.include(Dot(omar, full[omar]))
    let before = try team.nadia.read { try $0.stateDigest() }
    for clock in [VectorClock(), beyond, touching] {
      #expect(
        refuses {
          try team.nadia.change(id, RecordEdit(note: "c"), against: clock)
        } where: {
          if case .clockNeverShown(id) = $0 { true } else { false }
        })
    }
    #expect(try team.nadia.read { try $0.stateDigest() } == before)
  }

  @Test("a clock that was shown with pending work stays good when others' leaves came before it")
  func clockShownWithPending() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(note: "v1")
    try team.omar.change(id, RecordEdit(label: "pending"))
    let shown = try team.omar.clock(of: id)
    try team.layla.change(id, RecordEdit(note: "v2"))
    try team.syncAll([team.layla, team.omar, team.nadia])
    #expect(try team.omar.clock(of: id) != shown)
    try team.omar.change(id, RecordEdit(note: "v3"), against: shown)
    let conflict = try #require(try team.omar.conflicts().first)
    #expect(conflict.siblings.compactMap(\.value.textValue) == ["v2", "v3"])
    try team.syncAll()
    try team.expectOneState()
  }

  @Test("a deleted record is not edited, except by an older form that did not show it deleted")
  func deletedRecord() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(note: "v1")
    let clock = try team.omar.clock(of: id)
    try team.layla.edit { _ = try $0.delete(id) }
    try team.syncAll()
    #expect(
      refuses {
        try team.omar.change(id, RecordEdit(note: "v2"))
      } where: {
        if case .deleted(id) = $0 { true } else { false }
      })
    try team.omar.change(id, RecordEdit(note: "v2"), against: clock)
    #expect(try team.omar.conflicts().map(\.fieldName) == ["lifecycle"])
  }

  @Test("ruling 10: what is so already makes no change")
  func noOps() throws {
    let lone = try LoneStore()
    let id = try lone.annotate(note: "n", label: "claim", tags: ["a"])
    let half = try Confidence(parsing: "0.5")
    try lone.store.change(id, RecordEdit(confidence: half))
    let pending = try lone.store.read { try $0.pendingCount() }
    let edits = [
      RecordEdit(label: "claim"), RecordEdit(note: "n"), RecordEdit(addTags: ["a"]),
      RecordEdit(removeTags: ["absent"]), RecordEdit(confidence: half),
      RecordEdit(spans: [try Span(start: 0, end: 6)]), RecordEdit(),
    ]
    for edit in edits { #expect(try lone.store.change(id, edit).dot == nil) }
    try lone.store.edit { editor in
      let restored = try editor.restore(id)
      let edited = try editor.editArticle(
        lone.article, text: Array(LoneStore.text.utf8), title: "Peace", source: "")
      #expect(restored.dot == nil)
      #expect(edited.dot == nil)
    }
    #expect(try lone.store.read { try $0.pendingCount() } == pending)
    try lone.store.edit { editor in
      let (first, second) = (try editor.delete(id), try editor.delete(id))
      #expect(first.dot != nil)
      #expect(second.dot == nil)
    }
  }

  @Test("an edit of several fields is one change, with the new label in it")
  func oneChange() throws {
    let lone = try LoneStore()
    let id = try lone.annotate()
    let pending = try lone.store.read { try $0.pendingCount() }
    let (made, label) = try lone.store.edit {
      try $0.edit(id, RecordEdit(label: "new one", note: "n", addTags: ["a", "b", "a"]))
    }
    #expect(try lone.store.read { try $0.pendingCount() } == pending + 1)
    let item = try lone.item(id)
    #expect(item.label == "new one")
    #expect(item.tags == ["a", "b"])
    let state = try #require(try lone.store.read { try $0.state(of: id) })
    #expect(state.siblings(of: AnnotationField.note).map(\.dot) == [made.dot])
    guard case .made(_, _, nearest: nil) = label else {
      Issue.record("the label is new")
      return
    }
  }

  @Test("one tag both ways and a field of another kind are refused")
  func contradictions() throws {
    let lone = try LoneStore()
    let id = try lone.annotate()
    #expect(
      refuses {
        try lone.store.change(id, RecordEdit(addTags: ["x"], removeTags: [" x "]))
      } where: {
        if case .tagBothWays = $0 { true } else { false }
      })
    #expect(
      refuses {
        try lone.store.change(id, RecordEdit(title: "no"))
      } where: {
        if case .noSuchField(id, "title") = $0 { true } else { false }
      })
  }
}
