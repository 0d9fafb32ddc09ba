/// How far a connection is with its request and answer, and what the clock has to say about it.
///
/// A value without sockets: the handler beside it tells what comes and goes, and does what is returned.
/// Times are nanoseconds of one monotonic clock.
struct ConnectionProgress: Sendable {
  enum Phase: Equatable, Sendable {
    /// Between requests, or within the head of one.
    case head
    /// Within a request's body.
    case body
    /// The request is here; its answer is being made or written.
    case answer
    /// Everything is answered, and what still comes is thrown away so that the answer is not lost with
    /// it (RFC 9112 § 9.6).
    case lingering
  }

  enum EndAction: Equatable { case keep, close, linger }

  /// What ends when its time is over.
  enum Verdict: Equatable { case wait, close }

  private(set) var phase = Phase.head
  private(set) var isAnswerBegun = false
  /// Whether this connection takes no further request.
  private(set) var mustClose = false
  /// Whether more has come than is read.
  private var hasSurplus = false
  private var phaseStart: UInt64
  private var lastMove: UInt64
  private var windowStart: UInt64
  private var windowBytes = 0
  private var thrownAwayBytes = 0

  init(now: UInt64) {
    phaseStart = now
    lastMove = now
    windowStart = now
  }

  /// Takes note of a head; returns whether it may be served.
  ///
  /// One that comes before the last is answered was sent too early: the connection ends behind that
  /// answer.
  mutating func headArrives(closes: Bool, now: UInt64) -> Bool {
    guard phase == .head, !isAnswerBegun else {
      mustClose = true
      hasSurplus = true
      return false
    }
    mustClose = closes
    enter(.body, now)
    return true
  }

  mutating func moved(_ bytes: Int, now: UInt64) {
    lastMove = now
    windowBytes += bytes
    if phase == .lingering { thrownAwayBytes += bytes }
  }

  /// Whether more is read of what comes.
  ///
  /// Of a stranger's only as much is thrown away as one is likely to send before the answer is there:
  /// the rest stays with the sender, or a flood would cost the copying of all its bytes.
  func reads(fromStranger isStranger: Bool) -> Bool {
    phase != .lingering || !isStranger || thrownAwayBytes < ServerLimits.thrownAwayBytesMax
  }

  mutating func requestEnds(now: UInt64) {
    guard phase == .body else { return }
    enter(.answer, now)
  }

  /// The head of the answer goes out; returns whether it has to say that the connection closes.
  mutating func answerBegins(toStranger: Bool, now: UInt64) -> Bool {
    isAnswerBegun = true
    lastMove = now
    if phase != .answer || toStranger { mustClose = true }
    return mustClose
  }

  /// The answer has gone out to its last byte.
  mutating func answerEnds(now: UInt64) -> EndAction {
    isAnswerBegun = false
    if phase == .answer, !mustClose {
      enter(.head, now)
      return .keep
    }
    if phase == .answer, !hasSurplus { return .close }
    enter(.lingering, now)
    return .linger
  }

  /// The server stops: what is between requests ends, and what is under way is the last.
  ///
  /// Whatever else waits to be thrown away of a stranger's is not waited for.
  mutating func stops(isStranger: Bool) -> Verdict {
    switch phase {
    case .head where !isAnswerBegun: return .close
    case .lingering where isStranger: return .close
    case .head, .body, .answer, .lingering:
      mustClose = true
      return .wait
    }
  }

  /// What the clock says, asked about once a second.
  ///
  /// - Parameters:
  ///   - isStranger: whether nobody is known on the connection.
  ///   - areScarce: whether places are, so that whoever has one must use it.
  ///   - waiting: bytes of an answer that wait for the other side to read.
  mutating func check(now: UInt64, isStranger: Bool, areScarce: Bool, waiting: Int) -> Verdict {
    let inPhase = now - phaseStart
    let still = now - lastMove
    switch phase {
    case .head:
      let limit = isStranger ? ServerLimits.headSecondsMax : ServerLimits.idleSecondsMax
      return inPhase >= seconds(limit) ? .close : .wait
    case .lingering:
      return still >= seconds(ServerLimits.lingerSilenceSecondsMax)
        || inPhase >= seconds(ServerLimits.lingerSecondsMax) ? .close : .wait
    case .body:
      // Late bodies are answered by whoever reads them; this is for those that nobody reads.
      if still >= seconds(ServerLimits.idleSecondsMax) { return .close }
      return checkRate(now, areScarce)
    case .answer:
      guard waiting > 0 else {
        restartWindow(now)
        return .wait
      }
      let limit = isStranger ? ServerLimits.headSecondsMax : ServerLimits.idleSecondsMax
      if still >= seconds(limit) { return .close }
      return checkRate(now, areScarce)
    }
  }

  private mutating func checkRate(_ now: UInt64, _ areScarce: Bool) -> Verdict {
    let window = seconds(ServerLimits.rateWindowSeconds)
    guard now - windowStart >= window else { return .wait }
    let bytes = windowBytes
    restartWindow(now)
    let least = ServerLimits.bytesPerSecondMin * Int(ServerLimits.rateWindowSeconds)
    return areScarce && bytes < least ? .close : .wait
  }

  private mutating func restartWindow(_ now: UInt64) {
    windowStart = now
    windowBytes = 0
  }

  private mutating func enter(_ next: Phase, _ now: UInt64) {
    phase = next
    phaseStart = now
    lastMove = now
    restartWindow(now)
  }

  private func seconds(_ count: Int64) -> UInt64 { UInt64(count) * 1_000_000_000 }
}
