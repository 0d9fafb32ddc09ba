import Foundation
import SimulationKit
import Testing

/// `annotate -e`: the template that an editor fills in.
@Suite struct EditorTests {
  private func play(_ body: (Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try body(layla)
    }
  }

  /// An editor that keeps a copy of the template as it got it, and writes `lines` over the lines of
  /// the same fields.
  private func editor(_ analyst: Analyst, _ lines: [String]) throws -> String {
    var script = "cp \"$1\" \"$HOME/template\"\n"
    for (index, line) in lines.enumerated() {
      let field = line.prefix { $0 != ":" }
      try analyst.write(line.utf8, to: "line-\(index)")
      script += """
        awk -v new="$(cat '\(analyst.folder)/line-\(index)')" \
        'index($0, "\(field):") == 1 && !done { print new; done = 1; next } { print }' \
        "$1" > "$1.new" && cat "$1.new" > "$1" && rm "$1.new"

        """
    }
    return "sh " + (try analyst.write(script.utf8, to: "editor.sh"))
  }

  private func annotate(
    _ analyst: Analyst, _ lines: [String], _ options: [String] = []
  ) throws -> ProcessOutcome {
    try analyst.run(
      ["annotate", "text", "-e", "--json"] + options,
      environment: ["EDITOR": try editor(analyst, lines)])
  }

  private func template(_ analyst: Analyst) throws -> String {
    String(decoding: try fileBytes(analyst.machine.folder + "/home/template"), as: UTF8.self)
  }

