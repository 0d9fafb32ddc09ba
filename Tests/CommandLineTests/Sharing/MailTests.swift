import SimulationKit
import Testing

@Suite struct MailTests {
  /// Omar, without a network, hands Nadia a bundle with two pieces of work.
  private func play(
    _ body: (Team, _ omar: Analyst, _ nadia: Analyst, _ bundle: String) throws -> Void
  ) throws {
    try Scene.play { scene in
      let team = try Team(scene, ["nadia", "omar"])
      let (omar, nadia) = (try team.member("omar"), try team.member("nadia"))
      try omar.annotate("brown fox", as: "fox")
      try omar.annotate("lazy dog", as: "dog")
      let bundle = omar.folder + "/omar.bundle"
      let made = try omar.json("sync", "bundle", "create", bundle)
      expect(made, .object(["file": .text, "bytes": .int]))
      try body(team, omar, nadia, bundle)
    }
  }

  private func expectOnce(_ team: Team, works: Int) throws {
    try expectConverged(team.all, team.server)
    for analyst in team.all {
      let ids = try analyst.annotationIDs()
      #expect(ids.count == works)
      #expect(Set(ids).count == works)
      #expect(try analyst.json("member", "list").items.count == 3)
    }
    #expect(
      try team.layla.json("audit", "list").items.filter { $0["type"]?.text == "enrol" }.count == 2)
  }

  @Test func `Omar's pending work reaches the server with Nadia's sync, once`() throws {
    try play { team, omar, nadia, bundle in
      let before = try nadia.digest()
      let applied = try nadia.json("sync", "bundle", "apply", bundle)
      #expect(applied["mail_batches"]?.int == 1)
      #expect(try nadia.digest() == before, "mail is in nobody's state before the log has it")
      #expect(try nadia.annotationIDs() == [])
      try nadia("sync", "bundle", "apply", bundle)
      try nadia("sync")
      #expect(try nadia.annotationIDs().count == 2)
      #expect(try team.server.json("status")["workspaces"]?[0]?["conflicts"]?.int == 0)
      let size = try team.server.json("status")["workspaces"]?[0]?["size"]?.int
      // Omar has a network again; the log has his work already.
      let sync = try omar.json("sync")
      #expect(sync["in_sync"]?.bool == true)
      #expect(try team.server.json("status")["workspaces"]?[0]?["size"]?.int == size)
      try expectOnce(team, works: 2)
    }
  }

  @Test func `mail that is late brings nothing twice`() throws {
    try play { team, omar, nadia, bundle in
      try nadia("sync", "bundle", "apply", bundle)
      try omar.annotate("quick", as: "quick")
      try omar("sync")
      try nadia("sync")
      try nadia("sync", "bundle", "apply", bundle)
      try nadia("sync")
      try expectOnce(team, works: 3)
    }
  }

  @Test func `the operator can apply the bundle, while serving or not, and again`() throws {
    try play { team, omar, _, bundle in
      let first = try team.server.json("bundle", "apply", bundle)
      #expect(first["appended"]?.int == 1)
      #expect(first["refused"] == .items([]))
      let again = try team.server.json("bundle", "apply", bundle)
      #expect(again["appended"]?.int == 0)
      #expect(again["known"]?.int == 1)
      try omar.annotate("quick", as: "quick")
      try expectOnce(team, works: 3)
      team.server.stop()
      try omar.annotate("Here", as: "here")
      try omar("sync", "bundle", "create", "second.bundle")
      let stopped = try team.server.json("bundle", "apply", omar.folder + "/second.bundle")
      #expect(stopped["appended"]?.int == 1)
      try team.server.start()
      try expectOnce(team, works: 4)
    }
  }

  @Test func `a bundle brings whoever applies it along the log`() throws {
    try play { team, omar, nadia, _ in
      try omar("sync")
      try omar("sync", "bundle", "create", "log.bundle")
      team.server.stop()
      let had = try #require(nadia.json("status")["log"]?["size"]?.int)
      let has = try #require(omar.json("status")["log"]?["size"]?.int)
      let applied = try nadia.json("sync", "bundle", "apply", omar.folder + "/log.bundle")
      #expect(applied["leaves"]?.int == has - had)
      #expect(try nadia.digest() == omar.digest())
      #expect(try nadia.annotationIDs().count == 2)
      try team.server.start()
      try expectOnce(team, works: 2)
    }
  }
}
