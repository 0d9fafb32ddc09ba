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
  private let listener: Int32
  private let lock = NSCondition()
  private var rule = Rule.pass
  private var cuts = 0
  private var holds = 0

  /// Listens on a port, for connections to another one.
  package init(port: Int, target: Int) throws {
    self.port = port
    self.target = UInt16(target)
    listener = Self.socket()
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard withLoopback(UInt16(port), { bind(listener, $0, $1) }) == 0, listen(listener, 16) == 0
    else { throw ProcessFailure("cannot listen on port \(port)") }
    let socket = listener
    let relay: @Sendable (Int32) -> Void = { [weak self] client in self?.relay(client) }
    Thread { Self.accept(socket, relay) }.start()
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  /// Changes what is done with further connections.
  ///
  /// Connections that are held go on.
  package func set(_ rule: Rule) {
    lock.withLock {
      self.rule = rule
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

  private static func socket() -> Int32 {
    Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  }

  /// Accepts until the listener is shut down, which closes it.
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

  private func relay(_ client: Int32) {
    let server = Self.socket()
    defer {
      close(client)
      close(server)
    }
    guard withLoopback(target, { connect(server, $0, $1) }) == 0 else { return }
    var rule = lock.withLock { self.rule }
    var passed = (request: 0, answer: 0)
    while true {
      var polled = [client, server].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, 2, -1) > 0 else { return }
      if polled[0].revents != 0 {
        guard var bytes = Self.receive(client) else { return }
        var isCut = false
        if case .cutRequest(let limit) = rule, passed.request + bytes.count >= limit {
          bytes = Array(bytes.prefix(limit - passed.request))
          isCut = true
        }
        if case .holdRequest(let limit) = rule, passed.request + bytes.count >= limit {
          let first = bytes.prefix(limit - passed.request)
          guard Self.send(Array(first), to: server) else { return }
          hold()
          passed.request += first.count
          bytes.removeFirst(first.count)
          rule = .pass
        }
        passed.request += bytes.count
        guard Self.send(bytes, to: server) else { return }
        if isCut { return breakOff(client, server) }
      }
      if polled[1].revents != 0 {
        guard var bytes = Self.receive(server) else { return }
        var isCut = false
        if case .cutAnswer(let limit) = rule, passed.answer + bytes.count >= limit {
          bytes = Array(bytes.prefix(limit - passed.answer))
          isCut = true
        }
        if case .dateAnswers(let date) = rule { bytes = Self.dated(bytes, date) }
        if case .holdAnswer(let limit) = rule, passed.answer + bytes.count >= limit {
          let first = bytes.prefix(limit - passed.answer)
          guard Self.send(Array(first), to: client) else { return }
          hold()
          passed.answer += first.count
          bytes.removeFirst(first.count)
          rule = .pass
        }
        passed.answer += bytes.count
        guard Self.send(bytes, to: client) else { return }
        if isCut { return breakOff(client, server) }
      }
    }
  }

  /// Ends both sides as a network does that goes away: with a reset and no end of the stream.
  private func breakOff(_ sockets: Int32...) {
    lock.withLock { cuts += 1 }
    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
    for socket in sockets {
      setsockopt(
        socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }
  }

  /// Some bytes; nil at the end.
  private static func receive(_ socket: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(socket, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer.prefix(count)) : nil
  }

  private static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
