import Glibc

/// An answer of a server, read by hand.
package struct RawAnswer: Sendable {
  /// The status code.
  package let status: Int
  /// The head's lines.
  package let head: [String]
  /// The body's bytes, as they came.
  package let body: [UInt8]

  /// Takes apart what came until the connection was closed; nil where that is no answer.
  init?(_ bytes: [UInt8]) {
    let end: [UInt8] = [13, 10, 13, 10]
    guard
      let cut = bytes.indices.first(where: { bytes[$0...].starts(with: end) })
    else { return nil }
    head = String(decoding: bytes[..<cut], as: UTF8.self).split(separator: "\r\n").map(String.init)
    let words = head.first?.split(separator: " ") ?? []
    guard words.count > 1, let status = Int(words[1]) else { return nil }
    self.status = status
    body = Array(bytes[(cut + 4)...])
  }

  /// The value of a header, by its name in lowercase.
  package func header(_ name: String) -> String? {
    head.dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
      .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
  }
}

/// Requests of raw bytes: what no proper client sends.
package enum RawHTTP {
  /// Sends bytes to a port of 127.0.0.1 and reads until the other side closes; nil when nothing that
  /// looks like an answer comes.
  package static func exchange(_ bytes: [UInt8], port: Int) throws -> RawAnswer? {
    guard let descriptor = LoopbackSocket.connected(to: UInt16(port)) else {
      throw ProcessFailure("nobody listens on port \(port)")
    }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: Int(ProcessLimits.seconds), tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    // A server may refuse before it has read everything.
    LoopbackSocket.send(bytes, to: descriptor)
    return RawAnswer(LoopbackSocket.readToEnd(descriptor))
  }

  /// Asks for `/health` until a foreign server, which does not say when it is ready, answers; false
  /// when it never does.
  package static func waitForAnswer(port: Int) throws -> Bool {
    let end = ContinuousClock.now + .seconds(ProcessLimits.seconds)
    while ContinuousClock.now < end {
      let answer = try? request("GET", "/health", port: port)
      if answer?.status == 200 { return true }
      usleep(20_000)
    }
    return false
  }

  /// Sends one request and asks the server to close afterwards.
  package static func request(
    _ method: String, _ path: String, headers: [String] = [], body: [UInt8] = [], port: Int
  ) throws -> RawAnswer {
    var lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: close"] + headers
    if !headers.contains(where: { $0.lowercased().hasPrefix("content-length") }), !body.isEmpty {
      lines.append("Content-Length: \(body.count)")
    }
    let head = (lines + ["", ""]).joined(separator: "\r\n")
    guard let answer = try exchange(Array(head.utf8) + body, port: port) else {
      throw ProcessFailure("no answer to \(method) \(path)")
    }
    return answer
  }
}
