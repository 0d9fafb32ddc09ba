import AnnotationModel
import MergeCore
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Making records")
struct CreationTests {
  @Test("ruling 26: adding an article or a label writes neither its text nor its name")
  func creationWritesNoFirstValue() throws {
    let lone = try LoneStore()
    let label = try lone.store.edit { try $0.addLabel("claim") }.record
    try lone.store.read { reader in
      let article = try #require(try reader.state(of: lone.article))
      #expect(article.siblings(of: ArticleField.text).isEmpty)
      #expect(try reader.articleBytes(lone.article) == Array(LoneStore.text.utf8))
      #expect(try #require(try reader.state(of: label)).registers.isEmpty)
      #expect(try reader.item(label)?.name == "claim")
    }
  }

  @Test("ruling 26: an import of the first version after a revision is no conflict")
  func importAfterRevision() throws {
    let team = try Team()
    let bytes = Array("another\n".utf8)
    let id = try team.layla.edit {
      let made = try $0.addArticle(bytes: bytes, title: "T", source: nil, file: nil)
      _ = try $0.editArticle(made.record, text: Array("revised\n".utf8), title: nil, source: nil)
      return made.record
    }
    let other = try team.omar.edit {
      try $0.addArticle(bytes: bytes, title: "T", source: nil, file: nil)
    }
    #expect(other.record == id)
    try team.syncAll()
    #expect(try team.omar.conflicts().isEmpty)
    #expect(try team.omar.read { try $0.articleBytes(id) } == Array("revised\n".utf8))
  }

