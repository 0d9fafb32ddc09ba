import SimulationKit
import Testing

@Suite struct ServerAuditTests {
  private static let detail = Shape.object([
    "index": .int, "time": .time, "type": .word(["genesis", "enrol", "member", "edit"]),
    "analyst": .text, "replica": .hex(32), "first": .int, "last": .int, "changes": .int,
    "act": .orNull(
      .word([
        "genesis", "enrol", "invite", "uninvite", "role", "rename", "revoke",
      ])), "subject": .orNull(.text),
    "operations": .array(
      .object([
        "change": .dot,
        "operation": .word(["create", "write", "add", "remove", "delete", "restore", "touch"]),
        "kind": .word(["annotation", "article", "relation", "reply", "label"]), "id": .text,
        "field": .orNull(Shape.field), "resolution": .bool, "undoes": .orNull(.dot),
        "cites": .array(.dot), "undone_place": .orNull(.int),
      ])),
    "decisions": .array(
      .object([
        "change": .dot, "id": .text, "subject": .text, "field": .orNull(Shape.field),
        "rule": Shape.rule, "superseded": .array(.dot), "concurrent": .array(.dot),
        "opened": .bool, "closed": .bool,
      ])),
  ])

  /// A label that came into conflict and was decided.
  private func play(_ body: (Team, _ fox: String) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      try team.layla("resolve", "fox", "label", "--take", "omar", "--reason", "as agreed")
      try expectConverged(team.all, team.server)
      try body(team, try #require(team.layla.shown("fox", "id")?.text))
    }
  }

  @Test func `both programs list and show the same leaves`() throws {
    try play { team, fox in
      let leaves = try team.layla.json("audit", "list")
      expect(leaves, .auditList)
      #expect(try team.server.json("audit", "list") == leaves)
      #expect(
        leaves.items.prefix(1).map { $0["type"]?.text } == ["genesis"]
          && leaves.items.contains { $0["type"]?.text == "member" && $0["act"]?.text == "invite" }
          && leaves.items.contains { $0["type"]?.text == "enrol" })
      #expect(leaves.items.map { $0["index"]?.int } == Array(0..<leaves.items.count))
      #expect(leaves.items.reduce(0) { $0 + ($1["conflicts_opened"]?.int ?? 0) } == 1)
      #expect(leaves.items.reduce(0) { $0 + ($1["conflicts_closed"]?.int ?? 0) } == 1)
      for leaf in leaves.items {
        let index = "\(leaf["index"]?.int ?? -1)"
        let shown = try team.layla.json("audit", "show", index)
        expect(shown, Self.detail)
        #expect(try team.server.json("audit", "show", index) == shown)
        for (name, value) in leaf.members { #expect(shown[name] == value, "\(name) of \(index)") }
        for program in [
          try team.layla("audit", "show", index),
          try team.server.run(["audit", "show", index]).successful(),
        ] {
          #expect(program.output.contains("leaf \(index)"))
        }
      }
      let opening = try #require(leaves.items.first { $0["conflicts_opened"]?.int == 1 })
      #expect(opening["concurrent"]?.int == 1)
      #expect(opening["analyst"]?.text == "layla")
      let detail = try team.layla.json("audit", "show", "\(opening["index"]?.int ?? -1)")
      let decision = try #require(detail["decisions"]?.items.first { $0["opened"]?.bool == true })
      #expect(decision["id"]?.text == fox)
      #expect(decision["field"]?.text == "label")
      #expect(decision["rule"]?.text == "kept-siblings")
      #expect(detail["operations"]?.items.contains { $0["id"]?.text == fox } == true)
    }
  }

  @Test func `leaves are listed from one on, so many, and one that is not there is told`() throws {
    try play { team, _ in
      let all = try team.layla.json("audit", "list").items
      let programs: [([String]) throws -> ProcessOutcome] = [
        { try team.layla.run($0) }, { try team.server.run($0) },
      ]
      for run in programs {
        func list(_ options: String...) throws -> [JSON] {
          try run(["audit", "list", "--json"] + options).successful().json().items
        }
        #expect(try list("--from", "2", "--limit", "3") == Array(all[2..<5]))
        #expect(try list("--limit", "1") == [all[0]])
        #expect(try list("--from", "\(all.count - 1)") == [all[all.count - 1]])
        #expect(try list("--from", "\(all.count)", "--limit", "5") == [])
        #expect(try run(["audit", "list", "--limit", "0"]).code == 64)
        #expect(try run(["audit", "list", "--from", "-1"]).code == 64)
        let missing = try run(["audit", "show", "\(all.count)"])
        #expect(missing.code == 66, "\(missing)")
        expectSays(missing, ["no leaf \(all.count)"])
      }
    }
  }

  @Test func `the server explains a record as the analysts' stores do`() throws {
    try play { team, fox in
      let why = try team.server.json("audit", "why", fox, "label")
      #expect(why["id"]?.text == fox)
      let field = try #require(why["fields"]?[0])
      let local = try #require(team.layla.json("why", "fox", "label")["fields"]?[0])
      #expect(why["fields"]?.items.count == 1)
      for member in ["field", "reason", "rule", "leaf"] {
        #expect(field[member] == local[member], "\(member)")
      }
      let dots = local["siblings"]?.items.compactMap { $0["dot"] }
      #expect(field["siblings"]?.items.compactMap { $0["dot"] } == dots)
      let superseded = Set(local["superseded"]?.items.compactMap { $0["dot"] } ?? [])
      #expect(Set(field["superseded"]?.items.compactMap { $0["dot"] } ?? []) == superseded)
      let whole = try team.server.json("audit", "why", String(fox.suffix(12)))
      #expect((whole["fields"]?.items.count ?? 0) > 1)
      let told = try team.server.run(["audit", "why", fox]).successful().output
      for words in ["label: omars", "laylas by layla", "omars by omar", "claim by layla"] {
        #expect(told.contains(words), "\(words) in \(told)")
      }
      for (reference, code, words) in [
        (String(repeating: "0", count: 32), Int32(66), "no record"), ("xyz!", 64, "xyz!"),
      ] {
        let outcome = try team.server.run(["audit", "why", reference])
        #expect(outcome.code == code, "\(outcome)")
        expectSays(outcome, [words])
      }
      let unknown = try team.server.run(["audit", "why", fox, "colour"])
      #expect(unknown.code == 66, "\(unknown)")
      expectSays(unknown, ["colour", "label"])
    }
  }
}
