import Testing

@testable import SyncServer

@Suite struct ConnectionProgressTests {
  private static func seconds(_ count: Int64) -> UInt64 { UInt64(count) * 1_000_000_000 }

  private func check(
    _ progress: inout ConnectionProgress, _ seconds: Int64, isStranger: Bool = true,
    areScarce: Bool = false, waiting: Int = 0
  ) -> ConnectionProgress.Verdict {
    progress.check(
      now: Self.seconds(seconds), isStranger: isStranger, areScarce: areScarce, waiting: waiting)
  }

  @Test("a stranger has so long for a head, a member as long as connections idle")
  func heads() {
    var progress = ConnectionProgress(now: 0)
    let (head, idle) = (ServerLimits.headSecondsMax, ServerLimits.idleSecondsMax)
    #expect(check(&progress, head - 1) == .wait)
    #expect(check(&progress, head) == .close)
    #expect(check(&progress, head, isStranger: false) == .wait)
    #expect(check(&progress, idle - 1, isStranger: false) == .wait)
    #expect(check(&progress, idle, isStranger: false) == .close)
  }

  @Test("a request that was read to its end keeps a member's connection and closes a stranger's")
  func ends() {
    for isStranger in [true, false] {
      var progress = ConnectionProgress(now: 0)
      #expect(progress.headArrives(closes: false, now: 1) == true)
      progress.requestEnds(now: 2)
      #expect(progress.answerBegins(toStranger: isStranger, now: 3) == isStranger)
      #expect(progress.answerEnds(now: 4) == (isStranger ? .close : .keep))
    }
    var progress = ConnectionProgress(now: 0)
    #expect(progress.headArrives(closes: true, now: 1) == true)
    progress.requestEnds(now: 2)
    #expect(progress.answerBegins(toStranger: false, now: 3) == true, "as the sender asked")
    #expect(progress.answerEnds(now: 4) == .close)
  }

  @Test("an early answer ends with so long a wait for the rest, and no longer")
  func early() {
    let (silence, whole) = (ServerLimits.lingerSilenceSecondsMax, ServerLimits.lingerSecondsMax)
    var silent = ConnectionProgress(now: 0)
    #expect(silent.headArrives(closes: false, now: 0) == true)
    #expect(silent.answerBegins(toStranger: false, now: 0) == true)
    #expect(silent.answerEnds(now: 0) == .linger)
    var dripping = silent
    #expect(check(&silent, silence - 1) == .wait)
    #expect(check(&silent, silence) == .close)
    for second in 1..<whole {
      dripping.moved(1, now: Self.seconds(second))
      #expect(check(&dripping, second) == .wait)
    }
    dripping.moved(1, now: Self.seconds(whole))
    #expect(check(&dripping, whole) == .close)
  }

  @Test("of what a stranger sends behind an early answer so much is read, of a member's all")
  func thrownAway() {
    var progress = ConnectionProgress(now: 0)
    #expect(progress.headArrives(closes: false, now: 0) == true)
    progress.moved(ServerLimits.thrownAwayBytesMax, now: 0)
    #expect(progress.reads(fromStranger: true))
    #expect(progress.answerBegins(toStranger: true, now: 0) == true)
    #expect(progress.answerEnds(now: 0) == .linger)
    progress.moved(ServerLimits.thrownAwayBytesMax - 1, now: 0)
    #expect(progress.reads(fromStranger: true))
    progress.moved(1, now: 0)
    #expect(!progress.reads(fromStranger: true))
    #expect(progress.reads(fromStranger: false))
  }

  @Test("when the server stops, what is between requests ends, and what is under way is the last")
  func stopping() {
    for isStranger in [true, false] {
      var idle = ConnectionProgress(now: 0)
      #expect(idle.stops(isStranger: isStranger) == .close)
      var sending = ConnectionProgress(now: 0)
      #expect(sending.headArrives(closes: false, now: 1) == true)
      var early = sending
      #expect(sending.stops(isStranger: isStranger) == .wait)
      sending.requestEnds(now: 2)
      #expect(sending.answerBegins(toStranger: false, now: 3) == true)
      #expect(sending.answerEnds(now: 4) == .close)
      // An early answer is not lost with what still comes, unless a stranger sends it.
      _ = early.answerBegins(toStranger: isStranger, now: 2)
      #expect(early.answerEnds(now: 3) == .linger)
      #expect(early.stops(isStranger: isStranger) == (isStranger ? .close : .wait))
    }
    var answering = ConnectionProgress(now: 0)
    _ = answering.headArrives(closes: false, now: 1)
    answering.requestEnds(now: 2)
    #expect(answering.answerBegins(toStranger: false, now: 3) == false)
    #expect(answering.stops(isStranger: false) == .wait)
    #expect(answering.answerEnds(now: 4) == .close)
  }

  @Test("a request before the last is answered is not served, and ends the connection")
  func pipelined() {
    var progress = ConnectionProgress(now: 0)
    #expect(progress.headArrives(closes: false, now: 1) == true)
    progress.requestEnds(now: 2)
    #expect(progress.headArrives(closes: false, now: 3) == false)
    #expect(progress.answerBegins(toStranger: false, now: 4) == true)
    #expect(progress.answerEnds(now: 5) == .linger)
  }

  @Test("an answer that is not read is given up, a slow one only where places are scarce")
  func answers() {
    var progress = ConnectionProgress(now: 0)
    #expect(progress.headArrives(closes: false, now: 0) == true)
    progress.requestEnds(now: 0)
    #expect(check(&progress, 500, isStranger: false, areScarce: true) == .wait, "it is being made")
    _ = progress.answerBegins(toStranger: false, now: Self.seconds(500))
    var stuck = progress
    let idle = ServerLimits.idleSecondsMax
    #expect(check(&stuck, 500 + idle - 1, isStranger: false, waiting: 1) == .wait)
    #expect(check(&stuck, 500 + idle, isStranger: false, waiting: 1) == .close)
    let window = ServerLimits.rateWindowSeconds
    let least = ServerLimits.bytesPerSecondMin * Int(window)
    for (bytes, areScarce, verdict) in [
      (least - 1, true, ConnectionProgress.Verdict.close), (least, true, .wait),
      (1, false, .wait),
    ] {
      var slow = progress
      slow.moved(bytes, now: Self.seconds(500 + window))
      #expect(
        check(&slow, 500 + window, isStranger: false, areScarce: areScarce, waiting: 1) == verdict)
    }
  }

  @Test("a slow body is cut only where places are scarce")
  func bodies() {
    let window = ServerLimits.rateWindowSeconds
    for (areScarce, verdict) in [(true, ConnectionProgress.Verdict.close), (false, .wait)] {
      var progress = ConnectionProgress(now: 0)
      #expect(progress.headArrives(closes: false, now: 0) == true)
      progress.moved(1, now: Self.seconds(window))
      #expect(check(&progress, window, isStranger: false, areScarce: areScarce) == verdict)
    }
  }
}
