import Testing

@testable import SyncClient

@Suite struct PaceMeterTests {
  private func seconds(_ seconds: Int) -> Duration { .seconds(seconds) }

  /// An answer of which so many bytes come each second, until it is judged too slow.
  private func verdict(bytesPerSecond: Int, for duration: Int) -> PaceMeter.Verdict {
    var meter = PaceMeter()
    for second in 0..<duration {
      meter.wait(.receiving, at: seconds(second))
      meter.passed(bytesPerSecond, at: seconds(second + 1))
      let verdict = meter.verdict(at: seconds(second + 1))
      if verdict != .fine { return verdict }
    }
    return .fine
  }

  @Test func `an answer at the minimum rate goes on, one below it ends`() {
    let minimum = ClientLimits.answerBytesPerSecondMin
    #expect(verdict(bytesPerSecond: minimum, for: 600) == .fine)
    #expect(
      verdict(bytesPerSecond: minimum - 1, for: 600)
        == .tooSlow(bytes: 30 * (minimum - 1), seconds: 30, isSending: false))
  }

  @Test func `time that the program spends itself does not count`() {
    var meter = PaceMeter()
    meter.wait(.receiving, at: seconds(0))
    meter.passed(10, at: seconds(1))
    let busy = meter.verdict(at: seconds(1_000))
    #expect(busy == .fine)
    #expect(meter.silence(at: seconds(1_000)) == .zero)
    meter.wait(.receiving, at: seconds(1_000))
    let verdicts = [meter.verdict(at: seconds(1_028)), meter.verdict(at: seconds(1_029))]
    #expect(verdicts == [.fine, .tooSlow(bytes: 10, seconds: 30, isSending: false)])
  }

  @Test func `a server that works on an answer is waited for, and that is told`() {
    var meter = PaceMeter()
    meter.wait(.thinking, at: seconds(0))
    let verdict = meter.verdict(at: seconds(59))
    #expect(verdict == .fine)
    #expect(meter.silence(at: seconds(59)) == seconds(59))
    meter.passed(0, at: seconds(59))
    meter.wait(.receiving, at: seconds(59))
    let begun = meter.verdict(at: seconds(60))
    #expect(begun == .fine)
  }

  @Test func `a request that the network does not take ends, one that it takes slowly does not`() {
    var meter = PaceMeter()
    let silence = Int(ClientLimits.sendSilenceMax.components.seconds)
    for step in 0..<5 {
      meter.wait(.sending, at: seconds(step * (silence - 1)))
      let verdict = meter.verdict(at: seconds((step + 1) * (silence - 1)))
      #expect(verdict == .fine)
      meter.passed(1, at: seconds((step + 1) * (silence - 1)))
    }
    meter.wait(.sending, at: seconds(10_000))
    let verdict = meter.verdict(at: seconds(10_000 + silence))
    #expect(verdict == .tooSlow(bytes: 0, seconds: silence, isSending: true))
  }
}
