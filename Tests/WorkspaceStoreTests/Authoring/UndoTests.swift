import AnnotationModel
import MergeCore
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Undo")
struct UndoTests {
  @Test("undo writes back what the change superseded, change by change")
  func backwards() throws {
    let lone = try LoneStore()
    let id = try lone.annotate(note: "a", label: "one", tags: ["x"])
    try lone.store.change(id, RecordEdit(note: "b", addTags: ["y"], removeTags: ["x"]))
    try lone.store.change(id, RecordEdit(label: "two", note: "c"))
    try lone.undo(changes: 1)
    #expect(try lone.item(id).note == "b")
    #expect(try lone.item(id).label == "one")
    try lone.undo(changes: 1)
    #expect(try lone.item(id).note == "a")
    #expect(try lone.item(id).tags == ["x"])
    try lone.undo(changes: 1)
    #expect(try lone.item(id).isDeleted)
    #expect(
      Set(try lone.store.read { try $0.items(ItemFilter(kind: .label)) }.map(\.name)) == [
        "one", "two",
      ],
      "labels that came with an edit stay in the codebook")
  }

  @Test("undo of a first value takes the value back")
  func firstValue() throws {
    let lone = try LoneStore()
    let id = try lone.annotate()
    try lone.store.change(
      id, RecordEdit(label: "one", note: "n", confidence: Confidence(parsing: "1")))
    try lone.undo(changes: 1)
    let item = try lone.item(id)
    #expect(item.note == nil)
    #expect(item.label == nil)
    #expect(item.confidence == nil)
    #expect(item.conflicts.isEmpty)
  }

  @Test("undo brings back what was deleted and deletes what was restored")
  func lifecycle() throws {
    let lone = try LoneStore()
    let id = try lone.annotate()
    try lone.store.edit { _ = try $0.delete(id) }
    try lone.undo(changes: 1)
    #expect(try !lone.item(id).isDeleted)
    try lone.store.edit { _ = try $0.delete(id) }
    try lone.store.edit { _ = try $0.restore(id) }
    try lone.undo(changes: 1)
    #expect(try lone.item(id).isDeleted)
    // The delete before the restore, which the undoing has made again.
    try lone.undo(changes: 1)
    #expect(try !lone.item(id).isDeleted)
    try lone.undo(changes: 1)
    #expect(try lone.item(id).isDeleted, "and its making")
  }

  @Test("undo of a new article text or label name goes back to the first")
  func impliedValues() throws {
    let lone = try LoneStore()
    let label = try lone.store.edit { try $0.addLabel("claim") }.record
    try lone.store.change(label, RecordEdit(name: "assertion"))
    try lone.undo(changes: 1)
    #expect(try lone.item(label).name == "claim")
    try lone.store.edit {
      _ = try $0.editArticle(lone.article, text: Array("new\n".utf8), title: nil, source: nil)
    }
    try lone.undo(changes: 1)
    #expect(
      try lone.store.read { try $0.articleBytes(lone.article) } == Array(LoneStore.text.utf8))
  }

  @Test("undo of a resolution opens the conflict again, with the same values")
  func resolution() throws {
    let team = try Team()
    let id = try team.noteConflict()
    try team.nadia.edit {
      _ = try $0.resolve(id, AnnotationField.note, with: .text("both"), reason: "r")
    }
    #expect(try team.nadia.conflicts().isEmpty)
    let made = try team.nadia.edit { try $0.undo() }
    #expect(made.count == 2)
    try team.syncAll()
    try team.expectOneState()
    let conflict = try #require(try team.layla.conflicts().first)
    #expect(Set(conflict.siblings.compactMap(\.value.textValue)) == ["by Layla", "by Omar"])
  }

  @Test(
    "undo of a decision about deletion opens that conflict again", arguments: [true, false])
  func lifecycleResolution(isKept: Bool) throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.edit { _ = try $0.delete(id) }
    try team.omar.change(id, RecordEdit(note: "still needed"))
    try team.syncAll()
    try team.nadia.edit {
      _ = try $0.resolve(id, nil, with: isKept ? .live : .deleted, reason: "r")
    }
    #expect(try team.nadia.conflicts().isEmpty)
    try team.nadia.edit { _ = try $0.undo() }
    try team.syncAll()
    try team.expectOneState()
    #expect(try team.layla.conflicts().map(\.fieldName) == ["lifecycle"])
  }

  @Test("a change that the log has already is undone as well")
  func logged() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(note: "first")
    try team.layla.change(id, RecordEdit(note: "second"))
    try team.syncAll()
    try team.layla.edit { _ = try $0.undo() }
    try team.syncAll()
    #expect(try team.omar.read { try $0.item(id) }?.note == "first")
    try team.expectOneState()
  }

  @Test("undo refuses where others have gone on, and changes nothing")
  func movedOn() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.change(id, RecordEdit(note: "second"))
    try team.syncAll()
    try team.omar.change(id, RecordEdit(note: "third"))
    try team.syncAll()
    let before = try team.layla.read { try $0.stateDigest() }
    #expect(
      refuses {
        try team.layla.edit { _ = try $0.undo() }
      } where: {
        if case .movedOn(id, AnnotationField.note, since: _) = $0 { true } else { false }
      })
    #expect(try team.layla.read { try $0.stateDigest() } == before)
  }

  @Test("an annotation that somebody answered is not undone")
  func answered() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.omar.edit { _ = try $0.reply(to: id, text: "why?") }
    try team.syncAll()
    #expect(
      refuses {
        try team.layla.edit { _ = try $0.undo() }
      } where: {
        if case .movedOn(id, nil, since: _) = $0 { true } else { false }
      })
  }

  @Test("a label that others use stays when the annotation that made it is undone")
  func usedLabel() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(label: "claim")
    try team.omar.edit {
      _ = try $0.annotate(
        article: team.article, spans: [Span(start: 1, end: 3)], label: "claim")
    }
    try team.syncAll()
    try team.layla.edit { _ = try $0.undo() }
    try team.layla.read { reader in
      let labels = try reader.items(ItemFilter(kind: .label))
      #expect(try reader.item(id)?.isDeleted == true)
      #expect(labels.map(\.name) == ["claim"])
    }
  }

  @Test("undo does not write to a record that somebody deleted since")
  func deletedSince() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.change(id, RecordEdit(note: "second"))
    try team.syncAll()
    try team.omar.edit { _ = try $0.delete(id) }
    try team.syncAll()
    #expect(
      refuses {
        try team.layla.edit { _ = try $0.undo() }
      } where: {
        if case .movedOn(id, nil, since: _) = $0 { true } else { false }
      })
  }

  @Test("when nothing is left to undo, it says so")
  func nothing() throws {
    let folder = try TestFolder()
    let store = try Workspace.found(
      in: folder.path + "/.hashiya", analyst: "Layla",
      machine: testMachine(seed: 1, in: folder.path))
    #expect(
      refuses {
        try store.edit { _ = try $0.undo() }
      } where: {
        if case .nothingToUndo = $0 { true } else { false }
      })
  }
}

extension LoneStore {
  /// Undoes once; fails when that made another number of changes.
  fileprivate func undo(
    changes: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let made = try store.edit { try $0.undo() }
    #expect(made.count == changes, sourceLocation: sourceLocation)
    #expect(made.allSatisfy { $0.dot != nil }, sourceLocation: sourceLocation)
  }
}
