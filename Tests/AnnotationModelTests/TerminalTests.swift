import AnnotationModel
import Testing

@Suite struct TerminalTests {
  @Test func `no control character reaches the terminal`() {
    let all = (0...0xFF).map { Unicode.Scalar(UInt8($0)) }
    let safe = TerminalText.safe(all)
    #expect(!safe.unicodeScalars.contains { $0.properties.generalCategory == .control })
    #expect(
      same(TerminalText.safe(scalars("a\u{1B}[31m\u{7F}\u{9B}\tb\nc")), "a␛[31m␡\u{FFFD} b↵c"))
    #expect(same(TerminalText.safe(scalars("a\nb"), keepingLines: true), "a\nb"))
  }

  @Test func `an isolate cannot be closed or turned from inside`() {
    let hostile = "a\u{2069}b\u{202E}c\u{2066}\u{2029}d\u{200F}"
    #expect(
      same(TerminalText.isolated(scalars(hostile)), "\u{2068}abc d\u{200F}\u{2069}"))
  }

  @Test func `only text with right-to-left letters is isolated when needed`() {
    #expect(same(TerminalText.isolatedIfNeeded("abc 123"), "abc 123"))
    #expect(same(TerminalText.isolatedIfNeeded("نعم"), "\u{2068}نعم\u{2069}"))
  }

  @Test(
    "The first strong letter gives the direction",
    arguments: [
      ("123 «نعم» yes", TextDirection.rightToLeft), ("1. yes نعم", .leftToRight),
      ("שלום", .rightToLeft), ("123 — !", nil), ("", nil), ("\u{64B}a", .leftToRight),
      ("\u{200F}a", .rightToLeft), ("٣ abc", .leftToRight),
    ])
  func direction(text: String, expected: TextDirection?) {
    #expect(TextDirection.firstStrong(in: text.unicodeScalars) == expected)
  }

  @Test(
    "Widths are columns",
    arguments: [
      ("abc", 3), ("كِتَابٌ", 4), ("中文", 4), ("👨\u{200D}👩\u{200D}👧", 2), ("🇵🇸", 2), ("e\u{301}", 1),
      ("", 0), ("\u{200F}", 0), ("❤\u{FE0F}", 2), ("لا", 2),
    ])
  func width(text: String, columns: Int) {
    #expect(DisplayWidth.columns(of: text) == columns)
  }

  @Test func `truncating keeps letters with their marks and fits`() {
    #expect(same(DisplayWidth.truncated("كِتَابٌ", columns: 4), "كِتَابٌ"))
    #expect(same(DisplayWidth.truncated("كِتَابٌ", columns: 3), "كِتَ…"))
    #expect(same(DisplayWidth.truncated("中文字", columns: 4), "中…"))
    #expect(same(DisplayWidth.truncated("abc", columns: 1), "…"))
    #expect(same(DisplayWidth.truncated("abc", columns: 0), ""))
    #expect(same(DisplayWidth.padded("كِت", columns: 4), "كِت  "))
  }
}
