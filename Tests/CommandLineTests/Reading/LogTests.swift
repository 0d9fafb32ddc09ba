import SimulationKit
import Testing

@Suite struct LogTests {
  private static let shape = Shape.array(
    .object([
      "dot": .dot, "analyst": .text, "time": .time, "leaf": .orNull(.int),
      "act": .orNull(
        .word([
          "genesis", "enrol", "invite", "uninvite", "role", "rename", "revoke",
        ])), "subject": .orNull(.text),
      "parts": .array(
        .object([
          "id": .either(.hex(32), .hex(64)), "handle": .text,
          "operation": .word([
            "create", "write", "add", "remove", "delete", "restore", "touch",
          ]), "field": .orNull(Shape.field), "value": Shape.value, "resolution": .bool,
          "reason": .orNull(.text),
          "brought_back_of": .orNull(.object(["dot": .dot, "analyst": .text])),
        ])), "undoes": .orNull(.dot),
    ]))

  private func parts(_ entry: JSON?, of record: JSON?) -> [String] {
    (entry?["parts"]?.items ?? []).filter { $0["id"] == record }.map { part in
      [part["operation"]?.text, part["field"]?.text, part["value"]?.text].compactMap { $0 }
        .joined(separator: " ")
    }
  }

  @Test func `the history of a record is what was done to it, newest first`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let layla = team.layla
      try team.shareFox(["--tag", "t"])
      try layla("edit", "fox", "--note", "second", "--add-tag", "u", "--remove-tag", "t")
      try layla("sync")
      try layla("delete", "fox")
      try layla("restore", "fox")
      try layla.annotate("lazy dog", as: "dog")
      let id = try layla.shown("fox", "id")
      let log = try layla.json("log", "fox")
      expect(log, Self.shape)
      #expect(log.items.count == 4)
      #expect(log.items.allSatisfy { $0["analyst"]?.text == "layla" })
      #expect(log.items.allSatisfy { $0["parts"]?.items.allSatisfy { $0["id"] == id } == true })
      #expect(parts(log[0], of: id).contains("restore"))
      #expect(parts(log[1], of: id).contains("delete"))
      #expect(
        Set(parts(log[2], of: id)).isSuperset(of: [
          "write note second", "add tags u", "remove tags t",
        ]))
      #expect(Set(parts(log[3], of: id)).isSuperset(of: ["create", "write label claim"]))
      #expect(log.items.map { $0["leaf"]?.isNull } == [true, true, false, false])
      #expect((log[3]?["leaf"]?.int ?? .max) < (log[2]?["leaf"]?.int ?? 0))
      let limited = try layla.json("log", "fox", "--limit", "2")
      #expect(limited.items == Array(log.items.prefix(2)))
      #expect(try layla.run(["log", "--limit", "0"]).code == 64)
      #expect(try layla("log").output.contains("new label claim"))
      let told = try layla("log", "fox").output
      for words in [
        "pending", "leaf \(log[3]?["leaf"]?.int ?? -1)", "note: second", "restored",
        "marked: brown fox", "tag added: u", "tag removed: t", "deleted",
      ] {
        #expect(told.contains(words), "\(words) in \(told)")
      }
    }
  }

  @Test func `the history of the workspace has everybody's changes, and the acts`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--label", "omars"], layla: ["edit", "fox", "--label", "laylas"])
      try team.layla("member", "role", "omar", "adjudicator")
      try team.layla("resolve", "fox", "label", "--take", "omar", "--reason", "as agreed")
      let log = try team.layla.json("log")
      expect(log, Self.shape)
      let decided = try #require(log[0]?["parts"]?.items.first { $0["operation"]?.text == "write" })
      #expect(decided["resolution"]?.bool == true)
      #expect(decided["reason"]?.text == "as agreed")
      #expect(decided["value"]?.text == "omars")
      let acts = log.items.reversed().compactMap { $0["act"]?.text }
      #expect(acts == ["genesis", "invite", "enrol", "role"])
      let dots = log.items.compactMap { $0["dot"]?.text }
      #expect(Set(dots).count == dots.count)
      let vector = try #require(team.layla.json("status")["version_vector"])
      let total = vector.members.values.compactMap(\.int).reduce(0, +)
      #expect(dots.count == total, "every change of every replica once")
      #expect(try team.layla.json("log", "--limit", "3").items == Array(log.items.prefix(3)))
      #expect(Set(log.items.compactMap { $0["analyst"]?.text }) == ["layla", "omar"])
      try expectConverged(team.all, team.server)
      let omars = try team.member("omar").json("log").items.compactMap { $0["dot"]?.text }
      #expect(omars == (try team.layla.json("log").items.compactMap { $0["dot"]?.text }))
    }
  }
}
