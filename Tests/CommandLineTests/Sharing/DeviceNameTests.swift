import SimulationKit
import Testing

@Suite struct DeviceNameTests {
  private func devices(_ analyst: Analyst) throws -> [JSON] {
    try analyst.json("device", "list").items
  }

  @Test func `devices have names, dates, a last leaf, and say whose successor they are`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let layla = team.layla
      let omar = try scene.analyst("omar")
      try omar("join", try Team.code(for: "omar", by: layla), "--device", "\u{2068}أجهزة\u{2069}")
      let copy = try omar.copied(to: "copy")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync")
      try copy.annotate("lazy dog", as: "dog")
      try copy("sync")
      try layla("sync")
      let listed = try devices(layla)
      #expect(listed.count == 3)
      #expect(listed[0]["name"]?.text?.isEmpty == false, "the host's name")
      #expect(listed.dropFirst().map { $0["name"]?.text } == ["أجهزة", "أجهزة"])
      for device in listed {
        expect(device["enrolled_time"], .time)
        expect(device["last_leaf"], .int)
        expect(device["last_time"], .time)
      }
      #expect(try listed[2]["predecessor"]?.text == omar.replica())
      let told = try layla("device", "list").output
      #expect(told.contains("successor of أجهزة"), "\(told)")
      // The name means the first of those that continue each other, and closing it closes them.
      try layla("device", "revoke", "أجهزة")
      let states = try devices(layla).map { $0["revoked"]?.bool }
      #expect(states == [false, true, true])
    }
  }

  @Test func `a name that several people's devices have means none of them`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let layla = team.layla
      for name in ["omar", "nadia"] {
        let analyst = try scene.analyst(name)
        try analyst("join", try Team.code(for: name, by: layla), "--device", "laptop")
      }
      try layla("sync")
      try expectRefused(
        layla, ["device", "revoke", "laptop"], code: 65,
        says: ["can mean 2 devices", "omar's device laptop", "nadia's device laptop"])
      let digits = try #require(devices(layla).last?["replica"]?.text?.prefix(8))
      let done = try layla("device", "revoke", String(digits))
      #expect(done.output.contains("nadia's device laptop (\(digits)) is closed"), "\(done)")
      // Now the name means the one that is left.
      try layla("device", "revoke", "LAPTOP")
      #expect(try devices(layla).map { $0["revoked"]?.bool } == [false, true, true])
    }
  }

  @Test(arguments: ["a\nb", "\u{7}", String(repeating: "x", count: 257)])
  func `a device's name is like a person's`(name: String) throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      let outcome = try layla.run(["init", "--analyst", "layla", "--device", name])
      #expect(outcome.code == 65, "\(outcome)")
      #expect(try layla.run(["status"]).code == 66, "nothing was made")
      try layla("init", "--analyst", "layla", "--device", "")
      #expect(try devices(layla).map { $0["name"]?.text } == [""])
    }
  }
}
