import SimulationKit
import Testing

@Suite struct OffsetTests {
  /// What stands before the passage in the file.
  private static let leads: [(name: String, bytes: String)] = [
    ("emoji", "👩‍👩‍👧‍👦 🇱🇧 👍🏽 "),
    ("harakat", "كُتِبَ "),
    ("tatweel", "عـــربي "),
    ("CRLF", "a\r\nb\r\n"),
    ("a mark and CRLF", "\u{FEFF}\r\n"),
    ("combining", "e\u{301}\u{E9} "),
    ("all", "👍🏽كُـ\r\n\r\ne\u{301}"),
  ]

  private static let passage = "متناسبٌ"

  @Test(arguments: leads.map(\.name))
  func `offsets count code points of the text, whatever stands before`(name: String) throws {
    let lead = try #require(Self.leads.first { $0.name == name })
    let bytes = lead.bytes + Self.passage + " بعد\r\n"
    try Scene.play { scene in
      let team = try Team(scene)
      try team.layla.write(bytes.utf8, to: "o.txt")
      try team.layla("article", "add", "o.txt")
      let made = try team.layla.json(
        "annotate", "o.txt", "--quote", Self.passage, "--label", "word")
      try team.layla("sync")
      let omar = try team.member("omar")
      try omar("sync")
      // Counted independently of the program: the rule is to drop the mark and to make CRLF a LF.
      let before = lead.bytes.unicodeScalars.filter { $0 != "\r" && $0 != "\u{FEFF}" }.count
      let end = before + Self.passage.unicodeScalars.count
      for analyst in team.all {
        let item = try #require(analyst.json("list")[0])
        #expect(item["id"] == made["id"])
        #expect(item["spans"] == .items([.items([.int(before), .int(end)])]))
        #expect(item["quote"]?.text.map { Array($0.utf8) } == Array(Self.passage.utf8))
      }
      // The same span by offsets is the same passage.
      let bySpan = try omar.json("annotate", "o.txt", "--span", "\(before):\(end)", "--label", "x")
      let item = try omar.json("show", bySpan["id"]?.text ?? "")
      #expect(item["quote"]?.text.map { Array($0.utf8) } == Array(Self.passage.utf8))
      let shown = try omar("article", "show", "o.txt", "--annotations").output
      #expect(shown.contains(bySpan["handle"]?.text ?? "?"))
      #expect(shown.contains(made["handle"]?.text ?? "?"))
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `spans in pieces and overlapping annotations keep their places`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla("annotate", "text", "--span", "35:39", "--span", "4:9", "--label", "a")
      try layla("annotate", "text", "--span", "0:19", "--label", "b")
      try layla("annotate", "text", "--from", "Here", "--to", "word", "--label", "c")
      let items = try layla.json("list").items
      let spans = Dictionary(
        uniqueKeysWithValues: items.map { ($0["label"]?.text ?? "", $0["spans"]) })
      #expect(
        spans["a"] == .items([.items([.int(4), .int(9)]), .items([.int(35), .int(39)])]))
      #expect(spans["b"] == .items([.items([.int(0), .int(19)])]))
      #expect(spans["c"] == .items([.items([.int(45), .int(61)])]))
      let shown = try layla("article", "show", "text", "--annotations").output
      for item in items { #expect(shown.contains(item["handle"]?.text ?? "?")) }
    }
  }
}
