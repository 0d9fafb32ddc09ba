import SimulationKit
import Testing

/// Work that a log refuses for several reasons at once, and work that is only too much together.
@Suite struct RefusedTogetherTests {
  /// What fills one member's share of a record: values of three fields, side by side.
  private static let sharedMax = 32

  /// Saves values of three fields over an old form, so that none takes another's place.
  private func fill(_ analyst: Analyst, over clock: String) throws {
    for number in 1...Self.sharedMax {
      try analyst(
        "edit", "fox", "--note", "n\(number)", "--label", "l\(number)", "--confidence",
        "0.\(number + 10)", "--against", clock)
    }
  }

  @Test func `whatever the reasons, one sync sets aside all that is refused, under one successor`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      try team.layla("member", "role", "omar", "admin")
      try omar("sync")
      let second = try scene.analyst("omar", on: scene.machine("second-laptop"))
      try second("join", try #require(omar.json("device", "add")["code"]?.text))
      try omar("sync")
      // The second device takes all of his share, and Omar becomes the only admin.
      try fill(second, over: try clockText(omar.json("show", "fox")["clock"]))
      try second("sync")
      try team.layla("member", "role", "layla", "annotator")
      team.server.stop()
      try omar("edit", "fox", "--note", "one too many")
      try omar("edit", "fox", "--label", "another too many")
      try omar("edit", "fox", "--confidence", "0.5")
      try omar("undo")
      #expect(try omar.run(["member", "role", "omar", "annotator"]).isSuccess)
      try omar.annotate("lazy dog", as: "dog")
      try team.server.start()

      let outcome = try omar.run(["sync", "--json"])
      #expect(outcome.code == 77, "\(outcome)")
      let sync = try outcome.json()
      let refusals = sync["refusals"]?.items ?? []
      let codes = refusals.compactMap { $0["code"]?.text }
      // Three values too many, the undoing of one of them, and an act that leaves no admin.
      #expect(codes.filter { $0 == "over-limit" }.count == 3, "\(codes)")
      #expect(codes.filter { $0 == "bad-operation" }.count == 1, "\(codes)")
      #expect(codes.filter { $0 == "last-admin" }.count == 1, "\(codes)")
      #expect(codes.count == 5, "\(codes)")
      #expect(sync["refused_changes"]?.int == refusals.count)
      expectSays(outcome, ["the server refused \(refusals.count) changes"])
      // One line a change, whatever it is refused for.
      for refusal in refusals {
        let detail = try #require(refusal["detail"]?.text)
        #expect(outcome.messages.contains(detail), "\(outcome)")
      }
      #expect(try omar.json("status")["pending_changes"]?.int == 0)
      #expect(try omar.json("quarantine").items.count == refusals.count)
      let devices = try omar.json("device", "list", "--member", "omar").items
      #expect(devices.count == 3, "two, and one successor")
      try expectConverged([omar, second, team.layla], team.server)
      #expect(try team.layla.json("list").items.map { $0["quote"]?.text }.contains("lazy dog"))
    }
  }

  @Test func `an own change that is nowhere any more is damage, and no matter of time`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      for (index, word) in ["brown fox", "quick", "lazy dog"].enumerated() {
        try omar.annotate(word, as: "a\(index)")
      }
      // The second of three is lost.
      try SQLiteFile.execute(
        """
        DELETE FROM pending WHERE sequence =
          (SELECT sequence FROM pending WHERE is_act = 0 ORDER BY sequence LIMIT 1 OFFSET 1);
        DELETE FROM pending_record_change WHERE sequence NOT IN (SELECT sequence FROM pending)
        """, in: omar.store + "/store.sqlite")
      let outcome = try omar.run(["sync"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["neither here nor in the log", "hashiya doctor"])
      #expect(!outcome.messages.contains("try again later"), "\(outcome)")
      // What is said to help does.
      #expect(try omar.run(["doctor"]).code == 1)
      try omar("doctor", "--repair")
      try omar("sync")
      try expectConverged(team.all, team.server)
      let quotes = try team.layla.json("list").items.map { $0["quote"]?.text }
      #expect(quotes.contains("brown fox") && quotes.contains("lazy dog"), "\(quotes)")
    }
  }

  /// Omar has filled his share of three fields; Layla, who has not received it, has edited the same
  /// fields so often that one leaf would meet too many of his values.
  private func tooMuchTogether(
    _ body: (Team, _ omar: Analyst) throws -> Void
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      try fill(omar, over: try clockText(omar.json("show", "fox")["clock"]))
      try omar("sync")
      let lines = (1...240).map { number in
        #"{"op":"edit","id":"fox","note":"layla \#(number)","label":"layla \#(number % 2)","#
          + #""confidence":0.\#(number + 1000)}"#
      }
      try team.layla("batch", "-", input: lines.joined(separator: "\n"))
      try body(team, omar)
    }
  }

  @Test func `what is too much for one leaf goes into several, and nothing is refused`() throws {
    try tooMuchTogether { team, omar in
      let size = try #require(try team.server.size())
      let outcome = try team.layla.run(["sync", "--json"])
      #expect(outcome.isSuccess, "\(outcome)")
      let sync = try outcome.json()
      #expect(sync["in_sync"]?.bool == true && sync["refused_changes"]?.int == 0)
      #expect(try team.server.size() == size + 2)
      #expect(try team.layla.json("quarantine").items.isEmpty)
      #expect(try team.layla.json("device", "list", "--member", "layla").items.count == 1)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a bundle is cut as its maker's log tells, since its carriers cannot`() throws {
    try tooMuchTogether { team, _ in
      try team.layla("pull")
      try team.layla("sync", "bundle", "create", "layla.bundle")
      let applied = try team.server.json("bundle", "apply", team.layla.folder + "/layla.bundle")
      #expect(applied["appended"]?.int == 2, "\(applied)")
      #expect(applied["refused"]?.items.isEmpty == true)
      try expectConverged(team.all, team.server)
    }
  }
}
