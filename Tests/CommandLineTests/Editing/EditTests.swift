import SimulationKit
import Testing

@Suite struct EditTests {
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla(
        "annotate", "text", "--quote", "brown fox", "--label", "animal", "--tag", "a", "--tag",
        "b", "--id", "fox")
      try body(layla)
    }
  }

  private func tags(_ analyst: Analyst) throws -> Set<String> {
    Set(try analyst.shown("fox", "tags")?.items.compactMap(\.text) ?? [])
  }

  @Test func `tags are added and removed one by one, and twice is once`() throws {
    try play { layla in
      expect(
        try layla.json("edit", "fox", "--add-tag", "c", "--add-tag", "وسم", "--remove-tag", "a"),
        .edit)
      #expect(try tags(layla) == ["b", "c", "وسم"])
      expect(try layla.json("edit", "fox", "--add-tag", "c"), .unchanged)
      expect(try layla.json("edit", "fox", "--remove-tag", "never"), .unchanged)
      expect(
        try layla.json("edit", "fox", "--add-tag", "d", "--add-tag", "d", "--remove-tag", "b"),
        .edit)
      #expect(try tags(layla) == ["c", "d", "وسم"])
      #expect(try layla.shown("fox", "tags")?.items.count == 3)
      try expectRefused(
        layla, ["edit", "fox", "--add-tag", "x", "--remove-tag", "x"], code: 65,
        says: ["x", "added and removed"])
      try expectRefused(layla, ["edit", "fox", "--add-tag", ""], code: 65, says: ["tag", "empty"])
    }
  }

  @Test func `a confidence is a decimal of at most six places from 0 to 1`() throws {
    try play { layla in
      #expect(try layla.shown("fox", "confidence")?.isNull == true)
      for text in ["0", "1", "0.000001", "0.85", "0.123456"] {
        try layla("edit", "fox", "--confidence", text)
        #expect(try layla.shown("fox", "confidence")?.number == Double(text))
      }
      expect(try layla.json("edit", "fox", "--confidence", "0.1234560"), .unchanged)
      for text in ["1.000001", "-0.1", "0.1234567", "much", ""] {
        try expectRefused(
          layla, ["edit", "fox", "--confidence=\(text)"], code: 64, says: ["--confidence"])
      }
    }
  }

  @Test func `spans are replaced as a whole, and put in order`() throws {
    try play { layla in
      try layla("edit", "fox", "--span", "35:39", "--span", "4:9")
      #expect(
        try layla.shown("fox", "spans")
          == .items([.items([.int(4), .int(9)]), .items([.int(35), .int(39)])]))
      #expect(try layla.shown("fox", "quote")?.text == "quick … lazy")
      expect(try layla.json("edit", "fox", "--span", "4:9", "--span", "35:39"), .unchanged)
      try layla("edit", "fox", "--span", "0:3")
      #expect(try layla.shown("fox", "quote")?.text == "The")
    }
  }

  @Test func `one edit of many fields is one change`() throws {
    try play { layla in
      let before = try #require(layla.json("status")["pending_changes"]?.int)
      try layla(
        "edit", "fox", "--label", "beast", "--note", "n", "--confidence", "0.5", "--span", "0:3",
        "--add-tag", "c", "--remove-tag", "a")
      #expect(try layla.json("status")["pending_changes"]?.int == before + 1)
      let fox = try layla.json("show", "fox")
      #expect(fox["label"]?.text == "beast")
      #expect(fox["note"]?.text == "n")
      #expect(fox["confidence"]?.number == 0.5)
      #expect(fox["quote"]?.text == "The")
      #expect(try tags(layla) == ["b", "c"])
    }
  }

  @Test func `an edit in which anything is wrong changes nothing`() throws {
    try play { layla in
      try expectRefused(
        layla, ["edit", "fox", "--label", "beast", "--span", "0:9999"], code: 65, says: ["0:9999"])
      try expectRefused(
        layla, ["edit", "fox", "--note", "n", "--label", ""], code: 65, says: ["label", "empty"])
      #expect(try layla.shown("fox", "label")?.text == "animal")
      #expect(try layla.shown("fox", "note")?.isNull == true)
    }
  }

  @Test func `labels are added once, listed with their uses, and found by their names`() throws {
    try play { layla in
      let shape = Shape.array(.object(["id": .hex(64), "name": .text, "dot": .orNull(.dot)]))
      let added = try layla.json("label", "add", "ادعاء", "actor", "animal")
      expect(added, shape)
      #expect(added.items.map { $0["name"]?.text } == ["ادعاء", "actor", "animal"])
      #expect(added.items.map { $0["dot"]?.isNull } == [false, false, true])
      try layla("annotate", "text", "--quote", "lazy dog", "--label", "animal", "--id", "dog")
      try layla("edit", "fox", "--label", "ادعاء")
      let labels = try layla.json("label", "list")
      expect(
        labels,
        .array(.object(["id": .hex(64), "name": .text, "deleted": .bool, "uses": .int])))
      let uses = Dictionary(
        uniqueKeysWithValues: labels.items.map { ($0["name"]?.text ?? "", $0["uses"]?.int ?? -1) })
      #expect(uses == ["ادعاء": 1, "actor": 0, "animal": 1])
      try layla("delete", "actor")
      #expect(try layla.json("label", "list").items.count == 2)
      let all = try layla.json("label", "list", "--deleted").items
      #expect(all.first { $0["name"]?.text == "actor" }?["deleted"]?.bool == true)
      try expectRefused(
        layla, ["annotate", "text", "--quote", "quick", "--label", "actor"], code: 65,
        says: ["actor", "retired", "hashiya restore"])
      try layla("restore", "actor")
      try layla("annotate", "text", "--quote", "quick", "--label", "actor")
      #expect(try layla.run(["label", "add"]).code == 64)
      try expectRefused(layla, ["label", "add", " "], code: 65, says: ["label", "empty"])
    }
  }

  @Test(arguments: ["9999", "deadbeef"])
  func `a label is not made in passing under what is another record's handle`(
    handle: String
  ) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      let id =
        "0198f7a0-0000-7000-8000-" + String(repeating: "0", count: 12 - handle.count) + handle
      try layla.annotate("brown fox", as: id)
      let words = ["annotate", Team.article, "--quote", "lazy dog", "--label", handle]
      try expectRefused(
        layla, words, code: 66,
        says: ["there is no label \(handle)", "brown fox", "hashiya label add \(handle)"])
      try expectRefused(
        layla, ["edit", id, "--label", handle], code: 66, says: ["hashiya label add \(handle)"])
      try layla("label", "add", handle)
      try layla.run(words).successful()
      try layla("edit", id, "--label", "0000")
    }
  }
}
