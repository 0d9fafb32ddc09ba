import SimulationKit
import Testing

@Suite struct InviteTests {
  private static let shape = Shape.array(
    .object([
      "id": .hex(64), "name": .text,
      "role": .word(["annotator", "adjudicator", "auditor", "admin"]), "device": .bool,
      "state": .word(["pending", "open", "expired", "spent", "withdrawn", "ended"]),
      "issuer": .text, "expires": .orNull(.time), "leaf": .orNull(.int), "time": .orNull(.time),
      "ended_by": .orNull(.text),
    ]))

  private func invites(_ analyst: Analyst) throws -> [[String?]] {
    let invites = try analyst.json("invite", "list", "--all")
    expect(invites, Self.shape)
    return invites.items.map { [$0["name"]?.text, $0["state"]?.text, $0["ended_by"]?.text] }
  }

  @Test func `an invite is open until it is withdrawn, and then admits nobody`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let layla = team.layla
      let code = try Team.code(for: "omar", by: layla)
      #expect(try invites(layla) == [["omar", "open", nil]])
      #expect(try layla("invite", "list").output.contains("omar"))
      // A second one would make a second member of the name.
      try expectRefused(
        layla, ["invite", "omar"], code: 65, says: ["open already", "invite withdraw omar"])
      let done = try layla.json("invite", "withdraw", "\u{2068}omar\u{2069}")
      expect(done, .object(["done": .bool, "pending_changes": .int]))
      #expect(try invites(layla) == [["omar", "withdrawn", "layla"]])
      #expect(try layla.json("invite", "list").items.isEmpty)
      let omar = try scene.analyst("omar")
      let refused = try omar.run(["join", code])
      #expect(refused.code == 77, "\(refused)")
      expectSays(refused, ["layla has withdrawn the invite"])
      #expect(try omar.run(["status"]).code == 66, "nothing was made")
      // Again, and the second code is good.
      try omar("join", try Team.code(for: "omar", by: layla), "--device", "field laptop")
      try layla("sync")
      try expectRefused(
        layla, ["invite", "withdraw", "omar"], code: 65,
        says: ["omar on field laptop has joined", "member revoke omar"])
      #expect(
        try invites(layla) == [
          ["omar", "withdrawn", "layla"], ["omar", "spent", "omar on field laptop"],
        ])
      try expectRefused(layla, ["invite", "withdraw", "sami"], code: 66, says: ["no invite sami"])
      try expectConverged([layla, omar], team.server)
    }
  }

  @Test func `an invite ends by its maker or an admin, and audits say whose it was`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let (layla, omar) = (team.layla, try team.member("omar"))
      try layla("invite", "sami", "--role", "auditor")
      try omar("sync")
      try expectRefused(
        omar, ["invite", "withdraw", "sami"], code: 77, says: ["did not make the invite"])
      let device = try #require(omar.json("device", "add")["code"]?.text)
      try omar("invite", "withdraw", "omar")
      let phone = try scene.analyst("omar", on: scene.machine("phone"))
      #expect(try phone.run(["join", device]).code == 77)
      // By the beginning of its id.
      let open = try layla.json("invite", "list").items
      let id = try #require(open.first { $0["name"]?.text == "sami" }?["id"]?.text)
      try layla("invite", "withdraw", String(id.prefix(6)))
      try expectConverged(team.all, team.server)
      for leaves in [try layla.json("audit", "list"), try team.server.json("audit", "list")] {
        let acts = leaves.items.filter { $0["act"]?.text == "uninvite" }
        #expect(acts.map { $0["type"]?.text } == ["member", "member"])
        #expect(acts.map { $0["subject"]?.text } == ["another device of omar", "sami"])
        let made = leaves.items.filter { $0["act"]?.text == "invite" }
        #expect(
          made.map { $0["subject"]?.text }
            == ["omar as annotator", "sami as auditor", "another device of omar"])
      }
      let last = try layla.json("audit", "list").items.count - 1
      #expect(try layla("audit", "show", "\(last)").output.contains("sami"))
      #expect(try layla("log").output.contains("uninvite  sami"))
      // A person may be called like a command.
      try layla("invite", "create", "list")
      #expect(try layla("invite", "list").output.contains("list"))
    }
  }

  @Test func `revoking a person ends every invite that would let the person in again`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["nadia"])
      let (layla, nadia) = (team.layla, try team.member("nadia"))
      try layla("member", "role", "nadia", "admin")
      try nadia("sync")
      // Neither admin has heard of the other's invite.
      let codes = try [layla, nadia].map { try Team.code(for: "omar", by: $0) }
      let omar = try scene.analyst("omar")
      try omar("join", codes[0])
      try layla("sync")
      let revoked = try layla("member", "revoke", "omar")
      #expect(revoked.output.contains("omar is revoked; 1 open invite ended"), "\(revoked)")
      let again = try scene.analyst("omar", on: scene.machine("again"))
      let refused = try again.run(["join", codes[1]])
      #expect(refused.code == 77, "\(refused)")
      expectSays(refused, ["omar, for whom the invite was, has been revoked"])
      try expectConverged([layla, nadia], team.server)
      #expect(try layla.json("member", "list").items.count == 3)
      // One that an admin makes afterwards is a decision, and stands: another member of that name.
      try again("join", try Team.code(for: "omar", by: nadia))
      try layla("sync")
      let members = try layla.json("member", "list").items.filter { $0["name"]?.text == "omar" }
      #expect(members.map { $0["revoked"]?.bool } == [true, false])
      #expect(Set(members.map { $0["shown_as"]?.text }).count == 2)
      try expectConverged([layla, nadia, again], team.server)
    }
  }

  @Test func `two members of one name are shown, told apart, and named apart`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["nadia"])
      let (layla, nadia) = (team.layla, try team.member("nadia"))
      try layla("member", "role", "nadia", "admin")
      try nadia("sync")
      let omars = try [layla, nadia].enumerated().map { index, admin in
        let omar = try scene.analyst("omar", on: scene.machine("omars-\(index)"))
        try omar("join", try Team.code(for: "omar", by: admin))
        return omar
      }
      try omars[0].annotate("brown fox", as: "fox")
      try omars[1].annotate("lazy dog", as: "dog")
      try expectConverged([layla, nadia] + omars, team.server)
      let members = try layla.json("member", "list").items.filter { $0["name"]?.text == "omar" }
      let shown = members.compactMap { $0["shown_as"]?.text }
      let ids = members.compactMap { $0["id"]?.text }
      #expect(zip(shown, ids).allSatisfy { $0.hasPrefix("omar-\($1.prefix(4))") })
      #expect(try layla.json("status")["namesakes"]?.items == [.text("omar")])
      let status = try layla("status").output
      #expect(status.contains("2 members are called omar"), "\(status)")
      #expect(try layla("doctor").output.contains("2 members are called omar"))
      expectSays(try layla("member", "list"), ["2 members are called omar", "member rename"])
      #expect(try Set(layla.json("list").items.map { $0["analyst"]?.text }) == Set(shown))
      #expect(try layla.json("audit", "list").items.contains { $0["analyst"]?.text == shown[0] })
      // Reading takes all of the name, or the one that is meant; an act has to mean one.
      #expect(try layla.json("list", "--analyst", "omar").items.count == 2)
      #expect(
        try layla.json("list", "--analyst", shown[1]).items.map { $0["quote"]?.text } == [
          "lazy dog"
        ])
      try expectRefused(
        layla, ["member", "role", "omar", "auditor"], code: 65,
        says: ["several members are called omar"] + shown)
      try layla("member", "rename", shown[1], "omar said")
      try expectConverged([layla, nadia] + omars, team.server)
      #expect(try layla.json("status")["namesakes"]?.items == [])
      #expect(
        try Set(layla.json("list").items.map { $0["analyst"]?.text }) == ["omar", "omar said"])
    }
  }

  @Test(arguments: [("Same", "same"), ("ÉTÉ", "été"), ("omar", "omar")])
  func `two members whose names read alike can each be acted on`(one: String, other: String) throws
  {
    try Scene.play { scene in
      let team = try Team(scene, ["nadia"])
      let (layla, nadia) = (team.layla, try team.member("nadia"))
      try layla("member", "role", "nadia", "admin")
      try nadia("sync")
      for (index, (admin, name)) in [(layla, one), (nadia, other)].enumerated() {
        let person = try scene.analyst("person", on: scene.machine("machine-\(index)"))
        try person("join", try Team.code(for: name, by: admin))
      }
      try layla("sync")
      let members = try layla.json("member", "list").items.suffix(2)
      let shown = members.compactMap { $0["shown_as"]?.text }
      #expect(Set(shown).count == 2 && shown.allSatisfy { $0.contains("-") }, "\(shown)")
      try expectRefused(
        layla, ["member", "role", one, "auditor"], code: 65, says: ["several members"] + shown)
      try layla("member", "role", shown[0], "auditor")
      try layla("member", "revoke", shown[1])
      let after = try layla.json("member", "list").items.suffix(2)
      #expect(after.map { $0["role"]?.text } == ["auditor", "annotator"])
      #expect(after.map { $0["revoked"]?.bool } == [false, true])
    }
  }

  @Test func `whoever joined under another name, or just now, is told how to be acted on`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let layla = team.layla
      try layla("member", "rename", "omar", "Omar Said")
      try expectRefused(
        layla, ["invite", "withdraw", "omar"], code: 65,
        says: ["has joined with the invite for omar", "hashiya member revoke 'Omar Said'"])
      let tim = try scene.analyst("tim")
      try tim("join", try Team.code(for: "tim", by: layla))
      try expectRefused(
        layla, ["member", "role", "tim", "auditor"], code: 66, says: ["tim", "after hashiya sync"])
      try layla("sync")
      try layla("member", "role", "tim", "auditor")
      expectSays(
        try layla("invite", "--", "-x"), ["hashiya invite withdraw -- -x"])
      try layla("invite", "withdraw", "--", "-x")
    }
  }
}
