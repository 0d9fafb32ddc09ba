import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("References and handles")
struct ReferenceTests {
  private let kinds: [RecordKind] = [.annotation, .reply, .relation]

  @Test("handle, whole id with and without dashes, script id and @ mean the annotation")
  func annotation() throws {
    let lone = try LoneStore()
    let id = try lone.annotate()
    let named = try lone.store.edit { editor in
      let id = try editor.reader.record(scriptID: "my id", kind: .annotation, namespace: "ns")
      let made = try editor.annotate(
        id: id, article: lone.article, spans: [Span(start: 0, end: 3)]
      ).made
      try editor.remember("my id", as: made.record, namespace: nil)
      return made.record
    }
    try lone.store.read { reader in
      for text in [
        try reader.handle(of: id), "…" + (try reader.handle(of: id)), id.hexText,
        RecordUUID.text(id.bytes).uppercased(),
      ] {
        #expect(try reader.resolveReference(text, kinds: kinds) == id)
      }
      #expect(try reader.resolveReference("@", kinds: kinds) == named)
      #expect(try reader.resolveReference("my id", kinds: kinds) == named)
      #expect(throws: ReferenceError.self) {
        try reader.resolveReference("my id", kinds: [.article])
      }
    }
  }

  @Test("a script id works in a store that did not run the script")
  func mappedElsewhere() throws {
    let team = try Team()
    let id = try team.layla.edit { editor in
      let id = try editor.reader.record(scriptID: "remark 7", kind: .annotation, namespace: nil)
      return try editor.annotate(
        id: id, article: team.article, spans: [Span(start: 0, end: 3)]
      ).made.record
    }
    try team.syncAll()
    #expect(
      try team.omar.read { try $0.resolveReference("remark 7", kinds: kinds) } == id)
  }

  @Test("articles are found by file name, title, unique beginning or id")
  func articles() throws {
    let lone = try LoneStore()
    let other = try lone.store.edit {
      try $0.addArticle(
        bytes: Array("other\n".utf8), title: "Peace and war", source: nil, file: "/x/002-war.txt")
    }.record
    try lone.store.read { reader in
      let references: [(String, RecordID)] = [
        ("001.txt", lone.article), ("001", lone.article), ("002", other),
        ("002-war.txt", other), ("Peace", lone.article), ("Peace and", other),
        (other.hexText, other), (String(other.hexText.suffix(8)), other),
      ]
      for (text, id) in references {
        #expect(try reader.resolveReference(text, kinds: [.article]) == id, "\(text)")
      }
      do {
        _ = try reader.resolveReference("00", kinds: [.article])
        Issue.record("two begin so")
      } catch ReferenceError.ambiguous(let text, let ids) {
        #expect(text == "00")
        #expect(ids == [lone.article, other].sorted())
      }
    }
  }

  @Test("an article's script id is an alias, even when it looks like a UUID")
  func articleAlias() throws {
    let lone = try LoneStore()
    let uuid = "0190a6b0-0000-7000-8000-000000000001"
    try lone.store.edit { editor in
      for id in ["first article", uuid] {
        try editor.remember(id, as: lone.article, namespace: nil)
      }
    }
    try lone.store.read { reader in
      for id in ["first article", uuid] {
        #expect(try reader.record(scriptID: id, kind: .article, namespace: nil) == lone.article)
        #expect(try reader.resolveReference(id, kinds: [.article]) == lone.article)
      }
      let absent = try reader.record(scriptID: "second", kind: .article, namespace: nil)
      #expect(absent == nil)
    }
  }

  @Test("a live record is meant before a deleted one of the same name")
  func deletedName() throws {
    let lone = try LoneStore()
    let other = try lone.store.edit { editor in
      _ = try editor.delete(lone.article)
      return try editor.addArticle(
        bytes: Array("other\n".utf8), title: nil, source: nil, file: "001.txt")
    }.record
    #expect(
      try lone.store.read { try $0.resolveReference("001.txt", kinds: [.article]) } == other)
  }

  @Test("handles are the shortest unique ends among annotations, replies and relations")
  func handles() throws {
    let lone = try LoneStore()
    func record(_ hex: String, _ kind: RecordKind) throws -> RecordID {
      let bytes = try #require(hexBytes(hex))
      return try #require(RecordID(kind: kind, bytes: bytes))
    }
    let one = try record("0000000000007000800000000012abcd", .annotation)
    let two = try record("0000000000007000800000000013abcd", .annotation)
    let three = try record("0000000000007000800000000092abcd", .reply)
    try lone.store.edit { editor in
      for id in [one, two] {
        _ = try editor.annotate(id: id, article: lone.article, spans: [Span(start: 0, end: 3)])
      }
      _ = try editor.reply(id: three, to: one, text: "r")
    }
    try lone.store.read { reader in
      let handle = try reader.handle(of: one)
      #expect(handle == "12abcd")
      #expect(try reader.handle(of: three) == "92abcd")
      #expect(try reader.items(ItemFilter()).map(\.handle) == ["12abcd", "3abcd"])
      #expect(try reader.items(ItemFilter(kind: .reply)).map(\.handle) == ["92abcd"])
      #expect(throws: ReferenceError.self) {
        try reader.resolveReference("abcd", kinds: kinds)
      }
    }
  }

  @Test("dots read as they are shown, with the replica where a name has several")
  func dots() throws {
    let team = try Team()
    let omar = try team.omar.read { $0.replica }
    let dot = Dot(omar, 17)
    try team.layla.read { reader in
      let text = try reader.dotText(dot)
      #expect(text == "omar/17")
      #expect(try reader.parseDot("omar/17") == dot)
      #expect(try reader.parseDot("Omar/17") == dot)
      #expect(try reader.parseDot(dot.description) == dot)
      for text in ["zayd/1", "omar/0", "omar/", "omar", "omar/+1"] {
        #expect(try reader.parseDot(text) == nil)
      }
    }
    let device = try team.omar.edit { try $0.addDevice() }
    try team.exchange.sync(team.omar)
    let second = try Workspace.join(
      in: team.folder.path + "/second", invite: device.code,
      machine: testMachine(seed: 8, in: team.folder.path))
    try team.exchange.sync(second)
    try team.exchange.pull(team.layla)
    try team.layla.read { reader in
      let text = try reader.dotText(dot)
      #expect(text == "omar-\(omar.hex.prefix(4))/17")
      #expect(try reader.parseDot(text) == dot)
      #expect(try reader.parseDot("omar/17") == nil)
    }
  }
}
