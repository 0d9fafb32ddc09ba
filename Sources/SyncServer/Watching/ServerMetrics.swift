import Synchronization

/// What the server has done since it started, counted for whoever watches it.
///
/// Everything that it is counted by is one of few: routes, statuses, problem codes. Nothing is counted
/// by member, replica, address or token.
final class ServerMetrics: Sendable {
  /// What a request asked for.
  enum Route: String, CaseIterable, Sendable {
    case exchange, heal, checkpoint, tile, health, ready
    /// No path of this server's, or a head that is none.
    case other
  }

  struct Answer: Hashable, Sendable {
    var route: Route
    var status: Int
  }

  struct Counts: Sendable {
    fileprivate(set) var answers: [Answer: Int] = [:]
    /// By the code of a problem or a refusal.
    fileprivate(set) var problems: [String: Int] = [:]
    fileprivate(set) var receivedBytes = 0
    fileprivate(set) var sentBytes = 0
    fileprivate(set) var acceptedBatches = 0
    fileprivate(set) var knownBatches = 0
    fileprivate(set) var refusedBatches = 0
    /// For how long requests waited for a turn to write, and had it.
    fileprivate(set) var turnWaits = DurationCounts()
    fileprivate(set) var turns = DurationCounts()
    /// From a request's head to the end of its answer.
    fileprivate(set) var requests = DurationCounts()
  }

  private let state = Mutex(Counts())

  var counts: Counts { state.withLock { $0 } }

  /// Counts an answer.
  ///
  /// - Parameter code: the problem's, where it is one.
  func noteAnswer(
    _ route: Route, status: Int, code: String?, receivedBytes: Int, sentBytes: Int,
    seconds: Double
  ) {
    state.withLock { counts in
      counts.answers[Answer(route: route, status: status), default: 0] += 1
      if let code { counts.problems[code, default: 0] += 1 }
      counts.receivedBytes += receivedBytes
      counts.sentBytes += sentBytes
      counts.requests.note(seconds)
    }
  }

  /// Counts a turn to write.
  func noteTurn(waitedSeconds: Double, tookSeconds: Double) {
    state.withLock { counts in
      counts.turnWaits.note(waitedSeconds)
      counts.turns.note(tookSeconds)
    }
  }

  /// Counts what became of a request's batches.
  func noteBatches(_ verdicts: [BatchVerdict]) {
    state.withLock { counts in
      for verdict in verdicts {
        switch verdict {
        case .accepted(_, known: false): counts.acceptedBatches += 1
        case .accepted(_, known: true): counts.knownBatches += 1
        case .refused: counts.refusedBatches += 1
        }
      }
    }
  }
}

/// How many of some durations were at most so long, as Prometheus has it in a histogram.
struct DurationCounts: Sendable {
  /// Seconds; beyond the last one there is no bound.
  static let bounds = [0.001, 0.005, 0.025, 0.05, 0.1, 0.5, 2.5, 10]

  /// Those at most as long as the bound at the same index, and not counted before it.
  private(set) var counts = Array(repeating: 0, count: bounds.count)
  private(set) var count = 0
  private(set) var sum = 0.0

  mutating func note(_ seconds: Double) {
    count += 1
    sum += seconds
    if let index = Self.bounds.firstIndex(where: { seconds <= $0 }) { counts[index] += 1 }
  }
}
