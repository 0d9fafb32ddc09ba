import AnnotationModel
import MergeCore
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Conflicts and lists")
struct ConflictQueryTests {
  @Test("a conflict says who wrote what, knowing what, and why one is shown")
  func siblings() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let seen = try team.layla.clock(of: id)
    try team.layla.change(id, RecordEdit(note: "by Layla"))
    try team.omar.change(id, RecordEdit(label: "other"))
    try team.omar.change(id, RecordEdit(note: "by Omar"))
    try team.syncAll()
    let conflict = try #require(try team.nadia.conflicts().first)
    #expect(conflict.fieldName == "note")
    #expect(conflict.siblings.map(\.analyst) == ["Layla", "Omar"])
    #expect(conflict.siblings.map(\.isResolution) == [false, false])
    #expect(conflict.siblings[0].against == seen)
    var withOwn = seen
    withOwn.include(Dot(conflict.siblings[1].dot.replica, 2))
    #expect(conflict.siblings[1].against == withOwn, "one's own earlier changes count")
    #expect(conflict.reason == .latestTime)
    let latest = conflict.siblings.max { $0.time < $1.time }
    #expect(conflict.shown.textValue == latest?.value.textValue)
    #expect(conflict.clock == (try team.nadia.clock(of: id)))
  }

  @Test("ruling 9: equal siblings are listed each, and alone are no conflict")
  func equalSiblings() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.change(id, RecordEdit(note: "same"))
    try team.omar.change(id, RecordEdit(note: "same"))
    try team.syncAll()
    #expect(try team.nadia.conflicts().isEmpty)
    let why = try team.nadia.read { try $0.why(id) }
    #expect(why.first { $0.fieldName == "note" }?.rule == .agreed)
  }

  @Test("all stores list the same conflicts, and pending work adds its own")
  func everywhere() throws {
    let team = try Team()
    let id = try team.noteConflict()
    let lists = try [team.layla, team.omar, team.nadia].map { try $0.conflicts() }
    #expect(Set(lists.map { $0.map { $0.siblings.map(\.dot) } }).count == 1)
    try team.nadia.edit {
      _ = try $0.resolve(id, AnnotationField.note, with: .text("x"), reason: "r")
    }
    #expect(try team.nadia.conflicts().isEmpty)
    #expect(try team.layla.conflicts().count == 1)
  }

  @Test("the common ancestor is the last text that all had received")
  func ancestor() throws {
    let team = try Team()
    let id = try team.sharedAnnotation(note: "oldest")
    try team.layla.change(id, RecordEdit(note: "base"))
    try team.syncAll()
    try team.layla.change(id, RecordEdit(note: "one"))
    try team.layla.change(id, RecordEdit(note: "two"))
    try team.omar.change(id, RecordEdit(note: "three"))
    try team.syncAll()
    let conflict = try #require(try team.nadia.conflicts().first)
    #expect(try team.nadia.read { try $0.commonAncestor(of: conflict) } == "base")
  }

  @Test("lists filter by article, label, tag, analyst, conflict and deletion")
  func filters() throws {
    let team = try Team()
    let first = try team.sharedAnnotation(label: "claim", tags: ["x"])
    let second = try team.omar.edit {
      try $0.annotate(
        article: team.article, spans: [Span(start: 7, end: 9)], label: "question", tags: ["y"]
      ).made.record
    }
    let third = try team.omar.edit {
      let id = try $0.annotate(article: team.article, spans: [Span(start: 7, end: 9)]).made.record
      _ = try $0.delete(id)
      return id
    }
    try team.layla.change(first, RecordEdit(note: "l"))
    try team.nadia.change(first, RecordEdit(note: "n"))
    try team.syncAll()
    try team.nadia.read { reader in
      let question = try reader.resolveReference("question", kinds: [.label])
      let cases: [(ItemFilter, [RecordID])] = [
        (ItemFilter(article: team.article), [first, second]),
        (ItemFilter(article: question), []),
        (ItemFilter(label: question), [second]), (ItemFilter(tag: "x"), [first]),
        (ItemFilter(analyst: "OMAR"), [second]), (ItemFilter(conflictedOnly: true), [first]),
        (ItemFilter(lifecycle: .deleted), [third]),
        (ItemFilter(lifecycle: .all), [first, second, third]),
      ]
      for (filter, expected) in cases {
        #expect(try reader.items(filter).map(\.id).sorted() == expected.sorted())
      }
      let item = try #require(try reader.item(first))
      #expect(item.analyst == "Layla")
      #expect(item.quote == "السلام")
      #expect(item.conflicts == ["note"])
    }
  }

  @Test("thousands of annotations are listed, each under a handle of its own")
  func manyAnnotations() throws {
    let lone = try LoneStore()
    try lone.store.edit { editor in
      for index in 0..<2_000 {
        _ = try editor.annotate(
          article: lone.article, spans: [Span(start: index % 20, end: index % 20 + 3)],
          label: "label \(index % 7)", note: "note \(index)", tags: ["t\(index % 5)"])
      }
    }
    let items = try lone.store.read { try $0.items(ItemFilter()) }
    #expect(items.count == 2_000)
    #expect(Set(items.map(\.handle)).count == 2_000)
  }
}
