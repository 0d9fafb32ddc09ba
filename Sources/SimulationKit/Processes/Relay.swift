import Foundation
import Glibc

/// Stands between analysts and a server, and can break connections off at a byte, or hold them there.
///
/// Sendable although mutable: `lock` guards all that is not written once.
package final class Relay: @unchecked Sendable {
  /// What is done with the connections that begin from now on.
  package enum Rule: Sendable {
    /// Everything passes.
    case pass
    /// The connection breaks once so many bytes of requests have passed.
    case cutRequest(after: Int)
    /// Requests pass; the connection breaks once the server has answered, and so many bytes of the
    /// answer have passed.
    case cutAnswer(after: Int)
    /// The connection pauses once so many bytes of requests have passed, until another rule is set.
    case holdRequest(after: Int)
    /// The same, once so many bytes of answers have passed.
    case holdAnswer(after: Int)
    /// Everything passes, and answers bear this date, in the form that HTTP gives dates.
    case dateAnswers(String)
  }

  /// The port of 127.0.0.1 that analysts connect to.
  package let port: Int

  private let target: UInt16
  private let listener: LoopbackListener
  private let lock = NSCondition()
  private var rule = Rule.pass
  /// How many connections the rule is for; nil for all.
  private var ruledConnections: Int?
  private var cuts = 0
  private var holds = 0

  /// Listens on a port, for connections to another one.
  package init(port: Int, target: Int) throws {
    self.port = port
    self.target = UInt16(target)
    listener = try LoopbackListener(port: port)
    listener.serve { [weak self] client in self?.relay(client) }
  }

  /// Changes what is done with further connections, or with so many of them, behind which all pass.
  ///
  /// Connections that are held go on.
  package func set(_ rule: Rule, connections: Int? = nil) {
    lock.withLock {
      self.rule = rule
      ruledConnections = connections
      holds = 0
      lock.broadcast()
    }
  }

  /// Waits until a connection is held; throws when none is in ``ProcessLimits/seconds``.
  package func waitUntilHeld() throws {
    let limit = Date(timeIntervalSinceNow: ProcessLimits.seconds)
    try lock.withLock {
      while holds == 0 {
        guard lock.wait(until: limit) else { throw ProcessFailure("no connection is held") }
      }
    }
  }

  /// Returns once another rule is set.
  private func hold() {
    lock.withLock {
      holds += 1
      lock.broadcast()
      while holds > 0 { lock.wait() }
    }
  }

  private func ruleOfNext() -> Rule {
    lock.withLock {
      if let left = ruledConnections {
        guard left > 0 else { return .pass }
        ruledConnections = left - 1
      }
      return rule
    }
  }

  /// How many connections were broken off.
  package var cutCount: Int { lock.withLock { cuts } }

  /// The bytes of an answer with another date in its head, which is as long.
  private static func dated(_ bytes: [UInt8], _ date: String) -> [UInt8] {
    let name = Array("\r\ndate: ".utf8)
    let lowered = bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    let places = bytes.indices.dropLast(name.count + date.utf8.count)
    guard let start = places.first(where: { lowered[$0...].starts(with: name) }) else {
      return bytes
    }
    var dated = bytes
    let value = start + name.count
    dated.replaceSubrange(value..<value + date.utf8.count, with: date.utf8)
    return dated
  }

  private func relay(_ client: Int32) {
    guard let server = LoopbackSocket.connected(to: target) else { return }
    defer { close(server) }
    var rule = ruleOfNext()
    var passed = (request: 0, answer: 0)
    while true {
      var polled = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, 2, -1) > 0 else { return }
      if polled[0].revents != 0 {
        guard var bytes = LoopbackSocket.receive(client) else { return }
        var isCut = false
        if case .cutRequest(let limit) = rule, passed.request + bytes.count >= limit {
          bytes = Array(bytes.prefix(limit - passed.request))
          isCut = true
        }
        if case .holdRequest(let limit) = rule, passed.request + bytes.count >= limit {
          let first = bytes.prefix(limit - passed.request)
          guard LoopbackSocket.send(Array(first), to: server) else { return }
          hold()
          passed.request += first.count
          bytes.removeFirst(first.count)
          rule = .pass
        }
        passed.request += bytes.count
        guard LoopbackSocket.send(bytes, to: server) else { return }
        if isCut { return breakOff(client, server) }
      }
      if polled[1].revents != 0 {
        guard var bytes = LoopbackSocket.receive(server) else { return }
        var isCut = false
        if case .cutAnswer(let limit) = rule, passed.answer + bytes.count >= limit {
          bytes = Array(bytes.prefix(limit - passed.answer))
          isCut = true
        }
        if case .dateAnswers(let date) = rule { bytes = Self.dated(bytes, date) }
        if case .holdAnswer(let limit) = rule, passed.answer + bytes.count >= limit {
          let first = bytes.prefix(limit - passed.answer)
          guard LoopbackSocket.send(Array(first), to: client) else { return }
          hold()
          passed.answer += first.count
          bytes.removeFirst(first.count)
          rule = .pass
        }
        passed.answer += bytes.count
        guard LoopbackSocket.send(bytes, to: client) else { return }
        if isCut { return breakOff(client, server) }
      }
    }
  }

  /// Ends both sides as a network does that goes away: with a reset and no end of the stream.
  private func breakOff(_ sockets: Int32...) {
    lock.withLock { cuts += 1 }
    for socket in sockets { LoopbackSocket.reset(socket) }
  }
}
