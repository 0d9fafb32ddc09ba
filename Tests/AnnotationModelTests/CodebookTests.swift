import AnnotationModel
import Testing

@Suite struct CodebookTests {
  private func entry(
    _ first: String, now name: String? = nil, aliases: [String] = [], retired: Bool = false
  ) throws -> CodebookEntry {
    CodebookEntry(
      id: try LabelID(name: first), name: name ?? first, aliases: aliases, isRetired: retired)
  }

  @Test func `a current name beats another label's former one (ruling 28)`() throws {
    let renamed = try entry("نقد", now: "رأي", aliases: ["نقد"])
    let heir = try entry("تعليق", now: "نقد", aliases: ["تعليق"])
    guard case .current(let found) = try Codebook([renamed, heir]).lookUp("نقد") else {
      Issue.record("not current")
      return
    }
    #expect(found.id == heir.id)
    guard case .alias(let former) = try Codebook([renamed]).lookUp(" نقد ") else {
      Issue.record("not an alias")
      return
    }
    #expect(former.id == renamed.id)
  }

  @Test
  func `names that several labels in use have are clashes, and those of retired ones are not`()
    throws
  {
    let labels = [
      try entry("ب", now: "نقد"), try entry("ا", now: "نقد"), try entry("نقدي"),
      try entry("ت", now: "نقدي", retired: true), try entry("ث", aliases: ["نقد"]),
    ]
    let clashes = Codebook(labels).clashes
    #expect(clashes.map { Set($0.map(\.id)) } == [Set(labels.prefix(2).map(\.id))])
    #expect(
      Codebook(labels.reversed()).clashes.map { $0.map(\.id) } == clashes.map { $0.map(\.id) })
  }

  @Test func `two current names are ambiguous and listed (ruling 28)`() throws {
    let labels = [try entry("ب", now: "نقد"), try entry("ا", now: "نقد"), try entry("نقدي")]
    guard case .ambiguous(let found) = try Codebook(labels).lookUp("نقد") else {
      Issue.record("not ambiguous")
      return
    }
    #expect(Set(found.map(\.id)) == Set(labels.prefix(2).map(\.id)))
    guard case .ambiguous(let again) = try Codebook(labels.reversed()).lookUp("نقد") else {
      Issue.record("not ambiguous")
      return
    }
    #expect(found.map(\.id) == again.map(\.id))
  }

  @Test func `a retired label is named as such, unless one in use has the name`() throws {
    let old = try entry("نقد", retired: true)
    guard case .retired(let found) = try Codebook([old]).lookUp("نقد") else {
      Issue.record("not retired")
      return
    }
    #expect(found.map(\.id) == [old.id])
    let alias = try entry("رأي", aliases: ["نقد"])
    guard case .alias = try Codebook([old, alias]).lookUp("نقد") else {
      Issue.record("the label in use comes first")
      return
    }
  }

  @Test func `an unknown name gets its identity and the nearest label`() throws {
    let book = Codebook([
      try entry("تصعيد"), try entry("اقتباس"), try entry("إقتباص", retired: true),
    ])
    guard case .unknown(let id, let name, let nearest) = try book.lookUp(" إقتباسات ") else {
      Issue.record("known")
      return
    }
    #expect(id == (try LabelID(name: "إقتباسات")))
    #expect(same(name, "إقتباسات"))
    #expect(same(nearest?.entry.name, "اقتباس"))
    #expect(nearest?.distance == 2)
    #expect(Codebook([]).nearest(to: "x")?.distance == nil)
  }

  @Test func `of several nearest labels the first by name is named`() throws {
    let labels = try ["bat", "cat", "rat"].map { try entry($0) }
    #expect(same(Codebook(labels).nearest(to: "hat")?.entry.name, "bat"))
    #expect(same(Codebook(labels.reversed()).nearest(to: "hat")?.entry.name, "bat"))
  }

  @Test func `a name that cannot be one is refused`() throws {
    #expect(throws: TextFieldError.empty(.labelName)) { try Codebook([]).lookUp("  ") }
  }
}
