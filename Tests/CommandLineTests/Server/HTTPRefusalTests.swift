import SimulationKit
import Testing

@Suite struct HTTPRefusalTests {
  private struct Refusal: CustomTestStringConvertible {
    var testDescription: String
    var method = "POST"
    var path = "/v1/workspaces/press/exchange"
    var headers: [String] = []
    var body: [UInt8] = []
    var isAuthenticated = true
    var status: Int
    var code: String
  }

  /// A frame: its length as a varint, and its bytes.
  private static func frame(_ bytes: [UInt8]) -> [UInt8] { varint(bytes.count) + bytes }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + varint(value >> 7)
  }

  /// An opening of a sync from nothing, for a version of the protocol.
  private static func opening(version: UInt8) -> [UInt8] {
    frame([0x0A, 4, 0x08, version, 0x10, 1])
  }

  private static let refusals = [
    Refusal(
      testDescription: "no path", method: "GET", path: "/nothing", status: 404, code: "not-found"),
    Refusal(
      testDescription: "no workspace", path: "/v1/workspaces/other/exchange", status: 401,
      code: "token-wrong-audience"),
    Refusal(
      testDescription: "an escape from the folder",
      path: "/v1/workspaces/..%2F..%2Fpress/exchange", status: 401, code: "token-wrong-audience"),
    Refusal(
      testDescription: "wrong method", method: "GET", status: 405, code: "method-not-allowed"),
    Refusal(
      testDescription: "no token", isAuthenticated: false, status: 401, code: "token-missing"),
    Refusal(
      testDescription: "no token for the log", method: "GET",
      path: "/v1/workspaces/press/log/checkpoint", isAuthenticated: false, status: 401,
      code: "token-missing"),
    Refusal(
      testDescription: "a token that is none", headers: ["Authorization: Bearer x.y.z"],
      isAuthenticated: false, status: 401, code: "token-malformed"),
    Refusal(
      testDescription: "a compressed body", headers: ["Content-Encoding: gzip"], body: [1, 2, 3],
      status: 415, code: "unsupported-encoding"),
    Refusal(
      testDescription: "a body over the limit, by its length",
      headers: ["Content-Length: 16777217"], status: 413, code: "body-too-large"),
    Refusal(
      testDescription: "a frame over the limit", body: varint(200 << 20), status: 413,
      code: "frame-too-long"),
    Refusal(
      testDescription: "a length that is no varint", body: Array(repeating: 0x80, count: 9),
      status: 400, code: "malformed"),
    Refusal(
      testDescription: "a body that ends within a frame", body: [40, 1, 2, 3], status: 400,
      code: "malformed"),
    Refusal(testDescription: "no body at all", status: 400, code: "malformed"),
    Refusal(
      testDescription: "a frame that does not decode",
      body: frame(Array(repeating: 0xFF, count: 20)), status: 400, code: "malformed"),
    Refusal(
      testDescription: "a batch before the opening", body: frame([0x12, 2, 1, 2]), status: 400,
      code: "malformed"),
    Refusal(
      testDescription: "a frame of an unknown kind", body: frame([0x7A, 1, 0]), status: 400,
      code: "malformed"),
    Refusal(
      testDescription: "another version of the protocol", body: opening(version: 99), status: 400,
      code: "unknown-protocol"),
    Refusal(
      testDescription: "a tile that is none", method: "GET",
      path: "/v1/workspaces/press/log/tile/0/x999", status: 404, code: "not-found"),
  ]

  @Test func `bad requests get problem documents, and one line in the log without secrets`() throws
  {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let (server, port) = (team.server, team.server.port)
      let token = try team.layla("token").lines[0]
      for refusal in Self.refusals {
        let authorization = refusal.isAuthenticated ? ["Authorization: Bearer \(token)"] : []
        let answer = try RawHTTP.request(
          refusal.method, refusal.path, headers: authorization + refusal.headers,
          body: refusal.body, port: port)
        try expectProblem(answer, refusal.status, refusal.code, refusal.testDescription)
        let health = try RawHTTP.request("GET", "/health", port: port)
        #expect(health.status == 200, "\(refusal.testDescription)")
      }
      #expect(try team.layla.json("sync")["in_sync"]?.bool == true)
      let log = try #require(server.stop()).messages
      for refusal in Self.refusals {
        #expect(log.contains("code=\(refusal.code)"), "\(refusal.testDescription)")
      }
      let lines = log.split(separator: "\n").filter { $0.contains("code=") }
      #expect(lines.count == Self.refusals.count)
      #expect(!log.contains(token))
      #expect(!log.contains("Bearer"))
    }
  }

  private func expectProblem(
    _ answer: RawAnswer, _ status: Int, _ code: String, _ what: String
  ) throws {
    #expect(answer.status == status, "\(what)")
    #expect(answer.header("content-type") == "application/problem+json", "\(what)")
    let problem = try JSON(parsing: answer.body)
    #expect(problem["code"]?.text == code, "\(what)")
    #expect(problem["status"]?.int == status, "\(what)")
    #expect(problem["type"]?.text?.hasSuffix(code) == true, "\(what)")
    #expect(problem["title"]?.text?.isEmpty == false, "\(what)")
    #expect(problem["detail"]?.text?.isEmpty == false, "\(what)")
  }

  @Test func `a token opens its own workspace and no other, and only as it was signed`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let port = team.server.port
      let token = try #require(team.layla.json("token")["token"]?.text)
      func read(_ token: String, _ workspace: String) throws -> RawAnswer {
        try RawHTTP.request(
          "GET", "/v1/workspaces/\(workspace)/log/checkpoint",
          headers: ["Authorization: Bearer \(token)"], port: port)
      }
      let checkpoint = try read(token, "press")
      #expect(checkpoint.status == 200)
      let note = String(decoding: checkpoint.body, as: UTF8.self)
      #expect(note.hasPrefix("scene.example/log/press\n"))

      let stranger = try scene.analyst("stranger")
      try stranger("init", "--analyst", "stranger")
      let claim = try #require(
        team.server.json("workspace", "create", "other")["code"]?.text)
      try stranger("publish", claim)
      try expectProblem(try read(token, "other"), 401, "token-wrong-audience", "audience")
      let foreign = try stranger("token").lines[0]
      #expect(try read(foreign, "other").status == 200)
      try expectProblem(try read(foreign, "press"), 401, "token-wrong-audience", "audience")
      var parts = token.split(separator: ".").map(String.init)
      parts[2] = String(parts[2].reversed())
      let forged = try read(parts.joined(separator: "."), "press")
      #expect(forged.status == 401)
    }
  }

  @Test func `bytes that are no HTTP do not stop the server`() throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      let port = team.server.port
      let long = "GET /health HTTP/1.1\r\nX: " + String(repeating: "x", count: 40_000) + "\r\n\r\n"
      for bytes in ["\u{0}\u{1}\u{2}\r\n\r\n", "HELLO\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", long] {
        let answer = try RawHTTP.exchange(Array(bytes.utf8), port: port)
        #expect(answer.map { $0.status >= 400 } ?? true)
        #expect(try RawHTTP.request("GET", "/health", port: port).status == 200)
      }
      try expectConverged([team.layla], team.server)
    }
  }
}
