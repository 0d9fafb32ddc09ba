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
    var request = Way(from: client, to: server, isAnswer: false)
    var answer = Way(from: server, to: client, isAnswer: true)
    while true {
      var polled = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, 2, -1) > 0 else { return }
      if polled[0].revents != 0 {
        guard pass(&request, &rule, cut: rule.requestCut, hold: rule.requestHold) else { return }
      }
      if polled[1].revents != 0 {
        guard pass(&answer, &rule, cut: rule.answerCut, hold: rule.answerHold) else { return }
      }
    }
  }

  /// One direction of a connection.
  private struct Way {
    let source: Int32
    let target: Int32
    let isAnswer: Bool
    /// Bytes that have passed.
    var passed = 0

    init(from source: Int32, to target: Int32, isAnswer: Bool) {
      (self.source, self.target, self.isAnswer) = (source, target, isAnswer)
    }
  }

  /// Passes on what has come, up to where the connection is cut or held; false when it has ended.
  private func pass(_ way: inout Way, _ rule: inout Rule, cut: Int?, hold limit: Int?) -> Bool {
    guard var bytes = LoopbackSocket.receive(way.source) else { return false }
    let end = way.passed + bytes.count
    let isCut = cut.map { end >= $0 } ?? false
    if let cut, isCut { bytes = Array(bytes.prefix(cut - way.passed)) }
    if way.isAnswer, case .dateAnswers(let date) = rule { bytes = Self.dated(bytes, date) }
    if let limit, end >= limit {
      let first = bytes.prefix(limit - way.passed)
      guard LoopbackSocket.send(Array(first), to: way.target) else { return false }
      hold()
      way.passed += first.count
      bytes.removeFirst(first.count)
      rule = .pass
    }
    way.passed += bytes.count
    guard LoopbackSocket.send(bytes, to: way.target) else { return false }
    if isCut { breakOff(way.source, way.target) }
    return !isCut
  }

  /// Ends both sides as a network does that goes away: with a reset and no end of the stream.
  private func breakOff(_ sockets: Int32...) {
    lock.withLock { cuts += 1 }
    for socket in sockets { LoopbackSocket.reset(socket) }
  }
}

extension Relay.Rule {
  fileprivate var requestCut: Int? { if case .cutRequest(let limit) = self { limit } else { nil } }
  fileprivate var answerCut: Int? { if case .cutAnswer(let limit) = self { limit } else { nil } }
  fileprivate var requestHold: Int? {
    if case .holdRequest(let limit) = self { limit } else { nil }
  }
  fileprivate var answerHold: Int? { if case .holdAnswer(let limit) = self { limit } else { nil } }
}
