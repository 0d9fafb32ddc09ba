import Synchronization

/// How a request's body comes in: how much, and whether it is late.
final class BodyArrival: Sendable {
  private struct Progress {
    var byteCount = 0
    var last = ContinuousClock.now
    var isMember: Bool
  }

  private let started = ContinuousClock.now
  private let progress: Mutex<Progress>

  /// - Parameter isMember: whether the sender is known, and may take its time.
  init(isMember: Bool) { progress = Mutex(Progress(isMember: isMember)) }

  var byteCount: Int { progress.withLock { $0.byteCount } }

  /// Whether the sender is known.
  var isMember: Bool { progress.withLock { $0.isMember } }

  /// Notes that bytes have come.
  func note(_ count: Int) {
    progress.withLock { progress in
      progress.byteCount += count
      progress.last = .now
    }
  }

  /// Notes that the sender has shown who it is.
  func becomeMember() { progress.withLock { $0.isMember = true } }

  /// Returns when the body is late; throws when it is cancelled.
  ///
  /// A member's is late when nothing has come for ``ServerLimits/bodySilenceSecondsMax``, or the whole
  /// not within ``ServerLimits/bodySecondsMax``; a stranger's when the whole has not come within
  /// ``ServerLimits/strangerBodySecondsMax``.
  func waitUntilLate() async throws {
    while true {
      let due = progress.withLock { progress in
        guard progress.isMember else {
          return started + .seconds(ServerLimits.strangerBodySecondsMax)
        }
        let silent = progress.last + .seconds(ServerLimits.bodySilenceSecondsMax)
        return min(silent, started + .seconds(ServerLimits.bodySecondsMax))
      }
      if due <= .now { return }
      try await Task.sleep(until: due)
    }
  }
}
