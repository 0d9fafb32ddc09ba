import AnnotationModel
import MergeCore
import SyncProtocol
import Testing
import WorkspaceStore

/// What no log would take back is refused when it is typed, and what it would is not.
@Suite("Undo within its bounds")
struct UndoLimitTests {
  @Test("many edits taken back offline stand so here, explained, and everywhere after one sync")
  func manyPairs() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    for number in 0..<40 {
      try team.nadia.change(id, RecordEdit(note: "\(number)"))
      try team.nadia.edit { _ = try $0.undo() }
    }
    let why = try team.nadia.read { try $0.why(id) }
    let field = try #require(why.first { $0.field == AnnotationField.note })
    #expect(field.siblings.map(\.value.textValue) == ["first"])
    #expect(field.siblings.map(\.analyst) == ["Layla"])
    #expect(try team.nadia.read { try $0.item(id) }?.note == "first")
    try team.syncAll()
    try team.expectOneState()
    #expect(try team.omar.read { try $0.item(id) }?.note == "first")
  }

  @Test("where too much has happened, undo is refused when typed, and nothing is changed")
  func partHistory() throws {
    let lone = try LoneStore()
    let id = try lone.annotate(note: "first")
    // Each edit names three dots: its own, the one before it, and what it took.
    let count = Limits.partHistoryMax / 3
    try lone.store.edit { editor in
      for number in 0..<count { _ = try editor.edit(id, RecordEdit(note: "\(number)")) }
    }
    try lone.undo(changes: 1)
    #expect(try lone.item(id).note == "\(count - 2)")
    let before = try lone.store.read { try $0.stateDigest() }
    #expect(
      refuses {
        _ = try lone.store.edit { try $0.undo() }
      } where: {
        guard case .refusedByAll(let refusal, let record) = $0 else { return false }
        return refusal.code == .overLimit && record == id
      })
    #expect(try lone.store.read { try $0.stateDigest() } == before)
    #expect(try lone.item(id).note == "\(count - 2)")
  }

  @Test("a decision over more values than one member may have side by side", arguments: [0, 1])
  func values(past: Int) throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let clock = try team.layla.clock(of: id)
    let half = Limits.memberSiblingsMax / 2
    for (store, count) in [(team.layla, half + past), (team.omar, half)] {
      for number in 0..<count {
        try store.change(id, RecordEdit(note: "\(number)"), against: clock)
      }
    }
    try team.syncAll()
    try team.nadia.edit {
      _ = try $0.resolve(id, AnnotationField.note, with: .text("one"), reason: "r")
    }
    if past == 0 {
      try team.nadia.edit { _ = try $0.undo() }
      try team.syncAll()
      try team.expectOneState()
      #expect(try team.omar.conflicts().first?.siblings.count == Limits.memberSiblingsMax)
    } else {
      #expect(
        refuses {
          _ = try team.nadia.edit { try $0.undo() }
        } where: {
          guard case .refusedByAll(let refusal, _) = $0 else { return false }
          return refusal.code == .overLimit
        })
      #expect(try team.nadia.conflicts().isEmpty)
      try team.syncAll()
      try team.expectOneState()
    }
  }

  @Test("no more of a part's history is read than is asked for")
  func reading() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    for number in 0..<9 { try team.nadia.change(id, RecordEdit(note: "\(number)")) }
    try team.syncAll()
    let part = RecordPart.field(AnnotationField.note)
    for (dots, count) in [(0, 1), (2, 1), (3, 2), (26, 9), (27, 9), (.max, 9)] {
      let operations = try team.omar.read {
        try $0.log.partOperations(on: id, part, dotsMax: dots)
      }
      #expect(operations.count == count, "\(dots)")
      #expect(operations.dotCount > dots || operations.count == 9)
    }
  }
}