  /// The templates that were left behind.
  private func kept(_ analyst: Analyst) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: analyst.machine.folder)
      .filter { $0.hasPrefix("hashiya-") }.map { analyst.machine.folder + "/" + $0 }
  }

  @Test func `a template that is filled in makes an annotation with all of its fields`() throws {
    try play { layla in
      let made = try annotate(
        layla,
        [
          "quote: brown fox", "label: animal", "tags: one, two words، three", "confidence: 0.25",
          "note: first line\nsecond: line\n\nfourth",
        ])
      expect(try made.successful().json(), .edit)
      let fox = try #require(layla.json("list")[0])
      #expect(fox["quote"]?.text == "brown fox")
      #expect(fox["label"]?.text == "animal")
      #expect(
        Set(fox["tags"]?.items.compactMap(\.text) ?? []) == ["one", "two words", "three"])
      #expect(fox["confidence"]?.number == 0.25)
      #expect(fox["note"]?.text == "first line\nsecond: line\n\nfourth")
      #expect(try kept(layla) == [], "what was taken is not left lying about")
      try expectHealthy(layla)
    }
  }

  @Test(arguments: [
    (["from: quick", "to: fox"], "quick brown fox"), (["spans: 4:9, 16:19"], "quick … fox"),
    (["quote: again", "occurrence: 2"], "again"),
    (["quote: is", "line: 2", "occurrence: 1"], "is"),
    (["quote: كان متناسباً"], "كان متناسباً"),
  ])
  func `the passage is given in any way`(lines: [String], quote: String) throws {
    try play { layla in
      let made = try annotate(layla, lines + ["label: x"])
      #expect(made.isSuccess, "\(made)")
      #expect(try layla.json("list")[0]?["quote"]?.text == quote)
    }
  }

  @Test func `the template has the article's numbered lines, and what was typed already`() throws {
    try play { layla in
      let made = try annotate(
        layla, ["note: seen"],
        ["--quote", "lazy dog", "--label", "animal", "--tag", "a", "--confidence", "0.5"])
      #expect(made.isSuccess, "\(made)")
      let lines = try template(layla).split(separator: "\n").map(String.init)
      for line in [
        "quote: lazy dog", "label: animal", "tags: a", "confidence: 0.5", "note: ", "from: ",
        "1  The quick brown fox jumps over the lazy dog.",
        "2  Here is one word again, and here it is again.", "3  قال المسؤول إن الرد كان متناسباً.",
      ] {
        #expect(lines.contains(line), "\(line)")
      }
      let dog = try #require(layla.json("list")[0])
      #expect(dog["quote"]?.text == "lazy dog")
      #expect(dog["note"]?.text == "seen")
      #expect(dog["tags"] == .items([.text("a")]))
    }
  }

  @Test(arguments: [
    (["quote: red fox", "label: x"], ["does not have this quote"]),
    (["quote: again", "label: x"], ["occurs 2 times"]),
    (["quote: brown fox"], ["says no label"]), (["label: x"], ["says no passage"]),
    (["quote: brown fox", "from: The", "to: dog", "label: x"], ["--quote", "--from"]),
    (["quote: brown fox", "line: two", "label: x"], ["line is two"]),
    (["spans: 9:4", "label: x"], ["9:4"]), (["quote: fox", "label: x", "confidence: 2"], ["2"]),
    (["quote: fox\ncolour: red", "label: x"], ["no field colour"]),
    (["quote: fox\nno field", "label: x"], ["no field", "is no field"]),
  ])
  func `a template that cannot be taken is kept, and named`(
    lines: [String], words: [String]
  ) throws {
    try play { layla in
      let before = try StoreSnapshot(layla)
      let outcome = try annotate(layla, lines)
      #expect(outcome.code == 65, "\(outcome)")
      #expect(outcome.output == "")
      expectSays(outcome, words)
      let files = try kept(layla)
      #expect(files.count == 1)
      let file = try #require(files.first)
      expectSays(outcome, [file])
      let text = String(decoding: try fileBytes(file), as: UTF8.self)
      for line in lines { #expect(text.contains(line + "\n"), "\(line)") }
      #expect(try StoreSnapshot(layla) == before)
      // What is kept can be used again when it is mended.
      let mended = try layla.run(
        ["annotate", "text", "-e"],
        environment: ["EDITOR": "sh -c 'printf \"quote: fox\\nlabel: y\\n\" > \"$1\"' --"])
      #expect(mended.isSuccess, "\(mended)")
      #expect(try kept(layla) == files)
    }
  }

  @Test func `a template that comes back unchanged or empty means nothing, and is not kept`() throws
  {
    try play { layla in
      for (editor, word) in [("true", "unchanged"), ("truncate -s 0", "empty")] {
        let before = try StoreSnapshot(layla)
        let outcome = try layla.run(["annotate", "text", "-e"], environment: ["EDITOR": editor])
        #expect(outcome.code == 65, "\(outcome)")
        expectSays(outcome, [word, "nothing was done"])
        #expect(try StoreSnapshot(layla) == before)
        #expect(try kept(layla) == [])
      }
    }
  }

  @Test func `a template saved with a byte order mark and CRLF is taken as it was meant`() throws {
    try play { layla in
      let editor = "sh -c 'printf \"\\357\\273\\277quote: fox\\r\\nlabel: y\\r\\n\" > \"$1\"' --"
      let made = try layla.run(["annotate", "text", "-e"], environment: ["EDITOR": editor])
      #expect(made.isSuccess, "\(made)")
      #expect(try layla.json("list")[0]?["quote"]?.text == "fox")
      let noted = try layla.run(["edit", "@", "--note", "-"], input: "\u{FEFF}a note\r\n")
      #expect(noted.isSuccess, "\(noted)")
      #expect(try layla.json("list")[0]?["note"]?.text == "a note")
    }
  }

  @Test func `an editor that returns at once is waited for, on a terminal`() throws {
    try play { layla in
      let terminal = try Terminal(
        layla, ["annotate", "text", "-e"], environment: ["EDITOR": "true"])
      try terminal.wait(for: "save there, then press enter")
      let file = try #require(try kept(layla).first)
      try "quote: brown fox\nlabel: animal\n".write(
        toFile: file, atomically: false, encoding: .utf8)
      try terminal.press("\n")
      #expect(terminal.end().code == 0)
      #expect(try layla.json("list")[0]?["quote"]?.text == "brown fox")
      #expect(try kept(layla) == [])

      let unused = try Terminal(
        layla, ["annotate", "text", "-e"], environment: ["EDITOR": "true"])
      try unused.press("\n", at: "save there, then press enter")
      let (screen, code) = unused.end()
      #expect(code == 65, "\(screen)")
      #expect(screen.contains("unchanged") && screen.contains("code --wait"), "\(screen)")
      #expect(try kept(layla) == [])
    }
  }

  @Test func `an editor that fails or is not there is told by its name`() throws {
    try play { layla in
      for editor in ["false", "no-such-editor --wait"] {
        let before = try StoreSnapshot(layla)
        let outcome = try layla.run(["annotate", "text", "-e"], environment: ["EDITOR": editor])
        #expect(outcome.code == 69, "\(outcome)")
        expectSays(outcome, [editor, "nothing was done", "EDITOR"])
        #expect(try StoreSnapshot(layla) == before)
      }
    }
  }

  @Test func `VISUAL comes before EDITOR, and the editor needs the terminal's input`() throws {
    try play { layla in
      let works = try editor(layla, ["quote: fox", "label: x"])
      let outcome = try layla.run(
        ["annotate", "text", "-e"], environment: ["VISUAL": works, "EDITOR": "false"])
      #expect(outcome.isSuccess, "\(outcome)")
      let empty = try layla.run(
        ["annotate", "text", "-e", "--label", "y"],
        environment: ["VISUAL": "", "EDITOR": "false"])
      #expect(empty.code == 69, "an empty VISUAL is none: \(empty)")
      for option in ["--quote", "--note"] {
        let piped = try layla.run(["annotate", "text", "-e", option, "-"], input: "fox")
        #expect(piped.code == 64, "\(piped)")
      }
    }
  }
}
