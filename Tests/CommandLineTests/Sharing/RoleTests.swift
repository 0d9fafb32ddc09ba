import SimulationKit
import Testing

@Suite struct RoleTests {
  @Test func `an auditor's annotations are refused, all the rest is done, and exit is 77`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let code = try Team.code(for: "aida", by: team.layla, role: "auditor")
      let aida = try scene.analyst("aida")
      try aida("join", code)
      try aida.annotate("brown fox", as: "fox")
      try team.member("omar").annotate("lazy dog", as: "dog")
      try team.member("omar")("sync")
      let outcome = try aida.run(["sync", "--json"])
      #expect(outcome.code == 77, "\(outcome)")
      expectSays(outcome, ["refused 1 change", "hashiya quarantine"])
      let sync = try outcome.json()
      expect(sync, .sync)
      #expect(sync["refused_changes"]?.int == 1)
      #expect(sync["pulled_changes"]?.int == 1)
      let quotes = try aida.json("list").items.map { $0["quote"]?.text }
      #expect(quotes == ["lazy dog"], "what was refused leaves the state, the rest came")
      try expectConverged([aida] + team.all, team.server)
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

      // Too early: it is refused again, and kept again.
      try omar("quarantine", "release", "--all")
      #expect(try omar.run(["sync"]).code == 77)
      #expect(try omar.json("quarantine").items.count == 2)

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
