import Logging
import Synchronization

/// The server's log of requests: a line for each, but of strangers' only so many in a while.
///
/// Whoever sends requests by the thousand would fill a disk with lines about them, and what members
/// push would wait for that disk. What is not listed is counted, and the count is listed at the end of
/// ``ServerLimits/strangerLinesSeconds``.
final class RequestLog: Sendable {
  private struct Window {
    var end: ContinuousClock.Instant
    var listed = 0
    var unlisted = 0

    /// Begins anew where the time is over; returns how many were not listed in that.
    mutating func restart(_ now: ContinuousClock.Instant) -> Int {
      guard now >= end else { return 0 }
      let missing = unlisted
      self = Window(end: now + .seconds(ServerLimits.strangerLinesSeconds))
      return missing
    }
  }

  private let logger: Logger
  private let window = Mutex(Window(end: .now))

  init(_ logger: Logger) { self.logger = logger }

  /// - Parameters:
  ///   - ofStranger: whether nobody is known who sent the request.
  ///   - metadata: what the line says; not asked for where none is written.
  func list(
    _ level: Logger.Level, _ message: Logger.Message, ofStranger: Bool,
    now: ContinuousClock.Instant = .now, metadata: () -> Logger.Metadata
  ) {
    if ofStranger, !mayList(now) { return }
    logger.log(level: level, message, metadata: metadata())
  }

  /// Says something else than of one request.
  func notice(_ message: Logger.Message, metadata: Logger.Metadata) {
    logger.notice(message, metadata: metadata)
  }

  /// Whether one more of a stranger's is listed now.
  private func mayList(_ now: ContinuousClock.Instant) -> Bool {
    let (isListed, isFirst, missing) = window.withLock { window in
      let missing = window.restart(now)
      guard window.listed >= ServerLimits.strangerLinesMax else {
        window.listed += 1
        return (true, false, missing)
      }
      window.unlisted += 1
      return (false, window.unlisted == 1, missing)
    }
    list(missing: missing)
    // Otherwise the count would wait for the next stranger.
    if isFirst {
      Task {
        try await Task.sleep(for: .seconds(ServerLimits.strangerLinesSeconds))
        list(missing: endWindow(.now))
      }
    }
    return isListed
  }

  private func endWindow(_ now: ContinuousClock.Instant) -> Int {
    window.withLock { $0.restart(now) }
  }

  private func list(missing: Int) {
    guard missing > 0 else { return }
    logger.notice(
      "requests of strangers that are not listed", metadata: ["count": .stringConvertible(missing)])
  }
}
