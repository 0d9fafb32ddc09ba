import SimulationKit
import Testing

@Suite struct DeviceTests {
  private static let shape = Shape.array(
    .object([
      "replica": .hex(32), "analyst": .text, "name": .text, "member": .hex(32),
      "enrolled_at": .orNull(.int),
      "predecessor": .orNull(.hex(32)), "revoked": .bool, "current": .bool,
    ]))

  /// A team, and Omar's second device.
  private func play(_ body: (Team, _ omar: Analyst, _ second: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      let added = try omar.json("device", "add", "--expires", "1h")
      expect(added, .object(["code": .text, "expires": .time]))
      let second = try scene.analyst("omar", on: scene.machine("second-laptop"))
      let joined = try second.json("join", try #require(added["code"]?.text))
      expect(joined, .identity)
      #expect(joined["analyst"]?.text == "omar")
      try body(team, omar, second)
    }
  }

  private func devices(_ analyst: Analyst, _ member: String) throws -> [JSON] {
    let devices = try analyst.json("device", "list", "--member", member)
    expect(devices, Self.shape)
    return devices.items
  }

  @Test func `a second device is the same member with another replica`() throws {
    try play { team, omar, second in
      try second.annotate("lazy dog", as: "dog")
      try expectConverged(team.all + [second], team.server)
      #expect(try omar.replica() != second.replica())
      let members = try team.layla.json("member", "list").items
      #expect(members.count == 2)
      #expect(members.first { $0["name"]?.text == "omar" }?["devices"]?.int == 2)
      for analyst in team.all + [second] {
        #expect(try analyst.annotationIDs().count == 2)
        let list = try analyst.json("list").items
        #expect(list.allSatisfy { $0["analyst"]?.text == "omar" })
        let omars = try devices(analyst, "omar")
        #expect(
          try Set(omars.compactMap { $0["replica"]?.text }) == [omar.replica(), second.replica()])
        #expect(Set(omars.map { $0["member"] }).count == 1)
        #expect(
          omars.allSatisfy { $0["revoked"]?.bool == false && $0["predecessor"]?.isNull == true })
        let current = try analyst.json("device", "list").items.filter {
          $0["current"]?.bool == true
        }
        #expect(try current.map { $0["replica"]?.text } == [analyst.replica()])
        #expect(try analyst.json("device", "list").items.count == 3)
        #expect(try devices(analyst, "nobody").isEmpty)
      }
      // The two differ like any others, and the dots that people see tell them apart.
      try omar("edit", "fox", "--label", "first")
      try second("edit", "fox", "--label", "second")
      try expectConverged(team.all + [second], team.server)
      let siblings = try omar.conflict("label")["siblings"]?.items ?? []
      #expect(siblings.map { $0["analyst"]?.text } == ["omar", "omar"])
      try expectRefused(
        omar, ["resolve", "fox", "label", "--take", "omar", "--reason", "r"], code: 65,
        says: ["omar wrote several"])
    }
  }

  @Test func `a device's code works once, and is never of the past`() throws {
    try play { team, omar, _ in
      let past = try omar.run(["device", "add", "--expires", "2020-01-01"])
      #expect(past.code == 64, "\(past)")
      let third = try team.scene.analyst("omar", on: team.scene.machine("third"))
      let code = try #require(omar.json("device", "add")["code"]?.text)
      try third("join", code)
      let fourth = try team.scene.analyst("omar", on: team.scene.machine("fourth"))
      let spent = try fourth.run(["join", code])
      #expect(spent.code == 77, "\(spent)")
      expectSays(spent, ["used"])
      try omar("sync")
      #expect(try devices(omar, "omar").count == 3)
      #expect(try team.layla.run(["device", "add", "--expires", "soon"]).code == 64)
    }
  }

  @Test func `a revoked device is closed, and the other device of the member goes on`() throws {
    try play { team, omar, second in
      let replica = try second.replica()
      try omar("sync")
      try second.annotate("lazy dog", as: "dog")
      let done = try omar.json("device", "revoke", String(replica.prefix(12)))
      expect(done, .object(["done": .bool, "pending_changes": .int]))
      try expectRefused(second, ["sync"], code: 77, says: ["revoked"])
      #expect(try second.annotationIDs().count == 2, "what was made there stays there")
      try omar.annotate("quick", as: "quick")
      try expectConverged(team.all, team.server)
      let states = try devices(team.layla, "omar").map {
        [$0["replica"]?.text == replica, $0["revoked"]?.bool]
      }
      #expect(Set(states) == [[true, true], [false, false]])
      #expect(try team.layla("device", "list").output.contains("revoked"))
      #expect(try team.layla.annotationIDs().count == 2)
      let members = try team.layla.json("member", "list").items
      #expect(members.first { $0["name"]?.text == "omar" }?["revoked"]?.bool == false)
      try expectRefused(omar, ["device", "revoke", "ffff"], code: 66, says: ["no device ffff"])
    }
  }
}
