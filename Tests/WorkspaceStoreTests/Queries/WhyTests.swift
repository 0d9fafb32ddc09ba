import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Why and history")
struct WhyTests {
  @Test("why names rule and leaf of the merge that made a conflict, and who superseded what")
  func conflict() throws {
    let team = try Team()
    let id = try team.noteConflict()
    let last = team.exchange.log.treeSize - 1
    let why = try #require(try team.nadia.read { try $0.why(id) }.first { $0.fieldName == "note" })
    #expect(why.rule == .keptSiblings)
    #expect(why.leaf == last)
    #expect(!why.isLocal)
    #expect(why.siblings.map(\.analyst) == ["Layla", "Omar"])
    #expect(why.superseded.map { $0.sibling.value.textValue } == ["first"])
    #expect(why.superseded.map(\.byAnalyst) == ["Layla"])
    #expect(why.reason == .latestTime)
  }

  @Test("why decides as the log did: replay gives the logged decisions and the stored state")
  func replay() throws {
    let team = try Team()
    let id = try team.noteConflict()
    try team.nadia.edit {
      _ = try $0.resolve(id, AnnotationField.note, with: .text("x"), reason: "r")
    }
    try team.syncAll()
    let logged = team.exchange.log.leaves.flatMap(\.decisions).filter {
      $0.decision.record == id && $0.decision.subject == .field(AnnotationField.note)
    }
    let why = try #require(try team.omar.read { try $0.why(id) }.first { $0.fieldName == "note" })
    #expect(why.decisions.map(\.merged) == logged)
    #expect(why.leaf == team.exchange.log.treeSize - 1)
  }

  @Test("merges with pending work are local")
  func local() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let clock = try team.omar.clock(of: id)
    try team.omar.change(id, RecordEdit(note: "x"))
    try team.omar.change(id, RecordEdit(note: "y"), against: clock)
    let why = try #require(try team.omar.read { try $0.why(id) }.first { $0.fieldName == "note" })
    #expect(why.isLocal)
    #expect(why.rule == .keptSiblings)
    #expect(why.siblings.map(\.leaf) == [nil, nil])
  }

  @Test("what add-wins absorbed is explained")
  func addWins() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(tags: ["t"])
    try team.layla.change(id, RecordEdit(removeTags: ["t"]))
    try team.layla.change(id, RecordEdit(addTags: ["u"]))
    try team.omar.edit { editor in
      _ = try editor.edit(id, RecordEdit(removeTags: ["t"]))
      _ = try editor.edit(id, RecordEdit(addTags: ["t"]))
    }
    try team.syncAll()
    let why = try #require(try team.nadia.read { try $0.why(id) }.first { $0.fieldName == "tags" })
    #expect(why.rule == .addWins)
    guard case .tags(let tags) = why.shown else {
      Issue.record("a set shows its elements")
      return
    }
    #expect(tags == ["t", "u"])
    #expect(Set(why.siblings.compactMap(\.value.textValue)) == ["t", "u"])
  }

  @Test("why of the lifecycle lists both sides, and what a restore spent")
  func lifecycle() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    #expect(try team.layla.read { try $0.why(id) }.allSatisfy { $0.field != nil })
    try team.layla.edit { _ = try $0.delete(id) }
    try team.omar.change(id, RecordEdit(note: "needed"))
    try team.syncAll()
    let open = try #require(try team.nadia.read { try $0.why(id) }.last)
    #expect(open.fieldName == "lifecycle")
    #expect(open.rule == .keptAlive)
    #expect(open.reason == .keptAlive)
    #expect(open.siblings.map(\.analyst) == ["Layla", "Omar"])
    try team.nadia.edit { _ = try $0.restore(id) }
    let closed = try #require(try team.nadia.read { try $0.why(id) }.last)
    #expect(closed.siblings.isEmpty)
    #expect(closed.superseded.map(\.byAnalyst) == ["Nadia"])
  }

  @Test("history lists changes newest first, pending before logged")
  func history() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.omar.change(id, RecordEdit(note: "x"))
    let record = try team.omar.read { try $0.history(id) }
    #expect(record.map(\.analyst) == ["Omar", "Layla"])
    #expect(record.map { $0.leaf == nil } == [true, false])
    #expect(record[0].parts.map(\.verb) == [.write])
    #expect(record[0].parts[0].fieldName == "note")
    let all = try team.omar.read { try $0.history(limit: 3) }
    #expect(all.count == 3)
    #expect(all[0].dot == record[0].dot)
    let everything = try team.omar.read { try $0.history() }
    #expect(everything.last?.act == .genesis)
    #expect(everything.count == everything.map(\.dot).count)
    #expect(Set(everything.map(\.dot)).count == everything.count)
  }
}
