import SimulationKit
import Testing

@Suite struct MemberTests {
  private static let shape = Shape.array(
    .object([
      "id": .hex(32), "name": .text, "shown_as": .text,
      "role": .word(["annotator", "adjudicator", "auditor", "admin"]),
      "revoked": .bool, "devices": .int, "self": .bool,
    ]))

  private static let warning = "one device alone can administer this workspace"

  private func members(_ analyst: Analyst) throws -> [String: JSON] {
    let members = try analyst.json("member", "list")
    expect(members, Self.shape)
    return Dictionary(
      uniqueKeysWithValues: members.items.map { ($0["name"]?.text ?? "", $0) })
  }

  @Test func `members are listed with role, devices, and who oneself is`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let layla = team.layla
      try layla("invite", "waiting")
      let aida = try scene.analyst("aida")
      try aida("join", try Team.code(for: "aida", by: layla, role: "auditor"))
      try expectConverged(team.all + [aida], team.server)
      for analyst in team.all + [aida] {
        let members = try members(analyst)
        #expect(
          members.mapValues { $0["role"]?.text } == [
            "layla": "admin", "omar": "annotator", "aida": "auditor",
          ])
        #expect(members.values.allSatisfy { $0["devices"]?.int == 1 })
        #expect(members.values.allSatisfy { $0["revoked"]?.bool == false })
        #expect(members.filter { $0.value["self"]?.bool == true }.map(\.key) == [analyst.name])
        let told = try analyst("member", "list").lines
        #expect(told.count == 3)
        #expect(told.contains { $0.contains("aida") && $0.contains("auditor") })
      }
      try layla("member", "revoke", "aida")
      let done = try layla.json("member", "role", "omar", "adjudicator")
      #expect(done["done"]?.bool == true)
      expect(done["pending_changes"], .int)
      try expectConverged(team.all, team.server)
      let changed = try members(team.member("omar"))
      #expect(changed["aida"]?["revoked"]?.bool == true)
      #expect(changed["omar"]?["role"]?.text == "adjudicator")
      #expect(try layla("member", "list").output.contains("revoked"))
    }
  }

  @Test func `one admin with one device is warned of, until there is another of either`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let layla = team.layla
      let warned = try layla("status").output
      #expect(warned.contains(Self.warning))
      #expect(warned.contains("hashiya device add"))
      let nadia = try scene.analyst("nadia")
      let invite = try layla.json("invite", "nadia", "--role", "admin")
      expect(invite, .invite)
      #expect(invite["role"]?.text == "admin")
      try nadia("join", try #require(invite["code"]?.text))
      try layla("sync")
      for analyst in [layla, nadia] {
        #expect(try !analyst("status").output.contains(Self.warning))
      }
      // The second admin can do what the first can, even to the first.
      let omar = try scene.analyst("omar")
      try omar("join", try Team.code(for: "omar", by: nadia))
      try nadia("member", "role", "layla", "annotator")
      try layla("sync")
      try expectRefused(layla, ["invite", "friend"], code: 77, says: ["admin"])
      #expect(try nadia("status").output.contains(Self.warning))
      let code = try #require(nadia.json("device", "add")["code"]?.text)
      let second = try scene.analyst("nadia", on: scene.machine("nadias-phone"))
      try second("join", code)
      try nadia("sync")
      #expect(try !nadia("status").output.contains(Self.warning))
      try second("invite", "friend")
      try expectConverged([layla, nadia, omar, second], team.server)
    }
  }

  @Test func `names are free to choose once`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      for name in ["omar", "layla"] {
        try expectRefused(
          team.layla, ["invite", name], code: 65, says: [name, "already", "another name"])
      }
      try expectRefused(team.layla, ["invite", ""], code: 65, says: ["name"])
      for expiry in ["yesterday", "5", "5y", "2026-13-01"] {
        let outcome = try team.layla.run(["invite", "friend", "--expires", expiry])
        #expect(outcome.code == 64, "\(outcome)")
      }
      for expiry in ["12h", "7d", "2w", "30m", "2099-12-31", "2099-12-31T10:00:00.000Z"] {
        let invite = try team.layla.json(
          "invite", "friend-\(expiry.filter { $0 != ":" })", "--expires", expiry)
        expect(invite["expires"], .time)
      }
    }
  }
}
