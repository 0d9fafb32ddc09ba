import Glibc
import SimulationKit
import Testing

/// A server that is told to stop while an exchange is under way.
@Suite struct ShutdownTests {
  /// Layla behind a relay, whose sync stands still there when the server is told to stop; then it goes on.
  ///
  /// - Parameter isBusy: whether the server finds the request and the signal at once, behind so many
  ///   other connections that it cannot look at all of them before the signal.
  private func play(
    _ rule: Relay.Rule, isBusy: Bool = false,
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
      let process = try #require(server.process)
      var swarm: Swarm?
      if isBusy {
        process.signal(SIGSTOP)
        swarm = Swarm(.silence(.members), count: 500, port: server.port)
        try swarm?.wait { $0.opened >= 500 }
      }
      let sync = try layla.start(["sync", "--json"])
      try relay.waitUntilHeld()
      process.signal(SIGTERM)
      if isBusy { process.signal(SIGCONT) }
      try waitUntilNobodyListens(server.port)
      relay.set(.pass)

      let synced = sync.wait()
      swarm?.stop()
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

  @Test(arguments: [Relay.Rule.holdRequest(after: 2_000), .holdRequest(after: 20_000)])
  func `what has come before SIGTERM is served, though the server has not looked at it yet`(
    rule: Relay.Rule
  ) throws {
    try play(rule, isBusy: true) { _, server, synced in
      #expect(synced.isSuccess, "\(synced)")
      let outcome = try synced.json()
      #expect(outcome["pushed_changes"]?.int == 1)
    }
  }

  @Test func `an answer that is longer than what a socket holds is sent to its end`() throws {
    try Scene.play { scene in
      let server = try scene.server(publicPort: FreePort.next())
      let relay = try Relay(port: server.publicPort, target: server.port)
      let claim = try server.createWorkspace()
      try server.start()
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      let line = "This is a line of an article, and it is as long as most lines are.\n"
      for number in 0..<4 {
        let text = "Article \(number).\n" + String(repeating: line, count: 14_000)
        try layla.write(text.utf8, to: "long\(number).txt")
        try layla("article", "add", "long\(number).txt")
      }
      try layla("publish", claim)
      let omar = try scene.analyst("omar")
      let code = try Team.code(for: "omar", by: layla)

      relay.set(.holdAnswer(after: 300))
      let joining = try omar.start(["join", code, "--json"])
      try relay.waitUntilHeld()
      let process = try #require(server.process)
      process.signal(SIGTERM)
      try waitUntilNobodyListens(server.port)
      relay.set(.pass)
      let joined = joining.wait()
      #expect(joined.isSuccess, "\(joined)")
      let stopped = try #require(server.stop())
      #expect(stopped.isSuccess, "\(stopped)")
      try server.start()
      try expectConverged([layla, omar], server)
      withExtendedLifetime(relay) {}
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
      process.signal(SIGTERM)
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
