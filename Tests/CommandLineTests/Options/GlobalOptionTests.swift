import SimulationKit
import Testing

@Suite struct GlobalOptionTests {
  /// A store with one article and one annotation.
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

  @Test func `global options stand before a command, after it, or among its arguments`() throws {
    try play { layla in
      let plain = try layla.run(["status", "--json"]).successful().output
      let elsewhere = layla.machine.folder
      for arguments in [
        ["--json", "--store", layla.folder, "status"],
        ["status", "--store", layla.store, "--json"],
        ["--store=\(layla.folder)", "status", "--json"],
        ["--quiet", "status", "--json", "--store", layla.folder],
      ] {
        let outcome = try layla.run(arguments, directory: elsewhere)
        #expect(outcome.isSuccess, "\(outcome)")
        #expect(outcome.output == plain)
      }
      let among = try layla.run(
        ["--json", "article", "--store", layla.folder, "show", "--quiet", "text"],
        directory: elsewhere)
      #expect(try among.successful().json()["file"]?.text == Team.article)
    }
  }

  @Test func `they stand before completions too`() throws {
    try play { layla in
      let script = try layla.run(["--store", layla.folder, "completions", "bash"]).successful()
      #expect(try script.output == layla("completions", "bash").output)
    }
  }

  @Test func `an option's value is never taken for an option`() throws {
    try play { layla in
      try layla("edit", "fox", "--note", "--json")
      #expect(try layla.json("list")[0]?["note"]?.text == "--json")
      try layla("reply", "fox", "--", "--quiet please")
      #expect(try layla.json("list", "--kind", "reply")[0]?["note"]?.text == "--quiet please")
    }
  }

  @Test func `HASHIYA_STORE names the store, an option beats it, and folders above are found`()
    throws
  {
    try play { layla in
      let elsewhere = layla.machine.folder
      let named = try layla.run(
        ["status", "--json"], environment: ["HASHIYA_STORE": layla.store], directory: elsewhere)
      #expect(try named.successful().json()["analyst"]?.text == "layla")
      let beaten = try layla.run(
        ["status", "--json", "--store", layla.folder],
        environment: ["HASHIYA_STORE": elsewhere], directory: elsewhere)
      #expect(beaten.isSuccess, "\(beaten)")
      let wrong = try layla.run(["status"], environment: ["HASHIYA_STORE": elsewhere])
      #expect(wrong.code == 66, "\(wrong)")
      let below = try layla.scene.makeFolder(
        String((layla.folder + "/a/b").dropFirst(layla.scene.folder.count + 1)))
      #expect(try layla.run(["status"], directory: below).isSuccess)
    }
  }

  @Test func `results go to standard output, messages elsewhere, and quiet leaves out messages`()
    throws
  {
    try play { layla in
      let loud = try layla("annotate", "text", "--quote", "lazy dog", "--label", "new")
      #expect(loud.output.contains("lazy dog"))
      #expect(loud.messages.contains("new label"))
      let quiet = try layla.run(
        ["--quiet", "annotate", "text", "--quote", "quick", "--label", "newer"])
      #expect(quiet.output.contains("quick"))
      #expect(quiet.messages == "")
      let json = try layla.run(
        ["annotate", "text", "--quote", "jumps", "--label", "newest", "--json"])
      expect(try json.json(), .edit)
      let error = try layla.run(["--quiet", "edit", "zzzz", "--label", "x"])
      #expect(error.output == "")
      #expect(error.messages.contains("zzzz"), "quiet leaves no error out")
    }
  }

  @Test func `no colour is written where no terminal is`() throws {
    try play { layla in
      for environment in [[:], ["NO_COLOR": "1"], ["TERM": "xterm-256color"]] {
        for arguments in [["list"], ["status"], ["conflicts"], ["edit", "zzzz", "--label", "x"]] {
          let outcome = try layla.run(arguments, environment: environment)
          #expect(!outcome.output.contains("\u{1B}"))
          #expect(!outcome.messages.contains("\u{1B}"))
        }
      }
    }
  }

  @Test(arguments: [
    [], ["nonsense"], ["annotate"], ["annotate", "text"], ["list", "--nonsense"], ["article"],
    ["article", "nonsense"], ["sync", "nonsense"], ["edit", "fox"], ["export", "--format", "xml"],
    ["invite", "x", "--role", "king"], ["batch", "-", "--commit-every", "0"],
    ["annotate", "text", "--quote", "fox"], ["article", "show", "text", "--raw", "--json"],
  ])
  func `what is typed wrongly is 64, with the way to the help`(arguments: [String]) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      let outcome = try layla.run(arguments)
      #expect(outcome.code == 64, "\(outcome)")
      #expect(outcome.output == "")
      expectSays(outcome, ["hashiya"])
    }
  }

  @Test func `a near miss of a command is named`() throws {
    try Scene.play { scene in
      let outcome = try scene.analyst("layla").run(["stauts"])
      #expect(outcome.code == 64)
      expectSays(outcome, ["status"])
    }
  }
}
