import NIOCore
import ServiceLifecycle
import Synchronization

/// Takes in what has arrived when the server is told to stop, before it stops accepting.
///
/// Whoever has connected and sent a request has sent it, though a busy server may not have accepted
/// or read it yet. Closing a listener resets what waits to be accepted, and a connection whose head
/// lies unread in the kernel looks as if it were between requests: without this step the stop would
/// break both off.
///
/// A service of the group that stops, behind the application: those that come later are stopped
/// first.
final class ArrivalDrain: Service {
  private let connections: Connections
  private let group: any EventLoopGroup
  private let listener = Mutex<(any Channel)?>(nil)

  /// - Parameter group: the event loops that connections are served on.
  init(_ connections: Connections, on group: any EventLoopGroup) {
    self.connections = connections
    self.group = group
  }

  /// Says which channel accepts.
  func watch(_ channel: any Channel) { listener.withLock { $0 = channel } }

  /// Returns when the server is told to stop, and everything that had come by then is read.
  ///
  /// What goes on coming is waited for ``ServerLimits/drainRoundsMax`` times.
  func run() async throws {
    try? await gracefulShutdown()
    guard let listener = listener.withLock({ $0 }) else { return }
    var quietRounds = 0
    for _ in 0..<ServerLimits.drainRoundsMax where quietRounds < 2 {
      let count = connections.admittedCount
      try await Self.pass(of: listener.eventLoop)
      for loop in group.makeIterator() { try await Self.pass(of: loop) }
      quietRounds = connections.admittedCount == count ? quietRounds + 1 : 0
    }
  }

  /// Returns when a loop has looked at all its sockets, and done what came of it.
  ///
  /// A task that is due later waits for at least one look.
  private static func pass(of loop: any EventLoop) async throws {
    try await loop.scheduleTask(in: .milliseconds(ServerLimits.drainMilliseconds)) {}
      .futureResult.get()
  }
}
