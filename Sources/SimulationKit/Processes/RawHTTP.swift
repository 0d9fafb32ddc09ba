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
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    guard withLoopback(UInt16(port), { connect(descriptor, $0, $1) }) == 0 else {
      throw ProcessFailure("nobody listens on port \(port)")
    }
    var limit = timeval(tv_sec: Int(ProcessLimits.seconds), tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // A server may refuse before it has read everything.
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      answer += buffer.prefix(count)
    }
    return RawAnswer(answer)
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
