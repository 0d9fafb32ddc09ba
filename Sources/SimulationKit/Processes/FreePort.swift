import Foundation
import Glibc

/// Ports of 127.0.0.1 that nothing uses.
package enum FreePort {
  /// Guarded by `lock`.
  nonisolated(unsafe) private static var given: Set<UInt16> = []
  private static let lock = NSLock()

  /// A port that was free a moment ago and is given once only in this process.
  ///
  /// Taken from below the range that the system gives to outgoing connections, so that none of
  /// those can take it before the server does.
  package static func next() throws -> Int {
    try lock.withLock {
      for _ in 0..<1000 {
        let port = UInt16.random(in: 10_000..<32_000)
        if !given.contains(port), isFree(port) {
          given.insert(port)
          return Int(port)
        }
      }
      throw ProcessFailure("no free port on 127.0.0.1")
    }
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return withLoopback(port) { bind(descriptor, $0, $1) } == 0
  }
}

/// Calls `body` with the address of a port of 127.0.0.1.
func withLoopback<Result>(
  _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}
