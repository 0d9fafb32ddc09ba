import SyncProtocol
import Testing

struct TimestampTests {
  @Test("every millisecond is written as it is, and read back")
  func everyMillisecond() throws {
    for offset in Int64(0)..<3_000 {
      let time = Timestamp(milliseconds: 1_795_000_000_000 + offset * 7)
      #expect(Timestamp(time.text) == time)
    }
  }

  @Test(
    "times have three digits of fraction and a Z",
    arguments: [
      (Int64(0), "1970-01-01T00:00:00.000Z"), (1_795_000_000_001, "2026-11-18T11:06:40.001Z"),
      (-1, "1969-12-31T23:59:59.999Z"),
    ])
  func golden(_ milliseconds: Int64, _ text: String) {
    #expect(Timestamp(milliseconds: milliseconds).text == text)
  }

  @Test(
    "other spellings of a time are refused",
    arguments: [
      "2026-11-18T11:06:40Z", "2026-11-18T11:06:40.1Z", "2026-11-18t11:06:40.001Z",
      "2026-11-18T11:06:40.001+00:00", "2026-11-18T11:06:40.0011Z", "2026-13-18T11:06:40.001Z",
      "2026-11-18 11:06:40.001Z", "",
    ])
  func refused(_ text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test("a time far from any other is read back as well")
  func spread() throws {
    var generator = SplitMix(seed: 0x7115)
    let width = UInt64(Timestamp.range.upperBound - Timestamp.range.lowerBound)
    for _ in 0..<5_000 {
      let milliseconds = Timestamp.range.lowerBound + Int64(generator.next() % width)
      let time = Timestamp(milliseconds: milliseconds)
      try #require(Timestamp(time.text)?.milliseconds == milliseconds, "\(milliseconds)")
    }
  }

  @Test("a claimed time that no text can give is shown as the nearest that one can")
  func extremes() {
    #expect(Timestamp(milliseconds: .min).text == "1600-01-01T00:00:00.000Z")
    #expect(Timestamp(milliseconds: .max).text == "9999-12-31T23:59:59.999Z")
  }
}
