import SimulationKit
import Testing

/// A server that is told to stop while an exchange is under way.
@Suite struct ShutdownTests {
  /// Layla behind a relay, whose sync stands still there when the server is told to stop; then it goes on.
  private func play(
    _ rule: Relay.Rule,
    _ body: (_ layla: Analyst, ServerHost, _ synced: ProcessOutcome) throws -> Void
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
      // Enough that neither the request nor its end fits one packet.
      let note = String(repeating: "long note ", count: 4_000)
      try layla(
        "annotate", Team.article, "--quote", "brown fox", "--label", "claim", "--note", note)

      relay.set(rule)
      let sync = try layla.start(["sync", "--json"])
      try relay.waitUntilHeld()
      let process = try #require(server.process)
      process.signal(15)
      try waitUntilNobodyListens(server.port)
      relay.set(.pass)

      let synced = sync.wait()
      let stopped = try #require(server.stop())
      #expect(stopped.isSuccess, "\(stopped)")
      try body(layla, server, synced)
      try server.start()
      try expectConverged([layla], server)
      #expect(try layla.annotationIDs().count == 1)
      withExtendedLifetime(relay) {}
    }
  }

  @Test(arguments: [
    Relay.Rule.holdRequest(after: 2_000), .holdRequest(after: 20_000), .holdAnswer(after: 0),
    .holdAnswer(after: 300),
  ])
  func `SIGTERM lets an exchange that is under way end, and keeps what it acknowledged`(
    rule: Relay.Rule
  ) throws {
    try play(rule) { _, server, synced in
      #expect(synced.isSuccess, "\(synced)")
      let outcome = try synced.json()
      #expect(outcome["pushed_changes"]?.int == 1)
      #expect(outcome["in_sync"]?.bool == true)
      #expect(try server.digest() == outcome["state_digest"]?.text)
    }
  }

  @Test func `a request whose head comes in pieces is not begun after SIGTERM`() throws {
    try play(.holdRequest(after: 100)) { layla, server, synced in
      #expect(synced.code == 69, "\(synced)")
      expectSays(synced, [server.url, "nothing is lost"])
      let status = try layla.json("status")
      #expect(status["pending_changes"]?.int == 1)
    }
  }

  @Test func `a sync that comes while the server stops is told so, and loses nothing`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      try omar.annotate("brown fox", as: "fox")
      let process = try #require(team.server.process)
      process.signal(15)
      try waitUntilNobodyListens(team.server.port)
      let outcome = try omar.run(["sync"])
      #expect(outcome.code == 69, "\(outcome)")
      #expect(try #require(team.server.stop()).isSuccess)
      try team.server.start()
      try expectConverged(team.all, team.server)
      #expect(try team.layla.annotationIDs().count == 1)
    }
  }

  /// Waits until a server that stops accepts nobody any more.
  private func waitUntilNobodyListens(_ port: Int) throws {
    for _ in 0..<100_000 {
      guard (try? RawHTTP.exchange(Array("GET /health HTTP/1.1\r\n\r\n".utf8), port: port)) != nil
      else { return }
    }
    throw ProcessFailure("the server goes on accepting connections")
  }
}
