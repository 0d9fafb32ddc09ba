import Synchronization

/// How a request's body comes in: how much, and whether it is late.
final class BodyArrival: Sendable {
  private struct Progress {
    var byteCount = 0
    var last = ContinuousClock.now
  }

  private let started = ContinuousClock.now
  private let progress = Mutex(Progress())

  var byteCount: Int { progress.withLock { $0.byteCount } }

  /// Notes that bytes have come.
  func note(_ count: Int) {
    progress.withLock { progress in
      progress.byteCount += count
      progress.last = .now
    }
  }

  /// Returns when nothing has come for ``ServerLimits/bodySilenceSecondsMax``, or the whole has not come
  /// within ``ServerLimits/bodySecondsMax``; throws when it is cancelled.
  func waitUntilLate() async throws {
    while true {
      let silent = progress.withLock { $0.last } + .seconds(ServerLimits.bodySilenceSecondsMax)
      let due = min(silent, started + .seconds(ServerLimits.bodySecondsMax))
      if due <= .now { return }
      try await Task.sleep(until: due)
    }
  }
}
