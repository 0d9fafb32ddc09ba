import AnnotationModel
import MergeCore
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Resolving conflicts")
struct ResolutionTests {
  @Test("a resolution takes a sibling's value, closes the conflict, and keeps its reason")
  func takeSibling() throws {
    let team = try Team()
    let id = try team.noteConflict()
    let conflict = try #require(try team.nadia.conflicts().first)
    let omars = try #require(conflict.siblings.first { $0.value.textValue == "by Omar" })
    let made = try team.nadia.edit {
      try $0.resolve(
        id, conflict.field, with: .sibling(omars.dot), reason: "read both",
        against: conflict.clock)
    }
    #expect(made.dot != nil)
    try team.syncAll()
    try team.expectOneState()
    for store in [team.layla, team.omar, team.nadia] {
      #expect(try store.conflicts().isEmpty)
      #expect(try store.read { try $0.item(id) }?.note == "by Omar")
    }
    let why = try #require(try team.layla.read { try $0.why(id) }.first { $0.fieldName == "note" })
    #expect(why.siblings.map(\.reason) == ["read both"])
    #expect(why.superseded.suffix(2).map(\.byAnalyst) == ["Nadia", "Nadia"])
  }

  @Test("siblings that came since they were listed make it fail, and a new listing succeeds")
  func siblingsChanged() throws {
    let team = try Team()
    let id = try team.noteConflict()
    let listed = try #require(try team.nadia.conflicts().first)
    try team.omar.edit {
      _ = try $0.resolve(id, listed.field, with: .text("omar again"), reason: "mine")
    }
    try team.syncAll()
    #expect(
      refuses {
        try team.nadia.edit {
          _ = try $0.resolve(
            id, listed.field, with: .text("both"), reason: "r", against: listed.clock)
        }
      } where: {
        if case .siblingsChanged(id, AnnotationField.note) = $0 { true } else { false }
      })
    #expect(
      refuses {
        try team.nadia.edit {
          _ = try $0.resolve(id, listed.field, with: .text("both"), reason: "r")
        }
      } where: {
        if case .notInConflict(id, AnnotationField.note) = $0 { true } else { false }
      })
  }

  @Test("a resolution needs a reason and a sibling that is there")
  func badChoices() throws {
    let team = try Team()
    let id = try team.noteConflict()
    let note = AnnotationField.note
    let absent = Dot(try team.nadia.read { $0.replica }, 999)
    #expect(
      refuses {
        try team.nadia.edit {
          _ = try $0.resolve(id, note, with: .sibling(absent), reason: "r")
        }
      } where: {
        if case .noSuchSibling(id, note, absent) = $0 { true } else { false }
      })
    #expect(
      refuses {
        try team.nadia.edit { _ = try $0.resolve(id, note, with: .text("x"), reason: " ") }
      } where: {
        if case .text(.empty(.reason)) = $0 { true } else { false }
      })
    #expect(
      refuses {
        try team.nadia.edit { _ = try $0.resolve(id, note, with: .live, reason: "r") }
      } where: {
        if case .badValue(id, note) = $0 { true } else { false }
      })
    #expect(
      refuses {
        try team.nadia.edit { _ = try $0.resolve(id, nil, with: .live, reason: "r") }
      } where: {
        if case .notInConflict(id, nil) = $0 { true } else { false }
      })
  }

  @Test("labels are resolved by name, targets by spans, confidences by number")
  func typedValues() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let (low, high) = (try Confidence(parsing: "0.2"), try Confidence(parsing: "0.9"))
    try team.layla.change(
      id, RecordEdit(label: "one", confidence: low, spans: [Span(start: 0, end: 3)]))
    try team.omar.change(
      id, RecordEdit(label: "two", confidence: high, spans: [Span(start: 1, end: 4)]))
    try team.syncAll()
    #expect(try team.nadia.conflicts().map(\.fieldName) == ["target", "label", "confidence"])
    try team.nadia.edit { editor in
      for (field, text) in [
        (AnnotationField.target, "2:5 7:9"), (AnnotationField.label, "three"),
        (AnnotationField.confidence, "0.5"),
      ] {
        _ = try editor.resolve(id, field, with: .text(text), reason: "met in the middle")
      }
    }
    try team.syncAll()
    try team.expectOneState()
    let item = try #require(try team.layla.read { try $0.item(id) })
    #expect(item.spans.map(\.text) == ["2:5", "7:9"])
    #expect(item.label == "three")
    #expect(item.confidence?.text == "0.5")
    #expect(item.conflicts.isEmpty)
  }

  @Test(
    "ruling 6: a conflict about deletion lists both sides and is ended either way",
    arguments: [true, false])
  func lifecycle(isKept: Bool) throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.edit { _ = try $0.delete(id) }
    try team.omar.change(id, RecordEdit(note: "still needed"))
    try team.syncAll()
    let conflict = try #require(try team.nadia.conflicts().first)
    #expect(conflict.field == nil)
    #expect(conflict.siblings.map(\.analyst) == ["Layla", "Omar"])
    let taken = conflict.siblings[isKept ? 1 : 0]
    try team.nadia.edit {
      _ = try $0.resolve(
        id, nil, with: .sibling(taken.dot), reason: "r", against: conflict.clock)
    }
    try team.syncAll()
    try team.expectOneState()
    #expect(try team.layla.conflicts().isEmpty)
    #expect(try team.layla.read { try $0.item(id) }?.isDeleted == !isKept)
  }

  @Test(
    "ruling 6: deleting or restoring such a record ends the conflict too",
    arguments: [true, false])
  func plainEnd(isKept: Bool) throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.edit { _ = try $0.delete(id) }
    try team.omar.change(id, RecordEdit(note: "still needed"))
    try team.syncAll()
    try team.nadia.edit { _ = isKept ? try $0.restore(id) : try $0.delete(id) }
    #expect(try team.nadia.read { try $0.conflictCount() } == 0)
    #expect(try team.nadia.read { try $0.item(id) }?.isDeleted == !isKept)
  }

  @Test("a deleted record counts and lists no conflicts")
  func deletedRecord() throws {
    let team = try Team()
    let id = try team.noteConflict()
    try team.nadia.edit { _ = try $0.delete(id) }
    #expect(try team.nadia.conflicts().isEmpty)
    #expect(try team.nadia.read { try $0.conflictCount() } == 0)
    try team.nadia.edit { _ = try $0.restore(id) }
    #expect(try team.nadia.read { try $0.conflictCount() } == 1)
  }
}
