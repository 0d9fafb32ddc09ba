import AnnotationModel
import MergeCore
import SimulationKit
import Testing
import WorkspaceStore

/// `export --format batch`, which `batch` takes back.
@Suite struct BatchExportTests {
  /// A store with all five articles and everything in it: several versions of a text, passages in each,
  /// labels renamed, retired and of names that were given up, replies to replies, relations, deletions.
  private func play(_ body: (_ layla: Analyst, _ empty: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.run(["article", "add"] + Programs.seedFiles).successful()
      let marked = "\u{FEFF}First line.\r\nSecond \"line\", with 😀 and كُتِبَ.\r\n"
      try layla.write(marked.utf8, to: "marked.txt")
      try layla("article", "add", "marked.txt", "--title", "ع ﷺ", "--source", "https://a.example/1")
      try annotate(layla)
      try revise(layla)
      try hang(layla)
      try delete(layla)
      let empty = try scene.analyst("omar")
      try empty("init", "--analyst", "omar")
      try body(layla, empty)
    }
  }

  private func annotate(_ layla: Analyst) throws {
    for number in 1...5 {
      try layla(
        "annotate", "00\(number - 1)", "--span", "0:7", "--span", "10:14", "--label", "ادعاء",
        "--note", "line one\nline \(number)", "--tag", "ب", "--tag", "a", "--confidence", "0.25",
        "--id", "n\(number)")
    }
    try layla("annotate", "marked", "--quote", "Second", "--label", "first name", "--id", "m1")
    try layla("label", "rename", "first name", "second name")
    try layla("label", "rename", "second name", "third name")
    try layla("label", "add", "first name of another")
    try layla("label", "add", "unused")
  }

  private func revise(_ layla: Analyst) throws {
    let texts = ["A new line.\nSecond \"line\".\n", "Third version: Second.\n"]
    for (index, text) in texts.enumerated() {
      try layla("article", "edit", "marked", "--text", "-", input: text + "\n")
      try layla(
        "annotate", "marked", "--quote", "Second", "--label", "third name", "--id", "m\(index + 2)")
    }
    // Back to the text of before, so that the last version is not the one shown.
    try layla("article", "edit", "marked", "--text", "-", input: texts[0] + "\n")
  }

  private func hang(_ layla: Analyst) throws {
    try layla("reply", "n1", "why?\nthere", "--id", "r1")
    try layla("reply", "r1", "because", "--id", "r2")
    try layla("reply", "r2", "I see", "--id", "r3")
    try layla("reply", "001", "of the article itself", "--id", "r4")
    try layla("relate", "n1", "contradicts", "n2", "--id", "x1")
    try layla("relate", "x1", "cites", "r1", "--id", "x2")
    try layla("relate", "r3", "answers", "000", "--id", "x3")
  }

  private func delete(_ layla: Analyst) throws {
    // What hangs on something that is deleted then.
    try layla("reply", "n3", "an answer to what is deleted", "--id", "r5")
    try layla("relate", "n3", "cites", "n1", "--id", "x4")
    try layla.run(
      ["annotate", "000", "--span", "0:3", "--label", "many", "--id", "n6"]
        + (1...300).flatMap { ["--tag", "t\($0)"] }
    ).successful()
    // A decision that is taken back: what stood before is what is exported.
    try layla("edit", "n1", "--note", "not for long")
    try layla("undo")
    try layla("label", "add", "merged away")
    try layla("annotate", "000", "--span", "4:6", "--label", "merged away", "--id", "n7")
    try layla("label", "merge", "merged away", "ادعاء")
    try layla("delete", "n6")
    try layla("edit", "n2", "--label", "retired")
    try layla("label", "add", "gone")
    for id in ["n3", "r2", "x3", "retired", "gone"] { try layla("delete", id) }
    try layla("article", "remove", "004")
  }

  /// All that is to come back: of each record everything but its author, its time and its clock.
  private func content(_ analyst: Analyst) throws -> [String: [JSON]] {
    var content: [String: [JSON]] = [:]
    for kind in ["annotation", "article", "relation", "reply", "label"] {
      for isDeleted in [false, true] {
        let list = try analyst.run(
          ["list", "--kind", kind, "--json"] + (isDeleted ? ["--deleted"] : [])
        ).successful().json()
        content["\(kind) \(isDeleted)"] = list.items.map(stripped)
      }
    }
    content["articles"] = try analyst.json("article", "list", "--deleted").items.map(stripped)
    content["labels"] = try analyst.json("label", "list", "--deleted").items
    return content
  }

  private func stripped(_ record: JSON) -> JSON {
    .members(record.members.filter { !["analyst", "time", "clock"].contains($0.key) })
  }

