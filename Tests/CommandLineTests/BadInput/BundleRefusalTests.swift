import SimulationKit
import SyncProtocol
import Testing

@Suite struct BundleRefusalTests {
  /// Omar's bundle with pending work, and Nadia who is asked to carry it.
  private func play(_ body: (Team, _ bundle: [UInt8], _ nadia: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene, ["omar", "nadia"])
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      try omar("sync", "bundle", "create", "omar.bundle")
      try body(team, fileBytes(omar.folder + "/omar.bundle"), team.member("nadia"))
    }
  }

  @Test func `a bundle that is cut short anywhere is refused`() throws {
    try play { team, bundle, nadia in
      let before = try StoreSnapshot(nadia)
      let log = try team.server.digest()
      for length in [0, 1, 4, 8, 9, bundle.count / 3, bundle.count / 2, bundle.count - 33]
        + [bundle.count - 32, bundle.count - 1]
      {
        let file = try nadia.write(bundle.prefix(length), to: "short.bundle")
        let outcome = try nadia.run(["sync", "bundle", "apply", file])
        #expect(outcome.code == 65, "\(length) bytes: \(outcome)")
        expectSays(outcome, ["bundle"])
        let atServer = try team.server.run(["bundle", "apply", file])
        #expect(atServer.code == 65, "\(length) bytes: \(atServer)")
      }
      #expect(try StoreSnapshot(nadia) == before)
      #expect(try team.server.digest() == log)
      try expectHealthy(nadia)
    }
  }

  @Test func `what a bundle holds for the server is refused as what it is`() throws {
    try play { team, bytes, _ in
      let bundle = try Bundle(decoding: bytes)
      // Fields of `HealingFrame`; leaf and prefix are empty.
      let kinds: [[UInt8]] = [[0x0A] + framed(bundle.checkpoint), [0x12, 0], [0x1A, 0]]
      let cases: [(held: [[UInt8]], words: String)] = [
        (kinds, "altered"), ([kinds[0], kinds[1]], "altered"),
        ([kinds[0], [0x78, 0x01]], "newer version"),
        ([kinds[0]] + Array(repeating: kinds[2], count: 5), "altered"),
        ([kinds[1]], "altered"),
      ]
      let size = try team.server.size()
      for (held, words) in cases {
        let made = Bundle(
          workspace: bundle.workspace, from: bundle.from, to: bundle.to, entries: bundle.entries,
          checkpoint: bundle.checkpoint, pending: [], held: held)
        let file = try team.layla.write(made.encoded, to: "held.bundle")
        let outcome = try team.server.run(["bundle", "apply", file])
        #expect(outcome.code == 65, "\(held): \(outcome)")
        expectSays(outcome, [words])
      }
      #expect(try team.server.size() == size)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a bundle in which any byte is altered is refused`() throws {
    try play { team, bundle, nadia in
      let before = try StoreSnapshot(nadia)
      let step = max(1, bundle.count / 44)
      for position in stride(from: 0, to: bundle.count, by: step) {
        var altered = bundle
        altered[position] ^= 1 << (position % 8)
        let file = try nadia.write(altered, to: "altered.bundle")
        let outcome = try nadia.run(["sync", "bundle", "apply", file])
        #expect(outcome.code == 65, "byte \(position): \(outcome)")
        expectSays(outcome, ["bundle"])
      }
      #expect(try StoreSnapshot(nadia) == before)
      try expectHealthy(nadia)
      let size = try team.server.json("status")["workspaces"]?[0]?["size"]?.int
      for position in stride(from: 0, to: bundle.count, by: step * 6) {
        var altered = bundle
        altered[position] ^= 0xFF
        let file = try nadia.write(altered, to: "altered.bundle")
        #expect(try team.server.run(["bundle", "apply", file]).code == 65)
      }
      #expect(try team.server.json("status")["workspaces"]?[0]?["size"]?.int == size)
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `a bundle of another workspace, or none at all, is refused`() throws {
    try play { team, bundle, nadia in
      let stranger = try team.scene.analyst("stranger")
      try stranger("init", "--analyst", "stranger")
      try stranger.write(Team.text.utf8, to: Team.article)
      try stranger("article", "add", Team.article)
      try stranger("sync", "bundle", "create", "stranger.bundle")
      let foreign = stranger.folder + "/stranger.bundle"
      try expectRefused(
        nadia, ["sync", "bundle", "apply", foreign], code: 65, says: ["another workspace"])
      try expectRefused(
        stranger, ["sync", "bundle", "apply", stranger.write(bundle, to: "omar.bundle")],
        code: 65, says: ["another workspace"])
      let atServer = try team.server.run(["bundle", "apply", foreign])
      #expect(atServer.code == 65, "\(atServer)")
      expectSays(atServer, ["workspace"])
      try expectRefused(
        nadia, ["sync", "bundle", "apply", nadia.write(Team.text.utf8, to: "x")], code: 65,
        says: ["no bundle"])
      try expectRefused(
        nadia, ["sync", "bundle", "apply", "missing.bundle"], code: 66,
        says: ["missing.bundle"])
      let omar = try team.member("omar")
      try expectRefused(
        omar, ["sync", "bundle", "create", "omar.bundle"], code: 73, says: ["omar.bundle"])
    }
  }

  @Test func `a bundle that begins beyond what a store has is refused, and says what to ask for`()
    throws
  {
    try play { team, _, nadia in
      let omar = try team.member("omar")
      let known = try #require(nadia.json("status")["log"]?["size"]?.int)
      try omar("sync")
      try omar.annotate("lazy dog", as: "dog")
      try omar("sync")
      try omar("sync", "bundle", "create", "late.bundle", "--since", "\(known + 1)")
      try expectRefused(
        nadia, ["sync", "bundle", "apply", omar.folder + "/late.bundle"], code: 65,
        says: ["--since"])
    }
  }
}
