import SimulationKit
import Testing

/// What somebody learns, and may send, whom the log does not know.
@Suite struct StrangerTests {
  private struct Answer: Equatable {
    let status: Int
    let body: [UInt8]
  }

  /// The same request to a slot with a workspace, to an empty one, and to none.
  private func expectNothingLearned(
    _ port: Int, _ method: String = "POST", _ rest: String = "exchange", headers: [String] = [],
    token: (String) async throws -> String? = { _ in nil }, body: [UInt8] = [], says code: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    for name in ["press", "empty", "nothing"] {
      let authorization = try await token(name).map { ["Authorization: Bearer \($0)"] } ?? []
      let answer = try RawHTTP.request(
        method, "/v1/workspaces/\(name)/\(rest)", headers: headers + authorization, body: body,
        port: port)
      let problem = try JSON(parsing: answer.body)
      #expect(problem["code"]?.text == code, "\(name)", sourceLocation: sourceLocation)
      #expect(!String(decoding: answer.body, as: UTF8.self).contains(name))
    }
    let answers = try await ["press", "empty", "nothing"].mapAsync { name in
      let authorization = try await token(name).map { ["Authorization: Bearer \($0)"] } ?? []
      let answer = try RawHTTP.request(
        method, "/v1/workspaces/\(name)/\(rest)", headers: headers + authorization, body: body,
        port: port)
      return Answer(status: answer.status, body: answer.body)
    }
    #expect(answers.allSatisfy { $0 == answers[0] }, sourceLocation: sourceLocation)
  }

  @Test
  func `strangers get the same answers whether a workspace exists, is published, or is guessed`()
    async throws
  {
    try await Scene.play { scene in
      let team = try Team(scene, [])
      _ = try team.server.createWorkspace("empty")
      let port = team.server.port
      let stranger = Stranger()
      let token: (String) async throws -> String? = { try stranger.token(for: $0) }
      try await expectNothingLearned(port, says: "token-missing")
      try await expectNothingLearned(port, "GET", "log/checkpoint", says: "token-missing")
      try await expectNothingLearned(
        port, "GET", "log/checkpoint", token: token, says: "not-enrolled")
      try await expectNothingLearned(
        port, "GET", "log/tile/0/000", token: token, says: "not-enrolled")
      let elsewhere: (String) async throws -> String? = { _ in try stranger.token(for: "x") }
      try await expectNothingLearned(port, token: elsewhere, says: "token-wrong-audience")
      try await expectNothingLearned(
        port, token: token, body: stranger.body([]), says: "not-enrolled")
      let batch = try stranger.hollowBatch(contents: 0)
      try await expectNothingLearned(
        port, token: token, body: stranger.body([batch]), says: "not-enrolled")
      try await expectNothingLearned(port, token: token, body: [9, 9, 9], says: "malformed")
      try await expectNothingLearned(
        port, token: token, body: stranger.guess(claim: Array(repeating: 5, count: 32)),
        says: "claim-wrong")

      // The right size and root tell no more than wrong ones.
      let standing = try #require(team.server.json("status")["workspaces"]?.items.last)
      let size = UInt64(try #require(standing["size"]?.int))
      let root = try #require(standing["root"]?.text.flatMap { base64Bytes($0) })
      for guess in [
        stranger.guess(size: size, root: root), stranger.guess(size: size + 1, root: root),
        stranger.guess(size: size, root: Array(root.reversed())),
      ] {
        try await expectNothingLearned(port, token: token, body: guess, says: "log-mismatch")
      }

      // The workspace's id names it to its members, and to nobody else.
      let id = try #require(standing["workspace"]?.text)
      for (path, audience) in [(id, "press"), ("press", id)] {
        let answer = try RawHTTP.request(
          "GET", "/v1/workspaces/\(path)/log/checkpoint",
          headers: ["Authorization: Bearer \(try stranger.token(for: audience))"], port: port)
        #expect(try JSON(parsing: answer.body)["code"]?.text == "token-wrong-audience")
      }
      #expect(try team.layla.json("sync")["in_sync"]?.bool == true)
    }
  }

  @Test func `a stranger sends one enrolment of a few KiB and no more`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let port = team.server.port
      let stranger = Stranger()
      let headers = ["Authorization: Bearer \(try stranger.token(for: "press"))"]
      func code(_ body: [UInt8]) throws -> String? {
        let answer = try RawHTTP.request(
          "POST", "/v1/workspaces/press/exchange", headers: headers, body: body, port: port)
        return try JSON(parsing: answer.body)["code"]?.text
      }
      let batch = try stranger.hollowBatch(contents: 0)
      #expect(try code(stranger.body([batch])) == "not-enrolled")
      #expect(try code(stranger.body([batch, batch])) == "too-many-batches")
      let most = stranger.body([Array(repeating: 1, count: 16_000)])
      let room = (16 << 10) - most.count
      #expect(
        try code(stranger.body([Array(repeating: 1, count: 16_000 + room)])) == "not-enrolled")
      #expect(
        try code(stranger.body([Array(repeating: 1, count: 16_001 + room)])) == "body-too-large")
      let heavy = try stranger.hollowBatch(contents: 540_000)
      #expect(try code(stranger.body([heavy])) == "body-too-large")
      try expectConverged([team.layla], team.server)
    }
  }

  @Test func `a batch of half a million empty contents is refused unread, whoever brings it`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      let stranger = Stranger()
      let heavy = try stranger.hollowBatch(contents: 540_000)
      let token = try omar("token").lines[0]
      let before = try #require(team.server.process).usage()
      let answer = try RawHTTP.request(
        "POST", "/v1/workspaces/press/exchange", headers: ["Authorization: Bearer \(token)"],
        body: stranger.body(Array(repeating: heavy, count: 7)), port: team.server.port)
      #expect(answer.status == 200)
      #expect(String(decoding: answer.body, as: UTF8.self).contains("more contents"))
      let after = try #require(team.server.process).usage()
      // Decoded, one of them alone takes 200 MB.
      #expect(after.residentBytes - before.residentBytes < 128 << 20)
      try expectConverged(team.all, team.server)
    }
  }
}

extension Sequence {
  fileprivate func mapAsync<Value>(_ body: (Element) async throws -> Value) async rethrows
    -> [Value]
  {
    var values: [Value] = []
    for element in self { values.append(try await body(element)) }
    return values
  }
}
