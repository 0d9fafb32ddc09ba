import SimulationKit
import Testing

@Suite struct ListingTests {
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      for name in ["one.txt", "two.txt"] {
        try layla.write((name + "\n" + Team.text).utf8, to: name)
        try layla("article", "add", name)
      }
      try body(layla)
    }
  }

  private func annotate(_ layla: Analyst, _ article: String, _ quote: String) throws -> String {
    let made = try layla.json("annotate", article, "--quote", quote, "--label", "claim")
    return made["handle"]?.text ?? ""
  }

  @Test func `list has each article once, and in it the annotations as they stand in the text`()
    throws
  {
    try play { layla in
      let handles = try [
        annotate(layla, "two", "lazy dog"), annotate(layla, "one", "brown fox"),
        annotate(layla, "two", "brown fox"), annotate(layla, "one", "quick"),
      ]
      let lines = try layla("list").lines
      #expect(lines.filter { $0 == "one.txt" || $0 == "two.txt" } == ["one.txt", "two.txt"])
      let order = lines.compactMap { line in handles.first { line.hasPrefix($0) } }
      #expect(order == [handles[3], handles[1], handles[2], handles[0]])
      #expect(
        try layla.json("list").items.compactMap { $0["handle"]?.text } == handles,
        "JSON goes by time")
    }
  }

  @Test func `what a relation relates is shown wherever the relation is`() throws {
    try play { layla in
      let (fox, dog) = (
        try annotate(layla, "one", "brown fox"), try annotate(layla, "one", "lazy dog")
      )
      let relation = try layla.json("relate", fox, "chases", dog)["handle"]?.text ?? ""
      for text in [
        try layla("show", relation).output, try layla("list", "--kind", "relation").output,
      ] {
        #expect(text.contains("from  \(fox)"), "\(text)")
        #expect(text.contains("to    \(dog)"), "\(text)")
      }
    }
  }

  @Test func `the history of a record says what was made on it`() throws {
    try play { layla in
      let fox = try annotate(layla, "one", "brown fox")
      let reply = try layla.json("reply", fox, "which?")["handle"]?.text ?? ""
      let text = try layla("log", fox).output
      #expect(text.contains("made on it: \(reply)"), "\(text)")
    }
  }

  @Test func `a script that runs again says nothing new, whatever was edited since`() throws {
    try play { layla in
      let line = """
        {"op":"annotate","id":"a","article":"one","quote":"brown fox","label":"x","tags":["t"]}

        """
      try layla("batch", "-", input: "\u{FEFF}" + line)
      try layla("edit", "a", "--label", "y", "--note", "n", "--remove-tag", "t")
      let again = try layla.json("batch", "-", input: line)
      #expect(again["unchanged"]?.int == 1)
      #expect(try layla.json("show", "a")["label"]?.text == "y")
      let other = try layla.run(["batch", "-"], input: line.replacing("\"x\"", with: "\"z\""))
      #expect(other.code == 65, "\(other)")
      expectSays(other, ["line 1", "exists with other content"])
    }
  }

  @Test func `a new label names the nearest one only where it is alike`() throws {
    try play { layla in
      _ = try annotate(layla, "one", "brown fox")
      let unlike = try layla("annotate", "one", "--quote", "quick", "--label", "ذئب")
      #expect(!unlike.messages.contains("nearest"), "\(unlike)")
      let alike = try layla("annotate", "one", "--quote", "jumps", "--label", "claims")
      expectSays(alike, ["nearest one there was: claim"])
    }
  }

  @Test func `a passage is as long as one value may be, and no longer`() throws {
    try play { layla in
      let size = 1 << 20
      try layla.write(Array(repeating: UInt8(ascii: "x"), count: size), to: "large.txt")
      try layla("article", "add", "large.txt")
      try expectRefused(
        layla, ["annotate", "large", "--span", "0:\(size)", "--label", "all"], code: 65,
        says: ["the passage has 1048576 bytes", "mark a shorter one"])
      try layla("annotate", "large", "--span", "0:\(size - 200)", "--label", "most")
    }
  }

  @Test func `one id for two kinds is told apart by the kind`() throws {
    try play { layla in
      let id = "018f3c5a-0000-7000-8000-000000000001"
      try layla("annotate", "one", "--quote", "brown fox", "--label", "claim", "--id", id)
      try layla("reply", "annotation:" + id, "which?", "--id", id)
      try expectRefused(layla, ["show", id], code: 65, says: ["2 records", "reply:7c1e"])
      #expect(try layla.json("show", "reply:" + id)["kind"]?.text == "reply")
      #expect(try layla.json("show", "annotation:" + id)["quote"]?.text == "brown fox")
      try expectRefused(layla, ["show", "reply:nosuch"], code: 66, says: ["nosuch"])
    }
  }
}
