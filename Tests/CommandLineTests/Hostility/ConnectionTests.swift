import SimulationKit
import Testing

/// Connections as RFC 9112 has them, and with as many files as the system gives.
@Suite struct ConnectionTests {
  private func lines(_ lines: String..., body: String = "") -> [UInt8] {
    Array(((lines + ["", ""]).joined(separator: "\r\n") + body).utf8)
  }

  @Test func `a request names its host once, and an old one closes its connection`() throws {
    try Scene.play { scene in
      let server = try scene.server().start()
      func answer(_ bytes: [UInt8]) throws -> RawAnswer {
        try #require(try RawHTTP.exchange(bytes, port: server.port))
      }
      let twice = lines("GET /health HTTP/1.1", "Host: a", "Host: b")
      for request in [lines("GET /health HTTP/1.1"), twice] {
        let refused = try answer(request)
        #expect(refused.status == 400)
        #expect(refused.header("connection") == "close")
        #expect(try JSON(parsing: refused.body)["code"]?.text == "malformed")
      }
      for request in [
        lines("GET /health HTTP/1.0"), lines("GET /health HTTP/1.0", "Connection: keep-alive"),
        lines("GET /health HTTP/1.1", "Host: a"),
      ] {
        // Answered and closed: the reading ends.
        let served = try answer(request)
        #expect(served.status == 200)
        #expect(served.header("connection") == "close")
      }
    }
  }

  @Test func `an early answer says that it closes, and closes, whatever still comes`() throws {
    try Scene.play { scene in
      let server = try scene.server().start()
      for head in [
        lines("POST /v1/workspaces/x/exchange HTTP/1.1", "Host: a", "Content-Length: 300000000"),
        lines("POST /nothing HTTP/1.1", "Host: a", "Content-Length: 300000000"),
        lines("POST /health HTTP/1.1", "Host: a", "Transfer-Encoding: chunked"),
        lines("GET /health HTTP/1.1", "Host: a", "Content-Length: 300000000"),
      ] {
        let answer = try #require(try RawHTTP.exchange(head + [0x31], port: server.port))
        #expect(answer.header("connection") == "close")
      }
    }
  }

  @Test func `a request behind another is not served before that is answered, and none is lost`()
    throws
  {
    try Scene.play { scene in
      let server = try scene.server().start()
      let request = lines("GET /health HTTP/1.1", "Host: a")
      let answer = try #require(
        try RawHTTP.exchange(request + request + request, port: server.port))
      #expect(answer.status == 200)
      #expect(answer.header("connection") == "close")
      #expect(!String(decoding: answer.body, as: UTF8.self).contains("HTTP/1.1"))
    }
  }

  @Test func `with few files open places are fewer, the operator is told, and members are served`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      let refused = try team.server.serveOnce(port: team.server.port, filesMax: 24)
      #expect(refused.code == 73, "\(refused)")
      expectSays(refused, ["24 files", "LimitNOFILE"])
      try team.server.start(filesMax: 64)
      try #require(team.server.process).wait(forMessage: "64 files open, which leaves room for")
      let swarm = Swarm(.silence(.one), count: 100, port: team.server.port)
      try swarm.wait { $0.opened >= 100 }
      try expectConverged(team.all, team.server)
      swarm.stop()
    }
  }

  @Test
  func `without a file for it a connection waits, the log says so, and the server does not spin`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let process = try #require(team.server.process)
      try limitFiles(of: process, to: 10, in: scene)
      let swarm = Swarm(.silence(.one), count: 3, port: team.server.port)
      try process.wait(forMessage: "cannot accept a connection")
      let before = try process.usage().seconds
      try process.wait(forMessage: "cannot accept a connection", times: 3)
      #expect(try process.usage().seconds - before < 0.5, "it tries again once a second")
      try limitFiles(of: process, to: 1_024, in: scene)
      swarm.stop()
      try expectConverged(team.all, team.server)
    }
  }

  @Test func `behind a trusted proxy each request is judged by whom it is passed on for`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      try team.server.start(["--trusted-proxy", "127.0.0.0/8"])
      let request = lines("GET /health HTTP/1.1", "Host: a", "X-Forwarded-For: 192.0.2.1")
      let kept = Swarm(
        Attack("proxy", from: .one, first: request, drip: request, everyMilliseconds: 1_000),
        count: 3,
        port: team.server.port)
      try kept.wait { $0.opened >= 3 }
      try expectConverged(team.all, team.server)
      // The proxy's connections stay, though all that came over them was strangers'.
      #expect(kept.stop().ended == 0)
      let bad = try team.server.run(["serve", "--trusted-proxy", "example.org"])
      #expect(bad.code == 64)
      expectSays(bad, ["--trusted-proxy"])
    }
  }
}
