import Foundation
import Glibc

/// A server that answers as it was told, whatever it is asked.
///
/// Sendable although mutable: `lock` guards what was asked and what is left to answer.
package final class ScriptedServer: @unchecked Sendable {
  /// The port of 127.0.0.1 that it listens on.
  package let port: Int

  private let listener: Int32
  private let lock = NSLock()
  private var answers: [[UInt8]]
  private var heads: [String] = []

  /// Listens, and answers each request with the next of `answers`, then closes the connection; once
  /// there are none left it closes at once.
  package init(answers: [String]) throws {
    self.answers = answers.map { Array($0.utf8) }
    port = try FreePort.next()
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard withLoopback(UInt16(port), { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0
    else { throw ProcessFailure("cannot listen on port \(port)") }
    let socket = listener
    let serve: @Sendable (Int32) -> Void = { [weak self] client in self?.serve(client) }
    Thread { Self.accept(socket, serve) }.start()
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// The address.
  package var url: String { "http://127.0.0.1:\(port)" }

  /// The heads of the requests so far, without their bodies.
  package var requestHeads: [String] { lock.withLock { heads } }

  /// An answer with a JSON body.
  package static func answer(
    _ status: String, headers: [String] = [], json: String
  ) -> String {
    let lines = [
      "HTTP/1.1 \(status)", "Content-Type: application/problem+json",
      "Content-Length: \(json.utf8.count)", "Connection: close",
    ]
    return (lines + headers + ["", json]).joined(separator: "\r\n")
  }

  private static func accept(_ listener: Int32, _ body: @escaping @Sendable (Int32) -> Void) {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      if client >= 0 {
        Thread { body(client) }.start()
      } else if errno != EINTR, errno != ECONNABORTED {
        close(listener)
        return
      }
    }
  }

  private func serve(_ client: Int32) {
    defer { close(client) }
    guard let head = Self.readRequest(client) else { return }
    let answer: [UInt8]? = lock.withLock {
      heads.append(head)
      return answers.isEmpty ? nil : answers.removeFirst()
    }
    var rest = answer?[...] ?? []
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// Reads a request to the end of its body; its head, or nil when it is cut.
  private static func readRequest(_ client: Int32) -> String? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let head = String(text[..<end.lowerBound])
        let length = head.split(separator: "\r\n").map { $0.lowercased() }
          .first { $0.hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) }
        // The head is ASCII, so that its length in characters is that in bytes.
        if bytes.count >= head.utf8.count + 4 + (length ?? 0) { return head }
      }
      let count = recv(client, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer.prefix(count)
    }
  }
}
