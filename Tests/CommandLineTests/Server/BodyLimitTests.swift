import SimulationKit
import Testing

/// Bodies over the limits that no length announces.
@Suite struct BodyLimitTests {
  private static let path = "/v1/workspaces/press/exchange"
  private static let bodyBytesMax = 16 << 20
  private static let batchesMax = 256

  /// The opening of a sync from nothing.
  private static let opening: [UInt8] = [6, 0x0A, 4, 0x08, 1, 0x10, 1]

  private func play(_ body: (Team, _ authorization: String) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene, [])
      try body(team, "Authorization: Bearer \(team.layla("token").lines[0])")
      #expect(try RawHTTP.request("GET", "/health", port: team.server.port).status == 200)
      try expectConverged([team.layla], team.server)
      let stopped = try #require(team.server.stop())
      #expect(stopped.isSuccess, "\(stopped)")
    }
  }

  /// A request whose body comes in chunks of at most `chunk` bytes, and announces no length.
  private func chunked(
    _ body: [UInt8], chunk: Int, _ authorization: String
  ) -> [UInt8] {
    var bytes = Array(
      """
      POST \(Self.path) HTTP/1.1\r
      Host: 127.0.0.1\r
      \(authorization)\r
      Connection: close\r
      Transfer-Encoding: chunked\r
      \r

      """.utf8)
    for start in stride(from: 0, to: body.count, by: chunk) {
      let piece = body[start..<min(start + chunk, body.count)]
      bytes += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + [13, 10]
    }
    return bytes + Array("0\r\n\r\n".utf8)
  }

  private func expectProblem(_ answer: RawAnswer?, _ status: Int, _ code: String) throws {
    let answer = try #require(answer)
    #expect(answer.status == status)
    #expect(try JSON(parsing: answer.body)["code"]?.text == code)
  }

  /// Frames of batches that are none, each of so many bytes, behind the opening.
  private static func body(batches: Int, bytes: Int) -> [UInt8] {
    let frame = field(2, Array(repeating: 0, count: bytes))
    return opening
      + Array(repeatElement(varint(frame.count) + frame, count: batches).joined())
  }

  private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
    [number << 3 | 2] + varint(bytes.count) + bytes
  }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + varint(value >> 7)
  }

  @Test func `a body that grows beyond the limit is refused, though no length said so`() throws {
    try play { team, authorization in
      let body = Self.body(batches: 17, bytes: 1 << 20)
      #expect(body.count > Self.bodyBytesMax)
      let answer = try RawHTTP.exchange(
        chunked(body, chunk: 1 << 16, authorization), port: team.server.port)
      try expectProblem(answer, 413, "body-too-large")
    }
  }

  @Test func `a request of more batches than the limit is refused, and of as many is read`() throws
  {
    try play { team, authorization in
      let most = try RawHTTP.exchange(
        chunked(Self.body(batches: Self.batchesMax, bytes: 1), chunk: 100, authorization),
        port: team.server.port)
      #expect(most?.status == 200, "each of the batches is refused, and the request is not")
      let more = try RawHTTP.exchange(
        chunked(Self.body(batches: Self.batchesMax + 1, bytes: 1), chunk: 100, authorization),
        port: team.server.port)
      try expectProblem(more, 413, "too-many-batches")
    }
  }

  @Test func `a body that is cut off is refused by nobody's fault, and does no harm`() throws {
    try play { team, authorization in
      let whole = chunked(Self.body(batches: 3, bytes: 1 << 16), chunk: 1_000, authorization)
      _ = try RawHTTP.exchange(
        Array(whole.prefix(5_000)) + Array("zz\r\n".utf8), port: team.server.port)
      let answer = try RawHTTP.exchange(
        chunked(Array(Self.opening.dropLast()), chunk: 1, authorization),
        port: team.server.port)
      try expectProblem(answer, 400, "malformed")
    }
  }
}
