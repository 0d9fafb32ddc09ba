import SimulationKit
import Testing

/// A bare `resolve`: the walk through the conflicts on a terminal.
@Suite struct ResolveWalkTests {
  /// What asks for a key; the last words of the line that names them all.
  private static let asks = "q quit"
  private static let asksWhy = "why? (enter"

  /// Three conflicts about `fox`: target, label and note, in this order.
  private func play(_ body: (Team) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox(["--note", "the quick fox"])
      try team.quarrel(
        omar: [
          "edit", "fox", "--span", "4:19", "--label", "omars", "--note", "the very quick fox",
        ],
        layla: [
          "edit", "fox", "--span", "10:15", "--label", "laylas", "--note", "the quick fox jumps",
        ])
      #expect(
        try team.layla.json("conflicts").items.map { $0["field"]?.text } == [
          "target", "label", "note",
        ])
      try body(team)
    }
  }

  /// The fields in conflict.
  private func open(_ analyst: Analyst) throws -> [String] {
    try analyst.json("conflicts").items.compactMap { $0["field"]?.text }
  }

  @Test func `a number takes a sibling, m merges, and everything is decided`() throws {
    try play { team in
      let terminal = try Terminal(team.layla, ["resolve"])
      try terminal.wait(for: "target")
      for words in ["brown", "1-9 take", "s skip", "u undo", "w why"] {
        try terminal.wait(for: words)
      }
      try terminal.press("1", at: Self.asks)
      try terminal.press("the longer one\n", at: Self.asksWhy)
      try terminal.wait(for: "resolved")
      try terminal.press("2", at: Self.asks)
      try terminal.press("=\n", at: Self.asksWhy)
      try terminal.wait(for: "m merge")
      try terminal.press("m", at: Self.asks)
      try terminal.wait(for: "the very quick fox jumps")
      try terminal.press("both\n", at: Self.asksWhy)
      try terminal.wait(for: "3 resolved, 0 skipped")
      let (screen, code) = terminal.end()
      #expect(code == 0, "\(screen)")
      #expect(try open(team.layla) == [])
      try expectConverged(team.all, team.server)
      for analyst in team.all {
        let fox = try analyst.json("show", "fox")
        #expect(fox["spans"] == .items([.items([.int(4), .int(19)])]))
        #expect(fox["label"]?.text == "laylas")
        #expect(fox["note"]?.text == "the very quick fox jumps")
        let reasons = try analyst.json("why", "fox")["fields"]?.items.compactMap {
          $0["siblings"]?[0]?["reason"]?.text
        }
        #expect(reasons == ["the longer one", "the longer one", "both"], "= repeats a reason")
      }
    }
  }

  @Test func `a value of one's own is typed, and enter never repeats a reason`() throws {
    try play { team in
      let terminal = try Terminal(team.layla, ["resolve"])
      try terminal.wait(for: "⟦")
      try terminal.press("1", at: Self.asks)
      try terminal.press("the longer one\n", at: Self.asksWhy)
      try terminal.wait(for: "before, for all: ")
      try terminal.wait(for: "claim")
      try terminal.press("v", at: Self.asks)
      try terminal.press("عنوان\u{7F}\u{7F}\u{7F}\u{7F}\u{7F}beast\n", at: "which value?")
      try terminal.press("\n", at: "chosen in review; = and enter: the longer one")
      try terminal.wait(for: "resolved")
      try terminal.press("v", at: Self.asks)
      try terminal.press("\u{1B}[D\u{1B}OAmy \u{1B}[1;5Cown\n", at: "which value?")
      try terminal.press("read both\u{1B}[D\n", at: Self.asksWhy)
      try terminal.wait(for: "3 resolved, 0 skipped")
      #expect(terminal.end().code == 0)
      #expect(try team.layla.shown("fox", "label")?.text == "beast")
      #expect(try team.layla.shown("fox", "note")?.text == "my own")
      let reasons = try team.layla.json("why", "fox")["fields"]?.items.compactMap {
        $0["siblings"]?[0]?["reason"]?.text
      }
      #expect(reasons == ["the longer one", "chosen in review", "read both"])
    }
  }

  @Test func `esc chooses again, arrow keys do nothing, and a bad value is asked again`() throws {
    try play { team in
      let terminal = try Terminal(team.layla, ["resolve", "--field", "label"])
      try terminal.press("\u{1B}[A\u{1B}", at: Self.asks)
      try terminal.press("1")
      try terminal.press("half a rea\u{1B}", at: Self.asksWhy)
      try terminal.press("v", at: Self.asks)
      try terminal.press("\u{1B}", at: "which value?")
      try terminal.press("v", at: Self.asks)
      try terminal.press("\n", at: "which value?")
      try terminal.press("r\n", at: Self.asksWhy)
      try terminal.wait(for: "is empty; here it is again")
      try terminal.press("2", at: Self.asks)
      try terminal.press("r\n", at: Self.asksWhy)
      try terminal.wait(for: "1 resolved, 0 skipped")
      let (screen, code) = terminal.end()
      #expect(code == 0, "\(screen)")
      #expect(try team.layla.shown("fox", "label")?.text == "laylas")
    }
  }

  @Test func `u takes the last decision back, and asks it again`() throws {
    try play { team in
      let terminal = try Terminal(team.layla, ["resolve", "--field", "label", "--reason", "r"])
      try terminal.press("u", at: Self.asks)
      try terminal.wait(for: "nothing was decided here yet")
      try terminal.press("q", at: Self.asks)
      #expect(terminal.end().code == 0)
      #expect(try open(team.layla).count == 3)

      let values = try siblings(team.layla)
      let second = try Terminal(team.layla, ["resolve", "--reason", "r"])
      try second.press("1", at: Self.asks)
      try second.wait(for: "resolved")
      try second.press("u", at: Self.asks)
      try second.wait(for: "undone")
      try second.wait(for: "target")
      try second.press("q", at: Self.asks)
      try second.wait(for: "0 resolved, 0 skipped")
      #expect(second.end().code == 0)
      #expect(try open(team.layla).count == 3)
      let again = try siblings(team.layla)
      #expect(Set(again) == Set(values))

      let third = try Terminal(team.layla, ["resolve", "--reason", "r"])
      try third.press("2", at: Self.asks)
      try third.wait(for: "label")
      try third.press("q", at: Self.asks)
      try third.wait(for: "1 resolved, 0 skipped")
      #expect(third.end().code == 0)
      #expect(try team.layla.shown("fox", "spans") == again[1])
      try expectConverged(team.all, team.server)
      #expect(try open(team.member("omar")) == ["label", "note"])
    }
  }

  /// The passages that are in conflict, in their order.
  private func siblings(_ analyst: Analyst) throws -> [JSON] {
    try analyst.conflict("target")["siblings"]?.items.compactMap { $0["value"]?["spans"] } ?? []
  }

  @Test func `an undone decision leaves the conflict as it was before`() throws {
    try play { team in
      let before = try team.layla.conflict("label")
      let terminal = try Terminal(
        team.layla, ["resolve", "--field", "label", "--reason", "r"])
      try terminal.press("1", at: Self.asks)
      // Nothing of the filter is left, so the walk is over before anything can be undone there.
      try terminal.wait(for: "1 resolved")
      #expect(terminal.end().code == 0)
      #expect(try open(team.layla) == ["target", "note"])
      try team.layla("undo")
      let after = try team.layla.conflict("label")
      #expect(
        Set(after["siblings"]?.items.map { $0["value"] } ?? [])
          == Set(before["siblings"]?.items.map { $0["value"] } ?? []))
      try expectConverged(team.all, team.server)
      #expect(try Set(open(team.member("omar"))) == ["target", "label", "note"])
    }
  }

  @Test func `s leaves a conflict to others, w explains it, and unknown keys do nothing`() throws {
    try play { team in
      let before = try StoreSnapshot(team.layla)
      let terminal = try Terminal(team.layla, ["resolve"])
      try terminal.press("x", at: Self.asks)
      try terminal.press("9")
      try terminal.press("w")
      try terminal.wait(for: "had not received")
      try terminal.wait(for: "kept-siblings")
      try terminal.press("m")
      try terminal.wait(for: "only texts can be merged")
      try terminal.press("s")
      try terminal.press("s", at: Self.asks)
      try terminal.wait(for: "note")
      try terminal.press("q", at: Self.asks)
      try terminal.wait(for: "0 resolved, 2 skipped")
      #expect(terminal.end().code == 0)
      #expect(try StoreSnapshot(team.layla) == before)
    }
  }

  @Test func `what the walk showed counts as seen by a decision that is typed later`() throws {
    try play { team in
      let omar = try team.member("omar")
      try team.layla("conflicts", "--field", "label")
      try omar("resolve", "fox", "label", "--value", "omars third", "--reason", "r")
      try omar("undo")
      try omar("sync")
      try team.layla("sync")
      try expectRefused(
        team.layla, ["resolve", "fox", "label", "--take", "1", "--reason", "r"], code: 75,
        says: ["since you looked"])
      let terminal = try Terminal(team.layla, ["resolve", "--field", "label"])
      try terminal.press("q", at: Self.asks)
      try terminal.wait(for: "0 resolved")
      #expect(terminal.end().code == 0)
      try team.layla("resolve", "fox", "label", "--take", "1", "--reason", "r")
    }
  }

  @Test(arguments: ["\u{3}", "\u{4}"])
  func `Ctrl-C and Ctrl-D end the walk, and what was decided stays`(key: String) throws {
    try play { team in
      let terminal = try Terminal(team.layla, ["resolve", "--reason", "r"])
      try terminal.press("1", at: Self.asks)
      try terminal.wait(for: "resolved")
      try terminal.press(key, at: Self.asks)
      let (screen, code) = terminal.end()
      #expect(code == 0, "\(screen)")
      #expect(try open(team.layla) == ["label", "note"])
      try expectHealthy(team.layla)
    }
  }

  @Test func `filters narrow the walk, and a store without conflicts has none`() throws {
    try play { team in
      let terminal = try Terminal(team.layla, ["resolve", "--field", "note", "--reason", "r"])
      try terminal.press("1", at: Self.asks)
      try terminal.wait(for: "1 resolved, 0 skipped")
      #expect(terminal.end().code == 0)
      #expect(try open(team.layla) == ["target", "label"])
      let screen = try Terminal.screen(team.layla, ["resolve", "--analyst", "nobody"])
      #expect(screen.contains("no member nobody"))
      #expect(try open(team.layla) == ["target", "label"])
    }
  }

  @Test func `without a terminal nothing is asked, and the way to decide is told`() throws {
    try play { team in
      for input in ["", "1\n1\n1\n"] {
        try expectRefused(
          team.layla, ["resolve"], input: input, code: 64,
          says: ["needs a terminal", "hashiya resolve REF FIELD --take N"])
      }
    }
  }
}
