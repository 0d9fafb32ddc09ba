import Foundation

/// A server that answers as it was told, whatever it is asked.
///
/// Sendable although mutable: `lock` guards what was asked and what is left to answer.
package final class ScriptedServer: @unchecked Sendable {
  /// The port of 127.0.0.1 that it listens on.
  package let port: Int

  private let listener: LoopbackListener
  private let lock = NSLock()
  private var answers: [[UInt8]]
  private var heads: [String] = []

  /// Listens, and answers each request with the next of `answers`, then closes the connection; once
  /// there are none left it closes at once.
  package init(answers: [String]) throws {
    self.answers = answers.map { Array($0.utf8) }
    port = try FreePort.next()
    listener = try LoopbackListener(port: port)
    listener.serve { [weak self] client in self?.serve(client) }
  }

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

  private func serve(_ client: Int32) {
    guard let request = LoopbackSocket.readRequest(client) else { return }
    let answer: [UInt8]? = lock.withLock {
      heads.append(request.text)
      return answers.isEmpty ? nil : answers.removeFirst()
    }
    if let answer { LoopbackSocket.send(answer, to: client) }
  }
}
