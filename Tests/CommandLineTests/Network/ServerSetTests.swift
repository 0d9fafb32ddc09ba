import SimulationKit
import Testing

@Suite struct ServerSetTests {
  @Test func `a server that moved is followed, with the key that is pinned`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      let key = try #require(try omar.json("server", "show")["key"]?.text)
      let moved = try ProxyHost(target: team.server.port)
      try omar.annotate("brown fox", as: "fox")
      let set = try omar.json("server", "set", moved.url + "/")
      #expect(set["url"]?.text == moved.url)
      #expect(set["key"]?.text == key)
      #expect(set["name"]?.text == "press")
      #expect(set["authorities"]?.isNull == true)
      #expect(try omar.json("sync")["in_sync"]?.bool == true)
      #expect(moved.passedBodies.count > 0)
      #expect(try omar.json("status")["server"]?.text == moved.url)
      try expectConverged(team.all, team.server)
      withExtendedLifetime(moved) {}
    }
  }

  @Test func `another log at the new address is refused`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      let other = try scene.server("other", origin: "other.example/log")
      let claim = try other.createWorkspace()
      try other.start()
      let nadia = try scene.analyst("nadia")
      try nadia("init", "--analyst", "nadia")
      try nadia("publish", claim)
      let before = try StoreSnapshot(omar)
      try omar("server", "set", other.url)
      let outcome = try omar.run(["sync"])
      #expect(!outcome.isSuccess, "\(outcome)")
      #expect(try StoreSnapshot(omar).holds(thatOf: before))
      try omar("server", "set", team.server.url)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `what is no address, or would go unencrypted, is refused`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      for wrong in [
        "gloss.example", "ftp://gloss.example", "https://", "https://a b", "https://u@h",
        "https://h:0", "https://h:99999", "https://h?x", "https://h/path", "https://h#x",
        "https://" + String(repeating: "h", count: 1_017),
      ] {
        try expectRefused(
          team.layla, ["server", "set", wrong], code: 64, says: ["address of a server"])
      }
      try expectRefused(
        team.layla, ["server", "set", "http://gloss.example"], code: 64,
        says: ["unencrypted", "https://"])
      try team.layla("server", "set", "https://" + String(repeating: "h", count: 1_016))
      let alone = try scene.analyst("alone")
      try alone("init", "--analyst", "alone")
      try expectRefused(
        alone, ["server", "set", "https://gloss.example"], code: 66, says: ["publish"])
      #expect(try alone.run(["server"]).code == 66)
    }
  }
}

extension StoreSnapshot {
  /// Whether it is the same but for the server's address.
  fileprivate func holds(thatOf other: StoreSnapshot) -> Bool {
    without("server") == other.without("server")
  }
}
