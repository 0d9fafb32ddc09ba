import SimulationKit
import Testing

@Suite struct ExportTests {
  /// An annotation whose texts need every kind of quoting, and one in Arabic.
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla, الأولى")
      try layla.write(Team.text.utf8, to: "a, \"b\".txt")
      try layla("article", "add", "a, \"b\".txt")
      try layla(
        "annotate", "a,", "--span", "4:9", "--span", "16:19", "--label", "=SUM(A1)", "--note",
        "line one\nshe said \"no\", twice \u{1F600}", "--tag", "b", "--tag", "a", "--confidence",
        "0.25", "--id", "quoted")
      try layla(
        "annotate", "a,", "--quote", "كان متناسباً", "--label", "ادعاء", "--note", " كُتِبَ ", "--id",
        "arabic")
      try layla("annotate", "a,", "--quote", "dog", "--label", "gone", "--id", "gone")
      try layla("delete", "gone")
      try layla("reply", "quoted", "is not exported")
      try body(layla)
    }
  }

  /// The records of RFC 4180 text: a reader that shares nothing with the writer.
  private func records(_ text: String) -> [[String]] {
    var records: [[String]] = [[]]
    var field = ""
    var isQuoted = false
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      if isQuoted {
        guard scalar == "\"" else {
          field.unicodeScalars.append(scalar)
          continue
        }
        if scalars.first == "\"" {
          field += "\""
          scalars.removeFirst()
        } else {
          isQuoted = false
        }
        continue
      }
      switch scalar {
      case "\"": isQuoted = true
      case ",":
        records[records.count - 1].append(field)
        field = ""
      case "\r" where scalars.first == "\n":
        scalars.removeFirst()
        records[records.count - 1].append(field)
        field = ""
        records.append([])
      default: field.unicodeScalars.append(scalar)
      }
    }
    return records.filter { !$0.isEmpty }
  }

  @Test func `csv has a mark, the columns, and every value back as it was`() throws {
    try play { layla in
      let bytes = try layla("export", "--format", "csv").outputBytes
      #expect(bytes.starts(with: [0xEF, 0xBB, 0xBF]))
      let text = String(decoding: bytes.dropFirst(3), as: UTF8.self)
      #expect(text.hasSuffix("\r\n"))
      let rows = records(text)
      #expect(
        rows.first == [
          "id", "handle", "article", "file", "spans", "quote", "label", "note", "tags",
          "confidence", "analyst", "conflicts", "time",
        ])
      #expect(rows.count == 3)
      let items = try layla.json("list").items
      for (row, item) in zip(rows.dropFirst(), items) {
        #expect(row.count == 13)
        #expect(row[0] == item["id"]?.text)
        #expect(row[1] == item["handle"]?.text)
        #expect(row[2] == item["article"]?.text)
        #expect(row[3] == "a, \"b\".txt")
        #expect(row[10] == "layla, الأولى")
        #expect(row[11] == "")
        #expect(row[12] == item["time"]?.text)
      }
      let quoted = try #require(rows.first { $0.count > 5 && $0[5].contains("quick") })
      #expect(quoted[4] == "4:9 16:19")
      #expect(quoted[6] == "'=SUM(A1)", "a spreadsheet must not run it")
      #expect(quoted[7] == "line one\nshe said \"no\", twice \u{1F600}")
      #expect(quoted[8] == "a, b")
      #expect(quoted[9] == "0.25")
      let arabic = try #require(rows.first { $0.count > 5 && $0[5].contains("كان") })
      #expect(Array(arabic[5].utf8) == Array("كان متناسباً".utf8))
      #expect(Array(arabic[6].utf8) == Array("ادعاء".utf8))
      #expect(text.contains("\"she said") == false, "a quote is doubled inside a quoted field")
    }
  }

  @Test func `jsonl is the items of list, one a line, and is what is meant without a format`()
    throws
  {
    try play { layla in
      let items = try layla.json("list").items
      for options in [[], ["--format", "jsonl"]] {
        let lines = try layla.run(["export"] + options).successful().lines
        #expect(try lines.map { try JSON(parsing: Array($0.utf8)) } == items)
      }
      #expect(try layla.run(["export", "--json", "--format", "csv"]).code == 64)
      for options in [[], ["--format", "jsonl"]] {
        let array = try layla.run(["export", "--json"] + options).successful().json()
        expect(array, .list)
        #expect(array.items == items)
      }
    }
  }

  @Test func `fields in conflict are named in both formats`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--label", "a", "--note", "c"],
        layla: ["edit", "fox", "--label", "b", "--note", "d"])
      let line = try #require(team.layla("export").lines.first)
      let item = try JSON(parsing: Array(line.utf8))
      #expect(item["conflicts"] == .items([.text("label"), .text("note")]))
      let rows = records(
        String(
          decoding: try team.layla("export", "--format", "csv").outputBytes.dropFirst(3),
          as: UTF8.self))
      #expect(rows[1][11] == "label note")
      #expect(rows[1][6] == "b")
    }
  }
}
