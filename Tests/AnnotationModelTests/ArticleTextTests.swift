import AnnotationModel
import Testing

@Suite struct ArticleTextTests {
  static let familyEmoji = "👨\u{200D}👩\u{200D}👧"

  @Test(
    "Offsets count code points whatever stands before the passage",
    arguments: [
      ("", 0), ("abc ", 4), (familyEmoji, 5), ("🇵🇸🇱🇧", 4), ("كِتَابٌ ", 8), ("كتـــاب ", 8),
      ("a\r\nb\r\n", 4), ("é", 1), ("e\u{301}", 2), ("\u{FEFF}x", 1), ("👍🏽", 2), ("\r", 1),
      ("\u{1F1F5}", 1), ("ﷺ\u{200F}", 2),
    ])
  func offsets(before: String, start: Int) throws {
    let text = try article(before + "هدف\r\nبعد")
    let span = try text.locate(quote: "هدف")
    #expect(span.start == start)
    #expect(span.end == start + 3)
    #expect(Array(text.scalars(in: span)) == scalars("هدف"))
  }

  @Test func `CR LF becomes one LF and a lone CR stays`() throws {
    #expect(try article("a\r\n\r\r\nb\r").scalars == scalars("a\n\r\nb\r"))
  }

  @Test func `one byte order mark is dropped, and only at the beginning`() throws {
    #expect(try article("\u{FEFF}a\u{FEFF}").scalars == scalars("a\u{FEFF}"))
    #expect(try article("\u{FEFF}\u{FEFF}a").scalars == scalars("\u{FEFF}a"))
  }

  @Test func `nothing is normalised`() throws {
    let decomposed: [Unicode.Scalar] = ["e", "\u{301}", "\u{627}", "\u{653}", "\u{212B}"]
    #expect(try article(UTF8Text.string(of: decomposed)).scalars == decomposed)
  }

  @Test func `no bytes and a byte order mark alone are empty`() {
    #expect(throws: ArticleTextError.empty) { try ArticleText(importing: []) }
    #expect(throws: ArticleTextError.empty) { try ArticleText(importing: [0xEF, 0xBB, 0xBF]) }
  }

  @Test func `a mebibyte is accepted and one byte more is not`() throws {
    let limit = AnnotationLimits.articleBytes
    let full = try ArticleText(importing: [UInt8](repeating: 0x61, count: limit))
    #expect(full.codePointCount == limit)
    #expect(throws: ArticleTextError.tooLarge(bytes: limit + 1)) {
      try ArticleText(importing: [UInt8](repeating: 0x61, count: limit + 1))
    }
  }

  @Test(
    "Ill-formed UTF-8 is refused with the offset where it begins",
    arguments: [
      ([0x80], 0), ([0x61, 0xBF], 1), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0),
      ([0xE0, 0x80, 0x80], 0), ([0xE0, 0x9F, 0xBF], 0), ([0xED, 0xA0, 0x80], 0),
      ([0xED, 0xBF, 0xBF], 0), ([0xF0, 0x8F, 0xBF, 0xBF], 0), ([0xF4, 0x90, 0x80, 0x80], 0),
      ([0xF5, 0x80, 0x80, 0x80], 0), ([0xFF], 0), ([0xFE], 0), ([0x61, 0x62, 0xD8], 2),
      ([0xE2, 0x82], 0), ([0xF0, 0x9F, 0x98], 0), ([0xD8, 0xA7, 0xD8, 0x61], 2),
      ([0xE2, 0x82, 0xAC, 0xE2, 0x28, 0xA1], 3), ([0xEF, 0xBB, 0xBF, 0xC0], 3),
      ([0xF8, 0x88, 0x80, 0x80, 0x80], 0),
    ] as [([UInt8], Int)])
  func illFormed(bytes: [UInt8], offset: Int) {
    #expect(throws: ArticleTextError.notUTF8(byteOffset: offset)) {
      try ArticleText(importing: bytes)
    }
  }

  @Test(
    "The first and the last code point of each length are accepted",
    arguments: [
      0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF,
    ] as [UInt32])
  func wellFormed(value: UInt32) throws {
    let scalar = try #require(Unicode.Scalar(value))
    let bytes = UTF8Text.bytes(of: [scalar])
    #expect(bytes == Array(String(Character(scalar)).utf8))
    #expect(try UTF8Text.scalars(of: bytes) == [scalar])
  }

  @Test func `lines end at line feeds and are numbered from 1`() throws {
    let text = try article("ab\r\n\nc\n")
    #expect(text.lines.map(\.range) == [0..<2, 3..<3, 4..<5])
    #expect((0...6).map { text.lineNumber(at: $0) } == [1, 1, 1, 2, 3, 3, 3])
    #expect(text.line(number: 0) == nil)
    #expect(text.line(number: 4) == nil)
    #expect(try article("\n").lines.map(\.range) == [0..<0])
    #expect(try article("x").lines.map(\.range) == [0..<1])
  }

  @Test func `a title is the first line that is not blank, trimmed, without invisible marks`()
    throws
  {
    #expect(same(try article("\n \t\n \u{202B}عنوان\u{202C} \nنص").defaultTitle, "عنوان"))
    #expect(try article(" \n\t\n").defaultTitle == nil)
  }

  @Test func `a long title is cut before a letter, never before its marks`() throws {
    let limit = AnnotationLimits.defaultTitleCodePoints
    let letters = String(repeating: "ب", count: limit - 1)
    let title = try #require(try article(letters + "بَبب").defaultTitle)
    #expect(same(title, letters))
    let exact = try #require(try article(letters + "ب").defaultTitle)
    #expect(exact.unicodeScalars.count == limit)
    let marks = "ا" + String(repeating: "\u{64B}", count: 3 * limit)
    #expect(try article(marks).defaultTitle != nil)
  }

  @Test func `versions hash the bytes as imported, not the text`() throws {
    let plain = try article("a\nb")
    let dos = try article("a\r\nb")
    #expect(plain.scalars == dos.scalars)
    #expect(plain.version != dos.version)
    #expect(
      ArticleID(firstVersion: Array("abc".utf8)).hex
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
