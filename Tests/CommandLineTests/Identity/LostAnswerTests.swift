import SimulationKit
import Testing

@Suite struct LostAnswerTests {
  /// A team behind a relay.
  private func play(
    _ body: (Scene, ServerHost, Relay, _ layla: Analyst, _ omar: Analyst) throws -> Void
  ) throws {
    try Scene.play { scene in
      let server = try scene.server(publicPort: FreePort.next())
      let relay = try Relay(port: server.publicPort, target: server.port)
      let claim = try server.createWorkspace()
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla("publish", claim)
      let omar = try scene.analyst("omar")
      try omar("join", try Team.code(for: "omar", by: layla))
      try body(scene, server, relay, layla, omar)
      withExtendedLifetime(relay) {}
    }
  }

  @Test func `a push whose answer is lost is recognised when it comes again`() throws {
    try play { _, server, relay, layla, omar in
      try omar.annotate("brown fox", as: "fox")
      relay.set(.cutAnswer(after: 0))
      for command in [["sync", "push"], ["sync"]] {
        let lost = try omar.run(command)
        #expect(lost.code == 69, "\(lost)")
        expectSays(lost, [server.url])
      }
      #expect(relay.cutCount >= 2)
      relay.set(.pass)
      #expect(try omar.json("status")["pending_changes"]?.int == 1)
      let size = try server.json("status")["workspaces"]?[0]?["size"]?.int
      let sync = try omar.json("sync")
      #expect(sync["in_sync"]?.bool == true)
      #expect(try server.json("status")["workspaces"]?[0]?["size"]?.int == size)
      try expectConverged([omar, layla], server)
      #expect(try layla.annotationIDs().count == 1)
      #expect(try layla.enrolments() == 1)
      #expect(try omar.enrolments() == 1)
    }
  }

  @Test func `work whose answer was lost before the store was copied counts once`() throws {
    try play { _, server, relay, layla, omar in
      try omar.annotate("brown fox", as: "fox")
      relay.set(.cutAnswer(after: 0))
      #expect(try omar.run(["sync"]).code == 69)
      relay.set(.pass)
      let copy = try omar.copied(to: "second-laptop")
      try copy.annotate("lazy dog", as: "dog")
      try omar.annotate("quick", as: "quick")
      try copy("sync")
      try omar("sync")
      try expectConverged([omar, copy, layla], server)
      #expect(try layla.annotationIDs().count == 3)
      #expect(try omar.enrolments() == 2)
    }
  }

  @Test func `a join whose answer was lost goes on with sync`() throws {
    try play { scene, server, relay, layla, omar in
      let code = try Team.code(for: "nadia", by: layla)
      let nadia = try scene.analyst("nadia")
      relay.set(.cutAnswer(after: 0))
      let lost = try nadia.run(["join", code])
      #expect(lost.code == 69, "\(lost)")
      expectSays(lost, ["hashiya sync"])
      relay.set(.pass)
      try nadia("sync")
      try expectConverged([layla, omar, nadia], server)
      #expect(try nadia.enrolments() == 1)
    }
  }

  @Test func `a connection that ends before its answer begins is followed by another`() throws {
    try play { _, server, relay, layla, omar in
      try omar.annotate("brown fox", as: "fox")
      let rules: [Relay.Rule] = [.cutAnswer(after: 0), .cutRequest(after: 0)]
      for (number, rule) in rules.enumerated() {
        relay.set(rule, connections: 2)
        #expect(try omar.json("sync")["in_sync"]?.bool == true)
        try omar.annotate("lazy dog", as: "dog-\(number)")
      }
      #expect(relay.cutCount == 4)
      try expectConverged([omar, layla], server)
      #expect(try layla.annotationIDs().count == 3)
      #expect(try omar.enrolments() == 1)
    }
  }

  @Test func `a server that goes away at any byte of a transfer costs nothing`() throws {
    try play { _, server, relay, layla, omar in
      for step in 0..<12 {
        try layla.annotate("lazy dog", as: "layla-\(step)", label: "l-\(step)")
        try layla.run(["sync"])
        try omar.annotate("brown fox", as: "omar-\(step)", label: "o-\(step)")
        relay.set(step % 2 == 0 ? .cutRequest(after: 90 * step) : .cutAnswer(after: 110 * step))
        let cut = try omar.run(["sync"])
        #expect(cut.code == 69, "step \(step): \(cut)")
        expectSays(cut, [server.url])
        relay.set(.pass)
        try expectHealthy(omar)
      }
      try expectConverged([omar, layla], server)
      #expect(try layla.annotationIDs().count == 24)
      #expect(try omar.enrolments() == 1)
    }
  }
}
