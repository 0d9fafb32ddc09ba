import Foundation
import Glibc

/// Sockets of 127.0.0.1, read and written until they are done.
enum LoopbackSocket {
  /// The head of a request, and what came of its body with it.
  struct Head {
    /// Without the empty line at its end.
    var text: String
    var body: [UInt8]

    /// 0 where the head names none.
    var contentLength: Int {
      text.split(separator: "\r\n").map { $0.lowercased() }
        .first { $0.hasPrefix("content-length:") }
        .flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) } ?? 0
    }
  }

  static func listen(on port: Int) throws -> Int32 {
    let listener = open()
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    guard withLoopback(UInt16(port), { bind(listener, $0, $1) }) == 0,
      Glibc.listen(listener, 64) == 0
    else { throw ProcessFailure("cannot listen on port \(port)") }
    return listener
  }

  /// Nil where nobody listens.
  static func connected(to port: UInt16) -> Int32? {
    let descriptor = open()
    if withLoopback(port, { connect(descriptor, $0, $1) }) == 0 { return descriptor }
    close(descriptor)
    return nil
  }

  static func readHead(_ socket: Int32) -> Head? {
    var bytes: [UInt8] = []
    while bytes.count < 1 << 16 {
      guard let piece = receive(socket, 1 << 14) else { return nil }
      bytes += piece
      let text = String(decoding: bytes, as: UTF8.self)
      // The head is ASCII, so that its length in characters is that in bytes.
      if let end = text.range(of: "\r\n\r\n") {
        let head = String(text[..<end.lowerBound])
        return Head(text: head, body: Array(bytes.dropFirst(head.utf8.count + 4)))
      }
    }
    return nil
  }

  /// A request to the end of its body; nil when it is cut.
  static func readRequest(_ socket: Int32) -> Head? {
    guard var request = readHead(socket) else { return nil }
    while request.body.count < request.contentLength {
      guard let piece = receive(socket) else { return nil }
      request.body += piece
    }
    return request
  }

  /// Everything until the other side closes, or says nothing for longer than the socket waits.
  static func readToEnd(_ socket: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    while let piece = receive(socket) { bytes += piece }
    return bytes
  }

  static func send(_ text: String, to socket: Int32) { send(Array(text.utf8), to: socket) }

  /// Whether all of it went.
  @discardableResult
  static func send(_ bytes: [UInt8], to socket: Int32) -> Bool {
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

  /// Passes on so many bytes, or all until the end; returns how many.
  @discardableResult
  static func copy(_ bytesMax: Int, from source: Int32, to target: Int32) -> Int {
    var passed = 0
    while passed < bytesMax, let piece = receive(source, min(1 << 16, bytesMax - passed)) {
      guard send(piece, to: target) else { break }
      passed += piece.count
    }
    return passed
  }

  /// Reads so many bytes, or all until the end.
  static func skip(_ bytesMax: Int, from source: Int32) {
    var left = bytesMax
    while left > 0, let piece = receive(source, min(1 << 16, left)) { left -= piece.count }
  }

  /// Passes everything on both ways until one side ends.
  static func pump(_ first: Int32, _ second: Int32) {
    while true {
      var polled = [first, second].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      guard poll(&polled, 2, -1) > 0 else { return }
      for (index, target) in [(0, second), (1, first)] where polled[index].revents != 0 {
        guard let piece = receive(polled[index].fd), send(piece, to: target) else {
          return
        }
      }
    }
  }

  /// Ends a connection as a network does that goes away: with a reset and no end of the stream.
  static func reset(_ socket: Int32) {
    var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
  }

  private static func open() -> Int32 {
    socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  }

  /// Some bytes; nil at the end.
  static func receive(_ socket: Int32, _ bytesMax: Int = 1 << 16) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: bytesMax)
    while true {
      let count = recv(socket, &buffer, bytesMax, 0)
      if count > 0 { return Array(buffer.prefix(count)) }
      if count == 0 || errno != EINTR { return nil }
    }
  }
}
