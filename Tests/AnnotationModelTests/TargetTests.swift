import AnnotationModel
import MergeCore
import Testing

@Suite struct TargetTests {
  let bytes: [UInt8]
  let text: ArticleText

  init() throws {
    bytes = Array(
      "👨\u{200D}👩\u{200D}👧 قالَ الوزيرُ إنّ التصعيـــد لن يفيد أحدا في المنطقة كلها\r\nنهاية".utf8)
    text = try ArticleText(importing: bytes)
  }

  private func target(_ ranges: Range<Int>...) throws -> Target {
    try Target(
      article: ArticleID(firstVersion: bytes), text: text,
      spans: try ranges.map { try Span(start: $0.lowerBound, end: $0.upperBound) })
  }

  @Test func `the spans are sorted and carry their exact words and contexts`() throws {
    let target = try target(40..<45, 0..<5)
    #expect(target.spans.map(\.range) == [0..<5, 40..<45])
    #expect(target.quotations[0].exact == Array(text.scalars[0..<5]))
    #expect(target.quotations[0].prefix.isEmpty)
    #expect(target.quotations[0].suffix == Array(text.scalars[5..<37]))
    #expect(target.quotations[1].prefix == Array(text.scalars[8..<40]))
    let words = text.string(in: 0..<5) + " … " + text.string(in: 40..<45)
    #expect(same(target.quote, words))
    try target.check(against: text)
  }

  @Test func `decoding what was encoded gives the same target and the same bytes`() throws {
    for target in [
      try target(0..<1), try target(0..<text.codePointCount), try target(3..<9, 9..<10, 20..<50),
    ] {
      let decoded = try Target(encoded: target.encoded)
      #expect(decoded == target)
      #expect(decoded.encoded == target.encoded)
    }
  }

  @Test func `the encoding begins with layout, article, version and number of spans`() throws {
    let encoded = try target(0..<5, 7..<9).encoded
    #expect(encoded[0] == 1)
    #expect(Array(encoded[1..<33]) == ArticleID(firstVersion: bytes).bytes)
    #expect(Array(encoded[33..<65]) == text.version.bytes)
    #expect(Array(encoded[65..<74]) == [2, 0, 0, 0, 0, 0, 0, 0, 5])
  }

  @Test func `every one-bit change decodes to itself, disagrees with the text, or is refused`()
    throws
  {
    let target = try target(10..<14, 40..<45)
    let encoded = target.encoded
    var refused = 0
    for bit in 0..<encoded.count * 8 {
      var mutated = encoded
      mutated[bit / 8] ^= 1 << UInt8(bit % 8)
      guard let decoded = try? Target(encoded: mutated) else {
        refused += 1
        continue
      }
      #expect(decoded.encoded == mutated)
      #expect(decoded != target)
      if decoded.article == target.article {
        #expect(throws: TargetMismatch.self) { try decoded.check(against: text) }
      }
    }
    #expect(refused > encoded.count)
  }

  @Test func `every truncation and any addition is refused`() throws {
    let encoded = try target(10..<14, 40..<45).encoded
    for count in encoded.indices {
      #expect(throws: TargetDecodingError.self) { try Target(encoded: Array(encoded[..<count])) }
    }
    #expect(throws: TargetDecodingError.wrongLength) { try Target(encoded: encoded + [0]) }
  }

