import Foundation
import Glibc

/// An HTTP proxy: before a server, with limits of its own, or between an analyst and any server, by
/// `CONNECT` (RFC 9110 § 9.3.6).
///
/// Sendable although mutable: `lock` guards all that is not written once.
package final class ProxyHost: @unchecked Sendable {
  /// What it lets pass, and what it does with the rest.
  package struct Rule: Sendable {
    /// Bytes of a request's body; more is answered with `refusal`, or broken off where that is nil.
    package var requestBytesMax = Int.max
    package var refusal: String?
    /// Bytes of an answer, after which it is broken off.
    package var answerBytesMax = Int.max
    /// `user:password`, in Base64, which `CONNECT` has to bring.
    package var credentials: String?

    package init(
      requestBytesMax: Int = .max, refusal: String? = Rule.tooLarge, answerBytesMax: Int = .max,
      credentials: String? = nil
    ) {
      self.requestBytesMax = requestBytesMax
      self.refusal = refusal
      self.answerBytesMax = answerBytesMax
      self.credentials = credentials
    }

    /// What nginx says of a body that is too large.
    package static let tooLarge = page("413 Request Entity Too Large")
    /// What a proxy says of a body that does not come.
    package static let tooLate = page("408 Request Time-out")

    private static func page(_ status: String) -> String {
      let page = "<html><head><title>\(status)</title></head></html>\r\n"
      return [
        "HTTP/1.1 \(status)", "Server: nginx/1.22.1", "Content-Type: text/html",
        "Content-Length: \(page.utf8.count)", "Connection: close", "", page,
      ].joined(separator: "\r\n")
    }
  }

  /// The port of 127.0.0.1 that it listens on.
  package let port: Int

  private let target: UInt16
  private let listener: LoopbackListener
  private let lock = NSLock()
  private var rule: Rule
  private var refused: [Int] = []
  private var passed: [Int] = []
  private var connects: [String] = []

  /// Listens; what is no `CONNECT` goes to a port of 127.0.0.1.
  package init(port: Int? = nil, target: Int = 0, _ rule: Rule = Rule()) throws {
    self.port = try port ?? FreePort.next()
    self.target = UInt16(target)
    self.rule = rule
    listener = try LoopbackListener(port: self.port)
    listener.serve { [weak self] client in self?.serve(client) }
  }

  /// Its own address.
  package var url: String { "http://127.0.0.1:\(port)" }

  /// Changes what passes from the next request on.
  package func set(_ rule: Rule) { lock.withLock { self.rule = rule } }

  /// Bytes of the bodies that were refused, and of those that passed, in order.
  package var refusedBodies: [Int] { lock.withLock { refused } }
  package var passedBodies: [Int] { lock.withLock { passed } }

  /// Where `CONNECT` led to, in order.
  package var connectTargets: [String] { lock.withLock { connects } }

  /// One request, or one connection, from its head on.
  private func serve(_ client: Int32) {
    guard let head = LoopbackSocket.readHead(client) else { return }
    let rule = lock.withLock { self.rule }
    if head.text.hasPrefix("CONNECT ") { return connect(client, head.text, rule) }
    guard head.contentLength <= rule.requestBytesMax else {
      lock.withLock { refused.append(head.contentLength) }
      return refuse(client, head, rule)
    }
    lock.withLock { passed.append(head.contentLength) }
    forward(client, head, rule)
  }

  private func connect(_ client: Int32, _ head: String, _ rule: Rule) {
    let authority = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    if let credentials = rule.credentials,
      !head.contains("Basic \(credentials)")
    {
      LoopbackSocket.send(
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", to: client)
      return
    }
    lock.withLock { connects.append(authority) }
    guard let port = authority.split(separator: ":").last.flatMap({ UInt16($0) }),
      let server = LoopbackSocket.connected(to: port)
    else { return }
    defer { close(server) }
    LoopbackSocket.send("HTTP/1.1 200 OK\r\n\r\n", to: client)
    LoopbackSocket.pump(client, server)
  }

  /// Answers and waits, for at most the body, until the other side closes; or breaks off in the body's
  /// midst.
  private func refuse(_ client: Int32, _ head: LoopbackSocket.Head, _ rule: Rule) {
    guard let refusal = rule.refusal else {
      LoopbackSocket.skip(rule.requestBytesMax - head.body.count, from: client)
      return LoopbackSocket.reset(client)
    }
    LoopbackSocket.send(refusal, to: client)
    shutdown(client, Int32(SHUT_WR))
    LoopbackSocket.skip(head.contentLength - head.body.count, from: client)
  }

  private func forward(_ client: Int32, _ head: LoopbackSocket.Head, _ rule: Rule) {
    guard let server = LoopbackSocket.connected(to: target) else { return }
    defer { close(server) }
    LoopbackSocket.send(head.text + "\r\nConnection: close\r\n\r\n", to: server)
    LoopbackSocket.send(head.body, to: server)
    LoopbackSocket.copy(head.contentLength - head.body.count, from: client, to: server)
    // What is left of the answer is lost with the connection.
    LoopbackSocket.copy(rule.answerBytesMax, from: server, to: client)
  }
}

/// A server that answers every request with the beginning of an exchange's answer, and then a byte now
/// and then for as long as it is asked to.
///
/// Sendable although mutable: `lock` guards all that is not written once.
package final class DrippingServer: @unchecked Sendable {
  private let port: Int
  private let listener: LoopbackListener
  private let lock = NSCondition()
  private var isAsked = false
  private var isStopped = false

  package init() throws {
    port = try FreePort.next()
    listener = try LoopbackListener(port: port)
    listener.serve { [weak self] client in self?.serve(client) }
  }

  package var url: String { "http://127.0.0.1:\(port)" }

  /// Waits until the first request is answered.
  package func waitUntilAsked() {
    lock.withLock { while !isAsked { lock.wait() } }
  }

  /// Ends every answer.
  package func stop() {
    lock.withLock {
      isStopped = true
      lock.broadcast()
    }
  }

  private func serve(_ client: Int32) {
    guard let head = LoopbackSocket.readHead(client) else { return }
    LoopbackSocket.skip(head.contentLength - head.body.count, from: client)
    // A frame of 2,000,000 bytes is announced.
    LoopbackSocket.send(
      "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.hashiya.exchange\r\n\r\n", to: client)
    LoopbackSocket.send([0x80, 0x89, 0x7A], to: client)
    lock.withLock {
      isAsked = true
      lock.broadcast()
      while !isStopped, LoopbackSocket.send([0], to: client) {
        _ = lock.wait(until: Date(timeIntervalSinceNow: 1))
      }
    }
  }
}
