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

  @Test(
    "undo of one change that removed several tags brings all back, as their author's",
    arguments: [["a", "b"], ["b", "a", "d"], ["d", "c", "b", "a"]], [true, false])
  func severalTags(removed: [String], isSynced: Bool) throws {
    let team = try Team()
    let id = try team.sharedAnnotation(tags: ["a", "b", "c", "d"])
    let before = try team.nadia.read { try $0.item(id) }
    try team.nadia.change(id, RecordEdit(note: "n", addTags: ["e"], removeTags: removed))
    if isSynced { try team.syncAll() }
    let undone = try team.nadia.edit { try $0.undo() }
    let back = undone.parts.compactMap { part -> String? in
      guard case .element(let tag, true) = part.standing else { return nil }
      return tag
    }
    #expect(Set(back) == Set(removed))
    // Each value is told with the tag that it is, and whose it was.
    let entry = try #require(try team.nadia.read { try $0.history(id, limit: 1) }.first)
    let told = entry.parts.filter { $0.verb == .add }
    #expect(Set(told.compactMap { $0.value?.textValue }) == Set(removed))
    #expect(told.allSatisfy { $0.cited?.analyst == "Layla" })
    try team.syncAll()
    try team.expectOneState()
    for store in [team.layla, team.omar, team.nadia] {
      let item = try store.read { try $0.item(id) }
      #expect(item?.tags == before?.tags)
      #expect(item?.note == before?.note)
      let tags = try #require(
        try store.read { try $0.why(id) }.first { $0.field == AnnotationField.tags })
      #expect(Set(tags.siblings.map(\.analyst)) == ["Layla"])
      #expect(tags.siblings.count { $0.broughtBack != nil } == removed.count)
    }
    // The same once more, over values that had come back.
    try team.omar.change(id, RecordEdit(removeTags: ["a", "b"]))
    try team.omar.edit { _ = try $0.undo() }
    try team.syncAll()
    try team.expectOneState()
    #expect(try team.layla.read { try $0.item(id) }?.tags == before?.tags)
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

  @Test(
    "undo of a resolution opens the conflict again: the values are their authors', with their times",
    arguments: [true, false])
  func resolution(isSynced: Bool) throws {
    let team = try Team()
    let id = try team.noteConflict()
    let before = try #require(try team.nadia.conflicts().first)
    try team.nadia.edit {
      _ = try $0.resolve(id, AnnotationField.note, with: .text("both"), reason: "r")
    }
    #expect(try team.nadia.conflicts().isEmpty)
    if isSynced { try team.syncAll() }
    let undone = try team.nadia.edit { try $0.undo() }
    #expect(undone.made?.dot != nil)
    guard case .values(let values) = undone.parts.first?.standing else {
      Issue.record("\(undone.parts)")
      return
    }
    #expect(Set(values.compactMap(\.value.textValue)) == ["by Layla", "by Omar"])
    try team.syncAll()
    try team.expectOneState()
    for store in [team.layla, team.omar, team.nadia] {
      let conflict = try #require(try store.conflicts().first)
      #expect(conflict.siblings.map(\.face) == before.siblings.map(\.face))
      #expect(conflict.shown.textValue == before.shown.textValue)
      #expect(conflict.siblings.allSatisfy { $0.broughtBack?.analyst == "Nadia" })
      #expect(conflict.siblings.allSatisfy { $0.broughtBack?.dot == undone.made?.dot })
    }
    let sibling = try #require(try team.omar.conflicts().first?.siblings.last)
    try team.omar.edit {
      _ = try $0.resolve(id, AnnotationField.note, with: .sibling(sibling.dot), reason: "again")
    }
    #expect(try team.omar.conflicts().isEmpty)
  }

  @Test("a decision taken back offline meets another that was made meanwhile, and nothing is lost")
  func twoDecisions() throws {
    let team = try Team()
    let id = try team.noteConflict()
    try team.nadia.edit {
      _ = try $0.resolve(id, AnnotationField.note, with: .text("nadia's"), reason: "r")
    }
    try team.nadia.edit { _ = try $0.undo() }
    try team.omar.edit {
      _ = try $0.resolve(id, AnnotationField.note, with: .text("omar's"), reason: "r")
    }
    try team.syncAll()
    try team.expectOneState()
    let conflict = try #require(try team.layla.conflicts().first)
    #expect(
      Set(conflict.siblings.compactMap(\.value.textValue)) == ["omar's", "by Layla", "by Omar"])
  }

  @Test("a tag that was removed is its first author's again")
  func tag() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.change(id, RecordEdit(addTags: ["kept"]))
    try team.syncAll()
    try team.omar.change(id, RecordEdit(removeTags: ["kept"]))
    try team.omar.edit { _ = try $0.undo() }
    try team.syncAll()
    try team.expectOneState()
    let why = try team.nadia.read { try $0.why(id) }.first { $0.fieldName == "tags" }
    #expect(why?.siblings.map(\.analyst) == ["Layla"])
    #expect(why?.siblings.first?.broughtBack?.analyst == "Omar")
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
    let siblings = try team.omar.conflicts().flatMap(\.siblings)
    #expect(siblings.map(\.analyst).sorted() == ["Layla", "Omar"])
    let back = siblings.first { $0.analyst == "Layla" }?.broughtBack?.analyst
    #expect(back == (isKept ? "Nadia" : nil))
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
  func undo(
    changes: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let undone = try store.edit { try $0.undo() }
    #expect((undone.made?.dot == nil ? 0 : 1) == changes, sourceLocation: sourceLocation)
  }
}

extension SiblingView {
  /// What people see of it: who wrote what, and when.
  fileprivate var face: String { "\(analyst) \(time) \(dot) \(value.textValue ?? "")" }
}
