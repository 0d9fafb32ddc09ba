import Testing

@testable import SyncClient

@Suite struct PassingSizesTests {
  private let url = "https://gloss.example"
  private let day = ClientLimits.growthPause

  @Test func `what does not pass is halved down to a limit, and remembered for its server alone`() {
    var sizes = PassingSizes(url: url)
    #expect(sizes.stored == nil)
    let isSmaller = sizes.shrinkRequests(below: 3_000_000, now: 5)
    #expect(isSmaller)
    #expect(sizes.requestBytes == 1_500_000)
    #expect(sizes.answerBytes == ClientLimits.answerBytesMax)
    _ = sizes.shrinkRequests(below: 9_000_000, now: 6)
    #expect(sizes.requestBytes == 750_000)
    #expect(PassingSizes(stored: sizes.stored, url: url).stored == sizes.stored)
    #expect(PassingSizes(stored: sizes.stored, url: url + "x").isUnlimited)
    var count = 0
    while sizes.shrinkRequests(below: sizes.requestBytes, now: 7) { count += 1 }
    #expect(sizes.requestBytes == ClientLimits.requestBytesMin)
    #expect(count < 8)
    let isEven = sizes.shrinkRequests(below: ClientLimits.requestBytesMin, now: 7)
    #expect(!isEven)
  }

  @Test func `what passed after a guess is what is known, unless there was little to send`() {
    var sizes = PassingSizes(url: url)
    sizes.requestPassed(1_000)
    #expect(sizes.isUnlimited)
    let isSmaller = sizes.shrinkRequests(below: 3_000_000, now: 5)
    #expect(isSmaller)
    sizes.requestPassed(750_000)
    #expect(sizes.requestBytes == 1_500_000)
    sizes.requestPassed(1_001_000)
    #expect(sizes.requestBytes == 1_001_000)
    sizes.requestPassed(900_000)
    #expect(sizes.requestBytes == 1_001_000)
  }

  @Test func `answers shrink only when enough came to meet a limit`() {
    var sizes = PassingSizes(url: url)
    let results = [
      sizes.shrinkAnswers(below: ClientLimits.answerBytesMin - 1, now: 1),
      sizes.shrinkAnswers(below: ClientLimits.answerBytesMin, now: 1),
      sizes.shrinkAnswers(below: ClientLimits.answerBytesMin, now: 1),
    ]
    #expect(results == [false, true, false])
    #expect(sizes.answerBytes == ClientLimits.answerBytesMin)
  }

  @Test func `sizes grow again a step a day, whatever the clock does`() {
    var sizes = PassingSizes(url: url)
    _ = sizes.shrinkRequests(below: 1 << 20, now: 10 * day)
    let small = sizes
    sizes.grow(now: 11 * day - 1)
    #expect(sizes == small)
    sizes.grow(now: 11 * day)
    #expect(sizes.requestBytes == 1 << 20)
    sizes.grow(now: 11 * day)
    #expect(sizes.requestBytes == 1 << 20)
    sizes.grow(now: 2 * day)
    #expect(sizes.requestBytes == 2 << 20)
    for step in 0..<9 { sizes.grow(now: (4 + Int64(step)) * day) }
    #expect(sizes.isUnlimited)
    #expect(sizes.stored == nil)
  }

  @Test(arguments: [
    "", "1", "x y z https://gloss.example", "1 2 3", "-5 -5 -5 https://gloss.example",
  ])
  func `what was stored by nobody is never trusted`(text: String) {
    let sizes = PassingSizes(stored: text, url: url)
    #expect(sizes.requestBytes >= ClientLimits.requestBytesMin)
    #expect(sizes.answerBytes >= ClientLimits.answerBytesMin)
    var grown = PassingSizes(stored: "9999999999999 1 9223372036854775807 \(url)", url: url)
    grown.grow(now: .min / 2)
    #expect(grown.requestBytes <= ClientLimits.requestBytesMax)
  }
}
