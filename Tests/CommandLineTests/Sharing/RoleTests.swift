import Foundation
import SimulationKit
import Testing

@Suite struct RoleTests {
  @Test func `an auditor's edits are refused when they are typed, and enrol nothing`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let code = try Team.code(for: "aida", by: team.layla, role: "auditor")
      let aida = try scene.analyst("aida")
      try aida("join", code)
      try aida.write("another text".utf8, to: "other.txt")
      for arguments in [
        ["annotate", "text", "--quote", "lazy dog", "--label", "x"], ["reply", "fox", "why?"],
        ["edit", "fox", "--note", "n"], ["delete", "fox"], ["label", "add", "y"],
        ["article", "add", "other.txt"], ["relate", "fox", "cites", "text"],
      ] {
        try expectRefused(
          aida, arguments, code: 77, says: ["aida is an auditor, and reads only", "member role"])
      }
      let line = #"{"op":"tag","id":"fox","tag":"t"}"#
      let batch = try aida.run(["batch", "-", "--json"], input: line)
      #expect(batch.code == 77, "\(batch)")
      expectSays(batch, ["line 1: aida is an auditor"])
      #expect(try batch.json()["changes"]?.int == 0)
      try expectConverged([aida] + team.all, team.server)
      #expect(try aida.json("device", "list", "--member", "aida").items.count == 1)
    }
  }

  @Test func `of a demoted annotator's work all is refused at once, and all the rest is done`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      for (index, quote) in ["brown fox", "quick", "jumps"].enumerated() {
        try omar.annotate(quote, as: "a\(index)")
      }
      try team.layla("member", "role", "omar", "auditor")
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("sync")
      let outcome = try omar.run(["sync", "--json"])
      #expect(outcome.code == 77, "\(outcome)")
      expectSays(outcome, ["refused 3 changes", "hashiya quarantine"])
      let sync = try outcome.json()
      expect(sync, .sync)
      #expect(sync["refused_changes"]?.int == 3)
      let quotes = try omar.json("list").items.map { $0["quote"]?.text }
      #expect(quotes == ["lazy dog"], "what was refused leaves the state, the rest came")
      let status = try omar("status").output
      #expect(status.contains("refused and kept: 3 changes   → hashiya quarantine"))
      for quote in ["brown fox", "quick", "jumps"] {
        #expect(status.components(separatedBy: quote).count == 2, "once: \(quote) in \(status)")
      }
      #expect(status.contains("omar is an auditor, and reads only"))
      try expectConverged(team.all, team.server)
      #expect(try omar.json("device", "list", "--member", "omar").items.count == 2)
    }
  }

  @Test func `a demoted annotator's later work is refused, and the earlier stays`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      try omar.annotate("lazy dog", as: "dog")
      try team.layla("member", "role", "omar", "auditor")
      try team.layla("sync")
      let outcome = try omar.run(["sync", "--json"])
      #expect(outcome.code == 77, "\(outcome)")
      #expect(try outcome.json()["refused_changes"]?.int == 1)
      try expectConverged(team.all, team.server)
      #expect(try team.layla.json("list").items.map { $0["quote"]?.text } == ["brown fox"])
      try team.layla("member", "role", "omar", "annotator")
      try team.layla("sync")
      try omar("sync")
      try omar.annotate("quick", as: "quick")
      try expectConverged(team.all, team.server)
      #expect(try team.layla.annotationIDs().count == 2)
    }
  }

  @Test func `refused work is listed, released once the role allows it, or dropped`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar.annotate("lazy dog", as: "dog")
      try omar("edit", "dog", "--note", "sleeps")
      try team.layla("member", "role", "omar", "auditor")
      #expect(try omar.run(["sync"]).code == 77)
      #expect(try omar.json("status")["refused_changes"]?.int == 3)
      #expect(try omar.json("list").items.isEmpty)
      let refused = try omar.json("quarantine")
      expect(refused, .quarantine)
      #expect(refused.items.map { $0["code"]?.text } == Array(repeating: "not-permitted", count: 3))
      let texts = try omar.run(["quarantine"]).output
      for words in ["brown fox", "lazy dog", "sleeps", "not-permitted"] {
        #expect(texts.contains(words), "\(texts)")
      }
      let first = try #require(refused[0]?["dot"]?.text)
      try expectRefused(omar, ["quarantine", "drop", "omar/99"], code: 66, says: ["omar/99"])
      #expect(try omar.run(["quarantine", "release"]).code == 64)
      let dropped = try omar.json("quarantine", "drop", first)
      #expect(dropped["changes"]?.int == 1)

      // Too early: it would be refused again, so it stays.
      try expectRefused(
        omar, ["quarantine", "release", "--all"], code: 77, says: ["omar is an auditor"])
      #expect(try omar.json("sync")["refused_changes"]?.int == 0)
      #expect(try omar.json("quarantine").items.count == 2)
      #expect(try omar.json("device", "list", "--member", "omar").items.count == 2)

      try team.layla("member", "role", "omar", "annotator")
      try omar("sync")
      let released = try omar.json("quarantine", "release", "--all")
      #expect(released["changes"]?.int == 2)
      #expect(try omar.json("quarantine").items.isEmpty)
      try expectConverged(team.all, team.server)
      let list = try team.layla.json("list")
      #expect(list.items.map { $0["quote"]?.text } == ["lazy dog"])
      #expect(list[0]?["note"]?.text == "sleeps")
    }
  }

  @Test func `only admins may change members, and the last one stays`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      for arguments in [
        ["invite", "friend"], ["member", "role", "layla", "auditor"],
        ["member", "revoke", "layla"],
      ] {
        try expectRefused(omar, arguments, code: 77, says: ["admin"])
      }
      try expectRefused(
        team.layla, ["member", "role", "layla", "annotator"], code: 77, says: ["admin"])
      try expectRefused(team.layla, ["member", "revoke", "layla"], code: 77, says: ["admin"])
      try expectRefused(
        team.layla, ["member", "role", "nobody", "admin"], code: 66, says: ["nobody"])
      let role = try team.layla.run(["member", "role", "omar", "king"])
      #expect(role.code == 64, "\(role)")
    }
  }

  @Test func `a resolve whose siblings changed since they were listed is for later`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      try team.layla("sync")
      try omar("edit", "fox", "--label", "omars")
      try team.layla("edit", "fox", "--label", "laylas")
      try omar("sync")
      try team.layla("sync")
      let seen = try #require(team.layla.json("conflicts")[0]?["clock"])
      let clock =
        "{"
        + seen.members.map { "\"\($0.key)\":\($0.value.int ?? 0)" }.joined(separator: ",") + "}"
      try expectRefused(
        team.layla, ["edit", "fox", "--label", "third"], code: 65,
        says: ["conflict", "hashiya resolve"])
      // Omar has not seen Layla's value, and changes his own once more.
      try omar("edit", "fox", "--label", "omars second")
      try omar("sync")
      try team.layla("sync")
      try expectRefused(
        team.layla,
        [
          "resolve", "fox", "label", "--take", "layla", "--reason", "r", "--against", clock,
        ], code: 75, says: ["hashiya conflicts"])
      try team.layla("conflicts")
      try expectRefused(
        team.layla, ["resolve", "fox", "label", "--take", "nobody", "--reason", "r"], code: 66,
        says: ["nobody", "omar", "layla"])
      try expectRefused(
        team.layla, ["resolve", "fox", "label", "--take", "9", "--reason", "r"], code: 66,
        says: ["9"])
      try team.layla("resolve", "fox", "label", "--take", "layla", "--reason", "r")
      try expectConverged(team.all, team.server)
      #expect(try omar.json("list")[0]?["label"]?.text == "laylas")
    }
  }
}