  @Test func `spans out of order, sharing a code point or repeated are refused`() throws {
    let header = try target(0..<1, 2..<3).encoded.prefix(66)
    func block(_ range: Range<Int>) throws -> ArraySlice<UInt8> {
      try target(range).encoded.dropFirst(66)
    }
    #expect(throws: Never.self) {
      try Target(encoded: Array(header + block(0..<5) + block(5..<9)))
    }
    for (first, second) in [(5..<9, 0..<5), (0..<5, 4..<9), (0..<5, 0..<5)] {
      let bytes = try Array(header + block(first) + block(second))
      #expect(throws: TargetDecodingError.spans) { try Target(encoded: bytes) }
    }
  }

  @Test func `contexts longer than 32 code points and shorter than they must be are refused`()
    throws
  {
    let text = try article(String(repeating: "x", count: 100))
    let target = try Target(
      article: ArticleID(firstVersion: []), text: text, spans: [try Span(start: 40, end: 41)])
    let head = target.encoded.dropLast(2 + 32 + 2 + 32)
    func encoded(prefix: Int, suffix: Int) -> [UInt8] {
      let texts = [prefix, suffix].map {
        [0, UInt8($0)] + [UInt8](repeating: UInt8(ascii: "x"), count: $0)
      }
      return head + texts[0] + texts[1]
    }
    #expect(try Target(encoded: encoded(prefix: 32, suffix: 32)) == target)
    #expect(throws: Never.self) { try Target(encoded: encoded(prefix: 32, suffix: 31)) }
    for (prefix, suffix) in [(32, 33), (33, 32), (31, 32)] {
      #expect(throws: TargetDecodingError.textLength) {
        try Target(encoded: encoded(prefix: prefix, suffix: suffix))
      }
    }
  }

  @Test func `layouts to come, no spans and too many spans are told apart`() throws {
    var encoded = try target(0..<5).encoded
    encoded[0] = 2
    #expect(throws: TargetDecodingError.unknownLayout(2)) { try Target(encoded: encoded) }
    encoded[0] = 1
    for count in [0, 65] as [UInt8] {
      encoded[65] = count
      #expect(throws: TargetDecodingError.spans) { try Target(encoded: encoded) }
    }
  }

  @Test func `sixty-four spans are accepted and sixty-five are not`() throws {
    let long = try article(String(repeating: "ab", count: 65))
    let spans = try (0..<65).map { try Span(start: 2 * $0, end: 2 * $0 + 1) }
    let id = ArticleID(firstVersion: [])
    let full = try Target(article: id, text: long, spans: Array(spans.prefix(64)))
    #expect(try Target(encoded: full.encoded) == full)
    #expect(throws: SpanError.tooMany(65)) { try Target(article: id, text: long, spans: spans) }
    #expect(throws: SpanError.none) { try Target(article: id, text: long, spans: []) }
  }

  @Test func `the largest possible target is within its limit`() throws {
    let long = try article(
      String(repeating: "\u{10FFFF}", count: AnnotationLimits.articleBytes / 4))
    let last = long.codePointCount
    let cuts = (0..<64).map { last * $0 / 64 } + [last]
    let spans = try zip(cuts, cuts.dropFirst()).map { try Span(start: $0, end: $1) }
    let target = try Target(article: ArticleID(firstVersion: []), text: long, spans: spans)
    #expect(target.encoded.count <= AnnotationLimits.targetBytes)
    #expect(try Target(encoded: target.encoded) == target)
  }

  @Test func `spans out of range or sharing a code point are refused with their values`() throws {
    let count = text.codePointCount
    #expect(throws: SpanError.outOfRange(start: 5, end: count + 1, codePointCount: count)) {
      try target(5..<count + 1)
    }
    let (left, right) = (try Span(start: 2, end: 6), try Span(start: 5, end: 8))
    #expect(throws: SpanError.overlapping(left, right)) { try target(5..<8, 2..<6) }
    #expect(throws: SpanError.overlapping(left, left)) { try target(2..<6, 2..<6) }
    #expect(try target(2..<5, 5..<8).spans.count == 2)
  }

  @Test(
    "A typed span is two numbers in order",
    arguments: [
      ("5:3", SpanError.reversed(start: 5, end: 3)), ("4:4", .empty(at: 4)), ("", .malformed("")),
      ("3", .malformed("3")), ("1:2:3", .malformed("1:2:3")), ("-1:4", .malformed("-1:4")),
      (" 1:2", .malformed(" 1:2")), ("1:", .malformed("1:")), (":2", .malformed(":2")),
      ("٣:٥", .malformed("٣:٥")), ("0:9999999999", .malformed("0:9999999999")),
      ("1:2000000", .outOfRange(start: 1, end: 2_000_000, codePointCount: 1 << 20)),
    ])
  func typedSpans(typed: String, error: SpanError) throws {
    #expect(throws: error) { try Span(parsing: typed) }
  }

  @Test func `a good span reads back as it was typed`() throws {
    #expect(try Span(parsing: "0:1048576").text == "0:1048576")
    #expect(try Span(parsing: "007:12").range == 7..<12)
    #expect(throws: SpanError.self) { try Span(start: -1, end: 4) }
  }

  @Test func `a target that quotes another text says where`() throws {
    let other = try article("👨\u{200D}👩")
    #expect(throws: TargetMismatch.otherVersion(text.version)) {
      try target(0..<5).check(against: other)
    }
  }
}
