import SimulationKit
import Testing

@Suite struct PassageRefusalTests {
  /// A store of one article, offline, with one annotation.
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla.annotate("brown fox", as: "fox")
      try body(layla)
    }
  }

  @Test func `a quote that the article does not have is refused, naming the article`() throws {
    try play { layla in
      try expectRefused(
        layla, ["annotate", "text", "--quote", "red fox", "--label", "x"], code: 65,
        says: ["text.txt", "does not have this quote", "hashiya article show"])
      try expectRefused(
        layla, ["annotate", "text", "--quote", "Brown Fox", "--label", "x"], code: 65,
        says: ["text.txt"])
      try expectRefused(
        layla, ["annotate", "text", "--quote", "-", "--label", "x"], input: "\n", code: 65,
        says: ["empty"])
      try expectRefused(
        layla, ["annotate", "text", "--from", "quick", "--to", "missing", "--label", "x"],
        code: 65, says: ["--to", "line 1"])
    }
  }

  @Test func `a quote in another spelling is refused, showing the words as they are spelt`() throws
  {
    try play { layla in
      try expectRefused(
        layla, ["annotate", "text", "--quote", "متناسبا", "--label", "x", "--line", "1"],
        code: 65, says: ["line 1"])
      try expectRefused(
        layla, ["annotate", "text", "--quote", "المسؤول ان الرد", "--label", "x"], code: 65,
        says: ["المسؤول إن الرد", "line 3"])
    }
  }

  @Test func `a quote that occurs several times is refused, listing the places`() throws {
    try play { layla in
      try expectRefused(
        layla, ["annotate", "text", "--quote", "again", "--label", "x"], code: 65,
        says: [
          "occurs 2 times in text.txt", "1  line 2", "2  line 2", "--occurrence", "--line",
        ])
      try expectRefused(
        layla, ["annotate", "text", "--quote", "again", "--occurrence", "3", "--label", "x"],
        code: 65, says: ["no occurrence 3", "1  line 2", "2  line 2"])
      try expectRefused(
        layla, ["annotate", "text", "--quote", "fox", "--line", "2", "--label", "x"], code: 65,
        says: ["line 2", "line 1"])
      try expectRefused(
        layla, ["annotate", "text", "--quote", "fox", "--line", "99", "--label", "x"], code: 65,
        says: ["no line 99"])
      let made = try layla.json(
        "annotate", "text", "--quote", "again", "--occurrence", "2", "--label", "x")
      expect(made, .edit)
    }
  }

  @Test(arguments: [
    (["0:5000"], ["0:5000"]), (["9:4"], ["9:4"]), (["4:4"], ["4:4"]),
    (["4:9", "8:12"], ["4:9", "8:12"]), (["4:9", "4:9"], ["4:9"]),
  ])
  func `a span that does not fit is refused, naming it`(
    spans: [String], named: [String]
  ) throws {
    try play { layla in
      let options = spans.flatMap { ["--span", $0] }
      try expectRefused(
        layla, ["annotate", "text"] + options + ["--label", "x"], code: 65, says: named)
      try expectRefused(layla, ["edit", "fox"] + options, code: 65, says: named)
    }
  }

  @Test(arguments: ["x:y", "5", "-1:4", "1:2:3", "99999999999999999999:5"])
  func `what is no span at all is refused, naming it`(span: String) throws {
    try play { layla in
      let before = try StoreSnapshot(layla)
      let outcome = try layla.run(["annotate", "text", "--label", "x", "--span=\(span)"])
      #expect(outcome.code == 64, "\(outcome)")
      expectSays(outcome, [span])
      #expect(try StoreSnapshot(layla) == before)
    }
  }

  @Test func `unknown references are refused, saying where to look`() throws {
    try play { layla in
      for command in [
        "edit zzzz --label y", "delete zzzz", "restore zzzz", "why zzzz", "show zzzz",
      ] {
        try expectRefused(
          layla, command.split(separator: " ").map(String.init), code: 66,
          says: ["no record zzzz", "hashiya list"])
      }
      try expectRefused(layla, ["reply", "zzzz", "y"], code: 66, says: ["no record zzzz"])
      try expectRefused(
        layla, ["relate", "fox", "is", "zzzz"], code: 66, says: ["no record zzzz"])
      try expectRefused(
        layla, ["annotate", "nothing", "--quote", "fox", "--label", "x"], code: 66,
        says: ["no article nothing", "hashiya article list"])
      try expectRefused(
        layla, ["article", "show", "nothing"], code: 66, says: ["no article nothing"])
      try expectRefused(layla, ["why", "fox", "colour"], code: 66, says: ["colour", "label"])
      try expectRefused(
        layla, ["resolve", "fox", "label", "--take", "1", "--reason", "r"], code: 65,
        says: ["label"])
    }
  }

  @Test func `an ambiguous reference is refused, listing the candidates`() throws {
    try play { layla in
      try layla.write("Text one.\n".utf8, to: "news-1.txt")
      try layla.write("Text two.\n".utf8, to: "news-2.txt")
      try layla("article", "add", "news-1.txt", "news-2.txt")
      try expectRefused(
        layla, ["annotate", "news", "--quote", "Text", "--label", "x"], code: 65,
        says: ["news can mean 2", "news-1.txt", "news-2.txt"])
      // Two records whose handles end alike: chosen ids.
      let ids = ["0195f0a0-0000-7000-8000-00000001abcd", "0195f0a0-0000-7000-8000-00000002abcd"]
      for id in ids { try layla.annotate("lazy dog", as: id) }
      try expectRefused(
        layla, ["edit", "abcd", "--label", "y"], code: 65,
        says: ["abcd can mean 2", "1abcd", "2abcd"])
      let handles = try layla.json("list").items.compactMap { $0["handle"]?.text }
      #expect(Set(handles).count == 3)
      for handle in handles { try layla("edit", handle, "--label", "of-\(handle)") }
    }
  }

  @Test func `an edit of a deleted record names restore, and an id means one content`() throws {
    try play { layla in
      try expectRefused(
        layla,
        ["annotate", "text", "--quote", "lazy dog", "--label", "claim", "--id", "fox"], code: 65,
        says: ["exists with other content", "hashiya edit"])
      try layla("delete", "fox")
      try expectRefused(
        layla, ["edit", "fox", "--label", "y"], code: 65, says: ["hashiya restore"])
      try expectRefused(
        layla, ["edit", "fox", "--against", "{}", "--label", "y"], code: 65,
        says: ["never had the clock"])
      try layla("restore", "fox")
      try expectRefused(
        layla, ["edit", "fox", "--label", "y", "--against", "not json"], code: 65,
        says: ["--against"])
      let never = "{\"\(try layla.replica())\":4000}"
      try expectRefused(
        layla, ["edit", "fox", "--label", "y", "--against", never], code: 65,
        says: ["never had the clock", "--against"])
      try expectRefused(
        layla, ["edit", "fox", "--confidence", "1.5"], code: 64, says: ["1.5"])
    }
  }
}
