import SimulationKit
import Testing

/// What a terminal sees that a file does not.
@Suite struct TerminalTests {
  private static let escape = "\u{1B}"

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

  private static let commands = [
    ["list"], ["status"], ["show", "fox"], ["article", "show", "text", "--annotations"],
    ["log"], ["doctor"],
  ]

  @Test(arguments: commands) func `a terminal gets colour`(command: [String]) throws {
    try play { layla in
      let screen = try Terminal.screen(layla, command)
      #expect(screen.contains(Self.escape + "["), "\(screen)")
      #expect(try Terminal.screen(layla, command, environment: ["NO_COLOR": ""]) == screen)
      #expect(try Terminal.screen(layla, command, environment: ["TERM": "xterm"]) == screen)
    }
  }

  @Test(arguments: commands) func `NO_COLOR and a dumb terminal get the same words without it`(
    command: [String]
  ) throws {
    try play { layla in
      let colourful = try Terminal.screen(layla, command)
      let words = colourful.replacing(/\u{1B}\[[0-9;]*m/, with: "")
      for environment in [
        ["NO_COLOR": "1"], ["NO_COLOR": "0"], ["TERM": "dumb"], ["TERM": "dumb", "NO_COLOR": ""],
      ] {
        let screen = try Terminal.screen(layla, command, environment: environment)
        #expect(!screen.contains(Self.escape), "\(environment): \(screen)")
        #expect(screen == words, "\(environment)")
      }
    }
  }

  @Test func `no export sends a terminal commands, and marks do not pile up there`() throws {
    try play { layla in
      let commands = "raw \u{1B}]52;c;YQ==\u{7}\u{9B}31m"
      try layla.write((commands + " end").utf8, to: "raw.txt")
      try layla("article", "add", "raw.txt")
      try layla("annotate", "raw", "--span", "0:20", "--label", "x", "--id", "raw-one")
      try layla("edit", "fox", "--note", "a" + String(repeating: "\u{301}", count: 30_000))
      for command in [
        ["export", "--format", "csv"], ["list"], ["export"], ["export", "--format", "batch"],
        ["show", "fox"],
      ] {
        let screen = try Terminal.screen(layla, command, environment: ["NO_COLOR": "1"])
        #expect(
          !screen.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B }, "\(command)")
        if command != ["export"], command.last != "batch" {
          #expect(screen.utf8.count < 10_000, "\(command)")
        }
      }
      let file = try layla("export", "--format", "csv").outputBytes
      #expect(String(decoding: file, as: UTF8.self).contains(commands), "a file gets it as it is")
      let raw = try Terminal.screen(layla, ["article", "show", "raw.txt", "--raw"])
      #expect(!raw.contains("\u{1B}") && raw.contains("␛]52"), "\(raw)")
    }
  }

  @Test func `JSON has no colour on a terminal either`() throws {
    try play { layla in
      let screen = try Terminal.screen(layla, ["show", "fox", "--json"])
      #expect(!screen.contains(Self.escape))
      #expect(try JSON(parsing: Array(screen.utf8)) == layla.json("show", "fox"))
    }
  }

  @Test func `text that runs from right to left is isolated on a terminal, and only there`() throws
  {
    try play { layla in
      let note = "قال\u{202E} abc"
      try layla("edit", "fox", "--note", note)
      let screen = try Terminal.screen(layla, ["show", "fox"])
      #expect(screen.contains("\u{2068}قال<U+202E> abc\u{2069}"), "\(screen)")
      #expect(!screen.contains("\u{202E}"))
      let piped = try layla("show", "fox").output
      #expect(piped.contains(note))
      #expect(!piped.contains("\u{2068}"))
      #expect(try layla.shown("fox", "note")?.text == note)
    }
  }

  @Test func `control characters of others move no cursor, on a terminal or elsewhere`() throws {
    try play { layla in
      let bytes = "a\u{1B}[2J\u{7}b\u{9B}c\n"
      try layla.write(bytes.utf8, to: "rude.txt")
      try layla("article", "add", "rude.txt")
      try layla("annotate", "rude", "--span", "0:9", "--label", "x")
      for command in [["article", "show", "rude"], ["article", "show", "rude", "--annotations"]] {
        let screen = try Terminal.screen(layla, command, environment: ["NO_COLOR": "1"])
        let piped = try layla.run(command).successful().output
        for text in [screen, piped, try layla("list").output] {
          #expect(text.contains("␛[2J␇b<U+009B>c"), "\(text)")
          #expect(!text.contains(Self.escape))
          #expect(!text.contains("\u{7}"))
          #expect(!text.unicodeScalars.contains("\u{9B}"))
        }
      }
      let json = try layla.run(["article", "show", "rude", "--json"])
      #expect(!json.outputBytes.contains(0x1B), "JSON escapes it")
      #expect(try json.json()["text"]?.text == bytes)
      #expect(try layla("article", "show", "rude", "--raw").output == bytes)
    }
  }
}