  @Test func `everything comes back into an empty store, and again changes nothing`() throws {
    try play { layla, empty in
      let export = try layla("export", "--format", "batch").output
      let first = try empty.json("batch", "-", input: export)
      #expect(first["refused"] == .items([]))
      let (before, after) = (try content(layla), try content(empty))
      for key in before.keys.sorted() {
        #expect(before[key]?.isEmpty == false, "\(key) has nothing to compare")
        #expect(after[key] == before[key], "\(key)")
      }
      for name in ["001", "marked"] {
        #expect(
          try empty("article", "show", name, "--raw").outputBytes
            == layla("article", "show", name, "--raw").outputBytes)
      }
      for name in ["first name", "second name"] {
        #expect(try empty.json("list", "--label", name).items.count == 3, "names stay known")
      }
      // Again: into the copy, from the copy, and into the store that it came from.
      for (store, text) in [
        (empty, export), (empty, try empty("export", "--format", "batch").output), (layla, export),
      ] {
        let again = try store.json("batch", "-", input: text)
        #expect(again["changes"]?.int == 0, "\(again)")
        #expect(again["refused"] == .items([]))
      }
      #expect(try empty("export", "--format", "batch").output == export)
      try expectHealthy(empty)
    }
  }

  /// What every field of every record shows, by the schema: nothing need be remembered here when a field
  /// or a kind is added.
  private func fields(_ analyst: Analyst) throws -> [String: Set<Digest256>] {
    let workspace = try Workspace(opening: analyst.store, machine: .system)
    defer { try? workspace.close() }
    return try workspace.read { reader in
      var values: [String: Set<Digest256>] = [:]
      for number in UInt16(1)... {
        let kind = RecordKind(rawValue: number)
        guard let name = AnnotationSchema.name(of: kind) else { break }
        for item in try reader.items(ItemFilter(kind: kind, lifecycle: .all)) {
          let state = try #require(try reader.state(of: item.id))
          for fieldName in AnnotationSchema.fieldNames(of: kind) {
            let field = try #require(AnnotationSchema.field(named: fieldName, in: kind))
            let register = state.siblings(of: field).shown?.sibling.content?.value
            let elements = state.presentElements(of: field).map(\.value)
            values["\(name) \(fieldName) \(item.id.hexText)"] = Set(
              [register].compactMap { $0 } + elements)
          }
        }
      }
      return values
    }
  }

  @Test func `every field of every kind comes back, as the schema has them`() throws {
    try play { layla, empty in
      try empty("batch", "-", input: layla("export", "--format", "batch").output)
      let (before, after) = (try fields(layla), try fields(empty))
      #expect(Set(before.keys) == Set(after.keys))
      for key in before.keys.sorted() where before[key] != after[key] {
        // A title that nobody gave is written out, and says the same.
        guard key.hasPrefix("article title"), before[key]?.isEmpty == true else {
          Issue.record("\(key) came back otherwise")
          continue
        }
      }
      // Each field is there somewhere, or nothing was compared.
      let written = Set(before.filter { !$0.value.isEmpty }.keys.map(Self.fieldOfKey))
      #expect(Set(before.keys.map(Self.fieldOfKey)) == written)
    }
  }

  private static func fieldOfKey(_ key: String) -> String {
    key.split(separator: " ").prefix(2).joined(separator: " ")
  }

  @Test func `what is in conflict is exported as it is shown, and at home changes nothing`() throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox(["--note", "first"])
      func edits(_ word: String, _ span: String) -> [String] {
        [
          "edit", "fox", "--note", word, "--label", word, "--add-tag", word, "--span", span,
          "--confidence", word == "one" ? "0.25" : "0.5",
        ]
      }
      try team.quarrel(omar: edits("one", "4:9"), layla: edits("two", "10:15"))
      try team.quarrel(
        omar: ["article", "edit", "text", "--title", "one"],
        layla: ["article", "edit", "text", "--title", "two", "--source", "https://a.example"])
      #expect(try team.layla.json("conflicts").items.count > 3)
      let export = try team.layla("export", "--format", "batch").output
      for analyst in team.all {
        let again = try analyst.json("batch", "-", input: export)
        #expect(again["changes"]?.int == 0 && again["refused"] == .items([]), "\(again)")
      }
    }
  }

  @Test func `replies as deep as somebody likes are exported`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla.annotate("brown fox", as: "r0")
      let deep = 6_000
      let lines = (1...deep).map {
        #"{"op":"reply","id":"r\#($0)","parent":"r\#($0 - 1)","note":"n"}"#
      }
      try layla("batch", "-", input: lines.joined(separator: "\n"))
      let export = try layla("export", "--format", "batch").output.split(separator: "\n")
      #expect(export.count(where: { $0.contains(#""op":"reply""#) }) == deep)
    }
  }

  @Test func `an empty store exports nothing, and JSON excludes the format`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      #expect(try layla("export", "--format", "batch").output == "")
      #expect(try layla.run(["export", "--format", "batch", "--json"]).code == 64)
    }
  }

  @Test(arguments: [
    (#"{"op":"annotate","id":"n","article":"a","quote":"x","version":"12"}"#, "no SHA-256"),
    (
      #"{"op":"annotate","id":"n","article":"a","quote":"x","version":"\#(String(repeating: "0", count: 64))"}"#,
      "never had the text"
    ), (#"{"op":"label","id":"l","name":"a","former":"b"}"#, "as former"),
    (#"{"op":"label","id":"l","name":""}"#, "is empty"),
    (#"{"op":"reply","id":"r","parent":"a","note":"n","deleted":1}"#, "as deleted"),
    (#"{"op":"revise","id":"nobody","text":"t"}"#, "no article nobody"),
  ])
  func `lines that cannot be taken are named`(line: String, words: String) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla("batch", "-", input: #"{"op":"article","id":"a","text":"x y"}"#)
      let outcome = try layla.run(["batch", "-"], input: line)
      #expect(outcome.code == 65 || outcome.code == 66, "\(outcome)")
      expectSays(outcome, ["line 1", words])
      try expectHealthy(layla)
    }
  }
}