  @Test("ruling 27: bytes of any version find their article, a deleted one is refused")
  func knownVersions() throws {
    let lone = try LoneStore()
    let first = Array(LoneStore.text.utf8)
    let second = Array("second\n".utf8)
    try lone.store.edit { editor in
      for text in [second, Array("third\n".utf8)] {
        _ = try editor.editArticle(lone.article, text: text, title: nil, source: nil)
      }
      for bytes in [first, second] {
        let made = try editor.addArticle(bytes: bytes, title: nil, source: nil, file: "other.txt")
        #expect(made == Made(record: lone.article, dot: nil))
      }
    }
    #expect(
      refuses {
        try lone.store.edit {
          _ = try $0.addArticle(bytes: first, title: "Other", source: nil, file: nil)
        }
      } where: {
        if case .existsDifferently(lone.article) = $0 { true } else { false }
      })
    try lone.store.edit { _ = try $0.delete(lone.article) }
    #expect(
      refuses {
        try lone.store.edit {
          _ = try $0.addArticle(bytes: second, title: nil, source: nil, file: nil)
        }
      } where: {
        if case .knownAndDeleted(lone.article) = $0 { true } else { false }
      })
  }

  @Test("ruling 28: names find labels by current name first, then by alias")
  func labelNames() throws {
    let lone = try LoneStore()
    let (claim, other) = try lone.store.edit { editor in
      let claim = try editor.addLabel("claim").record
      _ = try editor.edit(claim, RecordEdit(name: "assertion"))
      #expect(try editor.addLabel("claim") == Made(record: claim, dot: nil))
      #expect(try editor.addLabel(" assertion ").dot == nil)
      return (claim, try editor.addLabel("other").record)
    }
    #expect(
      refuses {
        try lone.store.change(other, RecordEdit(name: "assertion"))
      } where: {
        if case .labelNameTaken = $0 { true } else { false }
      })
    let id = try lone.annotate(label: "claim")
    #expect(try lone.item(id).labelID == claim)
    #expect(try lone.item(id).label == "assertion")
    try lone.store.change(other, RecordEdit(name: "claim"))
    #expect(try lone.item(lone.annotate(label: "claim")).labelID == other)
  }

  @Test("ruling 28: a retired label stays in use and is not given anew")
  func retiredLabel() throws {
    let lone = try LoneStore()
    let id = try lone.annotate(label: "claim")
    let label = try #require(try lone.item(id).labelID)
    try lone.store.edit { _ = try $0.delete(label) }
    #expect(try lone.item(id).label == "claim")
    #expect(
      refuses {
        _ = try lone.annotate(label: "claim")
      } where: {
        if case .retiredLabel("claim", [label]) = $0 { true } else { false }
      })
    #expect(
      refuses {
        try lone.store.edit { _ = try $0.addLabel("claim") }
      } where: {
        if case .knownAndDeleted(label) = $0 { true } else { false }
      })
  }

  @Test("ruling 28: a new label is made in the annotation's change, and the nearest is named")
  func newLabel() throws {
    let lone = try LoneStore()
    let pending = try lone.store.read { try $0.pendingCount() }
    _ = try lone.annotate(label: "claim")
    #expect(try lone.store.read { try $0.pendingCount() } == pending + 1)
    let outcome = try lone.store.edit {
      try $0.annotate(
        article: lone.article, spans: [Span(start: 0, end: 6)], label: "claims"
      ).label
    }
    guard case .made(_, "claims", nearest: "claim") = outcome else {
      Issue.record("claim is nearest")
      return
    }
  }

  @Test("ruling 7: an article deleted while somebody annotates it stays, in conflict")
  func touchedArticle() throws {
    let team = try Team()
    try team.layla.edit { _ = try $0.delete(team.article) }
    let id = try team.omar.edit {
      try $0.annotate(article: team.article, spans: [Span(start: 0, end: 6)]).made.record
    }
    try team.syncAll()
    #expect(try team.nadia.conflicts().map(\.fieldName) == ["lifecycle"])
    #expect(try team.nadia.read { try $0.item(id) }?.article == team.article)
  }

  @Test("ruling 7: a reply touches its parent, and a relation both ends")
  func touchedRecords() throws {
    let lone = try LoneStore()
    let (one, two) = (try lone.annotate(), try lone.annotate())
    let (reply, relation) = try lone.store.edit { editor in
      (
        try editor.reply(to: one, text: "why?"),
        try editor.relate(from: one, type: "supports", to: two)
      )
    }
    for (id, dot) in [(one, reply.dot), (one, relation.dot), (two, relation.dot)] {
      #expect(try lone.store.clock(of: id).contains(#require(dot)))
    }
    #expect(try lone.store.read { try $0.itemsHanging(on: one) }.map(\.id).count == 2)
    #expect(try lone.item(reply.record).article == lone.article)
    #expect(
      refuses {
        try lone.store.edit { _ = try $0.relate(from: one, type: "x", to: one) }
      } where: {
        if case .relatesToItself(one) = $0 { true } else { false }
      })
  }

  @Test("making what exists identically is a no-op, differently is refused")
  func sameScriptID() throws {
    let lone = try LoneStore()
    let spans = [try Span(start: 0, end: 6)]
    let id = try #require(
      try lone.store.read {
        try $0.record(scriptID: "note-1", kind: .annotation, namespace: nil)
      })
    func annotate(_ note: String, tags: [String] = ["t"]) throws -> Dot? {
      try lone.store.edit {
        try $0.annotate(
          id: id, article: lone.article, spans: spans, label: "claim", note: note, tags: tags
        ).made.dot
      }
    }
    #expect(try annotate("n") != nil)
    #expect(try annotate("n") == nil)
    for attempt in [{ try annotate("m") }, { try annotate("n", tags: []) }] {
      #expect(
        refuses {
          _ = try attempt()
        } where: {
          if case .existsDifferently(id) = $0 { true } else { false }
        })
    }
    try lone.store.edit { editor in
      _ = try editor.editArticle(
        lone.article, text: Array((LoneStore.text + "more\n").utf8), title: nil, source: nil)
    }
    #expect(try annotate("n") == nil, "the same words at the same places")
    try lone.store.edit { _ = try $0.delete(id) }
    #expect(
      refuses {
        _ = try annotate("n")
      } where: {
        if case .deleted(id) = $0 { true } else { false }
      })
  }

  @Test("two stores that say the same script id mean the same record")
  func sharedScriptID() throws {
    let team = try Team()
    for store in [team.layla, team.omar] {
      try store.edit { editor in
        let id = try editor.reader.record(scriptID: "a", kind: .annotation, namespace: nil)
        _ = try editor.annotate(
          id: id, article: team.article, spans: [Span(start: 0, end: 6)], note: "n")
      }
    }
    try team.syncAll()
    #expect(try team.nadia.read { try $0.items(ItemFilter()) }.count == 1)
    #expect(try team.nadia.conflicts().isEmpty)
    try team.expectOneState()
  }

  @Test("what does not fit the article is refused, and nothing is left behind")
  func badSpans() throws {
    let lone = try LoneStore()
    let before = try lone.store.read { try $0.stateDigest() }
    #expect(
      refuses {
        try lone.store.edit {
          _ = try $0.annotate(
            article: lone.article, spans: [Span(start: 0, end: 600)], label: "new")
        }
      } where: {
        if case .span(.outOfRange) = $0 { true } else { false }
      })
    #expect(
      refuses {
        try lone.store.edit {
          _ = try $0.addArticle(bytes: [0xFF], title: nil, source: nil, file: nil)
        }
      } where: {
        if case .articleText(.notUTF8(byteOffset: 0)) = $0 { true } else { false }
      })
    #expect(try lone.store.read { try $0.stateDigest() } == before)
  }
}
