import AnnotationModel
import Testing

@Suite struct SeedArticleTests {
  struct Seed: Sendable {
    let number: Int
    let sha256: String
    let codePoints: Int
    let lines: Int
  }

  @Test(
    "The five articles have these identities, lengths and lines",
    arguments: [
      Seed(
        number: 0, sha256: "3b418d44090bd8449762acc8e7020e18c712435947d4d9000dc33bb26fbb567d",
        codePoints: 2219, lines: 22),
      Seed(
        number: 1, sha256: "6cd1f8b06b5a05e2e381f026b2284f589aea427c456f7f10d25ee40558818215",
        codePoints: 2155, lines: 33),
      Seed(
        number: 2, sha256: "2ba0fc05735a5ee6c7dc15ea3511857f9f3dcba246e4d752a131f2496d9c04e5",
        codePoints: 2131, lines: 23),
      Seed(
        number: 3, sha256: "4e87abc80f122ea17d52357c47058de1e6baedd3e32909535b96359bf17e8472",
        codePoints: 2234, lines: 15),
      Seed(
        number: 4, sha256: "ee5570be562e29b4c0b0ad0bcfc94b027b0851d764e9b0c4308d77fd475828a5",
        codePoints: 2204, lines: 25),
    ])
  func identity(_ expected: Seed) throws {
    let bytes = try seed(expected.number)
    let text = try ArticleText(importing: bytes)
    #expect(ArticleID(firstVersion: bytes).hex == expected.sha256)
    #expect(text.version.hex == expected.sha256)
    #expect(text.codePointCount == expected.codePoints)
    #expect(text.lineCount == expected.lines)
    #expect(UTF8Text.bytes(of: text.scalars) == bytes)
  }

  @Test(
    "Real passages are found where they stand",
    arguments: [
      (1, "رداً متناسباً", 1339, 1352, 19), (0, "مُسيِّرات", 890, 899, 9), (4, "يُعتقد", 760, 766, 6),
      (3, "داعش", 184, 188, 2), (2, "إيران أم لا", 2084, 2095, 21),
      (0, "لـ حزب الله", 1024, 1035, 11),
      (1, "نهاية تبادل إطلاق النار", 1411, 1434, 19), (3, "جهودًا مكثفة", 1852, 1864, 14),
      (2, "المُسيرة", 1615, 1623, 19), (4, "وقتٍ", 3, 7, 1),
    ])
  func passage(number: Int, quote: String, start: Int, end: Int, line: Int) throws {
    let text = try ArticleText(importing: try seed(number))
    let span = try text.locate(quote: quote)
    #expect(span.range == start..<end)
    #expect(text.passage(at: span).line == line)
    #expect(text.passage(at: span).exact == scalars(quote))
  }

  @Test func `a word that occurs several times is ambiguous until one is chosen`() throws {
    let text = try ArticleText(importing: try seed(1))
    do {
      _ = try text.locate(quote: "واشنطن")
      Issue.record("four occurrences are no one passage")
    } catch {
      guard case .ambiguous(let places) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(places.count == 4)
      #expect(places.listed.map(\.line) == [3, 7, 11, 19])
      #expect(places.listed.map(\.span.start) == [9, 202, 602, 1485])
    }
    #expect(try text.locate(quote: "واشنطن", QuoteSelection(occurrence: 2)).start == 202)
    #expect(try text.locate(quote: "واشنطن", QuoteSelection(line: 19)).start == 1485)
  }

  @Test func `titles are the headlines, cut where they are long`() throws {
    let text = try ArticleText(importing: try seed(3))
    let first = try #require(text.line(number: 1))
    #expect(same(text.defaultTitle, text.string(in: first.range)))
    #expect(same(try ArticleText(importing: try seed(1)).defaultTitle, "الاخبار"))
    let long = try ArticleText(importing: try seed(4))
    let title = scalars(try #require(long.defaultTitle))
    #expect(title.count <= AnnotationLimits.defaultTitleCodePoints)
    #expect(long.scalars.starts(with: title))
  }

  @Test func `a quote without its harakat is not found, and the real spelling is named`() throws {
    let text = try ArticleText(importing: try seed(0))
    #expect {
      try text.locate(quote: "مسيرات حزب الله")
    } throws: { error in
      guard case .notFound(.folded(let places)) = error as? QuoteError else { return false }
      return places.count == 1 && places.listed[0].line == 9
        && places.listed[0].exact == scalars("مُسيِّرات حزب الله")
    }
  }
}
