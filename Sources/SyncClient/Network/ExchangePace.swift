import Synchronization

/// How fast the network is, as far as an exchange waits for it: time that this program spends with what
/// came does not count.
struct PaceMeter: Sendable {
  enum Direction: Sendable {
    case sending
    /// The request is sent, and no answer has begun: the server works, for a time that the transport
    /// limits.
    case thinking
    case receiving
  }

  /// What is to be done about the pace.
  enum Verdict: Equatable {
    case fine
    case tooSlow(bytes: Int, seconds: Int, isSending: Bool)
  }

  private var direction = Direction.sending
  /// When the wait under way began; nil while this program is busy.
  private var begin: Duration?
  /// Waiting time and bytes of the window under way, without the wait under way.
  private var waited = Duration.zero
  private var bytes = 0
  /// Bytes of the answer so far.
  private(set) var received = 0

  /// The network is waited for from now on.
  mutating func wait(_ direction: Direction, at now: Duration) {
    if direction != self.direction { (waited, bytes) = (.zero, 0) }
    self.direction = direction
    begin = now
  }

  /// The network has brought, or taken, so many bytes; 0 at an end.
  mutating func passed(_ count: Int, at now: Duration) {
    if let begin { waited += now - begin }
    begin = nil
    bytes += count
    if direction == .receiving { received += count }
    // Whatever the network takes of a request begins its silence anew.
    if direction != .receiving { (waited, bytes) = (.zero, 0) }
  }

  /// For how long the network has been waited for since something passed.
  func silence(at now: Duration) -> Duration { begin.map { now - $0 } ?? .zero }

  /// Judges the window when it is full, and begins another.
  mutating func verdict(at now: Duration) -> Verdict {
    guard direction != .thinking else { return .fine }
    let waiting = waited + silence(at: now)
    let isSending = direction == .sending
    let window = isSending ? ClientLimits.sendSilenceMax : ClientLimits.paceWindow
    guard waiting >= window else { return .fine }
    let seconds = Int(waiting.components.seconds)
    if isSending || bytes < seconds * ClientLimits.answerBytesPerSecondMin {
      return .tooSlow(bytes: bytes, seconds: seconds, isSending: isSending)
    }
    (waited, bytes) = (.zero, 0)
    if begin != nil { begin = now }
    return .fine
  }
}

/// The pace of an exchange under way, and the task that watches it.
final class ExchangePace: Sendable {
  private let meter = Mutex(PaceMeter())
  private let start = ContinuousClock.now
  private let progress: @Sendable (SyncProgress) -> Void

  init(progress: @escaping @Sendable (SyncProgress) -> Void) { self.progress = progress }

  /// Bytes in a second below which people are told what they wait for.
  private static let slowBytes = 16 << 10

  private var now: Duration { start.duration(to: .now) }

  func wait(_ direction: PaceMeter.Direction) {
    meter.withLock { $0.wait(direction, at: now) }
  }

  func passed(_ bytes: Int) { meter.withLock { $0.passed(bytes, at: now) } }

  /// Runs `body` while its pace is watched, and cancels it when the network is too slow; then throws
  /// ``NetworkFault/tooSlow(bytes:seconds:isSending:)``.
  func watch<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await body() }
      group.addTask {
        try await self.watch()
        return nil
      }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      preconditionFailure("the body returns or throws")
    }
  }

  /// Looks once a second, tells what is waited for, and throws when it comes too slowly.
  private func watch() async throws {
    var last = 0
    while true {
      try await Task.sleep(for: .seconds(1))
      let (verdict, silence, received) = meter.withLock { meter in
        (meter.verdict(at: now), meter.silence(at: now), meter.received)
      }
      if case .tooSlow(let bytes, let seconds, let isSending) = verdict {
        throw NetworkFault.tooSlow(bytes: bytes, seconds: seconds, isSending: isSending)
      }
      if silence > .zero, received - last < Self.slowBytes {
        progress(.waiting(received: received))
      }
      last = received
    }
  }
}
