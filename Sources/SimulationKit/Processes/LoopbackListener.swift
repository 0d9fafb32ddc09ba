import Foundation
import Glibc

/// A port of 127.0.0.1 that is listened on until the listener is let go; each connection is served on a
/// thread of its own, and closed when that is done.
final class LoopbackListener: Sendable {
  let port: Int
  private let descriptor: Int32

  init(port: Int) throws {
    self.port = port
    descriptor = try LoopbackSocket.listen(on: port)
  }

  deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Serves connections from now on; called once.
  ///
  /// `body` must not hold whoever holds the listener.
  func serve(_ body: @escaping @Sendable (Int32) -> Void) {
    let listener = descriptor
    Thread { Self.accept(listener, body) }.start()
  }

  /// Accepts until the listener is shut down, which closes it.
  private static func accept(_ listener: Int32, _ body: @escaping @Sendable (Int32) -> Void) {
    while true {
      let client = Glibc.accept(listener, nil, nil)
      if client >= 0 {
        Thread {
          body(client)
          close(client)
        }.start()
      } else if errno != EINTR, errno != ECONNABORTED {
        close(listener)
        return
      }
    }
  }
}
