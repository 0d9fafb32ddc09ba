import AnnotationModel
import Testing

@Suite struct QuoteSearchTests {
  private func failure(_ body: () throws(QuoteError) -> Span) -> QuoteError? {
    do {
      _ = try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func `occurrences may overlap and are compared by code points`() throws {
    let text = try article("aaaa e\u{301} \u{E9}")
    #expect(text.occurrences(of: scalars("aa")).map(\.start) == [0, 1, 2])
    #expect(text.occurrences(of: scalars("\u{E9}")).map(\.start) == [8])
    #expect(text.occurrences(of: scalars("e\u{301}")).map(\.start) == [5])
    #expect(text.occurrences(of: []).isEmpty)
  }

  @Test func `the search agrees with looking at every place`() throws {
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<500 {
      let haystack = (0..<(1 + next(40))).map { _ in next(2) == 0 ? "ا" : "ب" }.joined()
      let needle = scalars((0..<(1 + next(5))).map { _ in next(2) == 0 ? "ا" : "ب" }.joined())
      let text = try article(haystack)
      let naive = (0...text.codePointCount).filter {
        text.scalars.dropFirst($0).starts(with: needle)
      }
      #expect(text.occurrences(of: needle).map(\.start) == naive)
    }
  }

  @Test func `a quote and a text of one letter cost no square`() throws {
    let text = try article(String(repeating: "a", count: 1 << 20))
    let quote = String(repeating: "a", count: 1 << 19) + "b"
    #expect(failure { () throws(QuoteError) in try text.locate(quote: quote) } != nil)
  }

  @Test func `bidi marks in what was typed are dropped, unless the text has them`() throws {
    let text = try article("قال \u{200F}نعم\u{200F} ثم لا")
    #expect(try text.locate(quote: "\u{200F}نعم\u{200F}").range == 4..<9)
    #expect(try text.locate(quote: "\u{202B}ثم لا\u{202C}").range == 10..<15)
    #expect(try text.locate(quote: "\u{2067}\u{61C}نعم\u{2069}").range == 5..<8)
  }

  @Test func `line ends of editors and pipes do not count`() throws {
    let text = try article("one\r\ntwo\r\n")
    #expect(try text.locate(quote: "one\r\ntwo").range == 0..<7)
    #expect(try text.locate(quote: "two\r\n").range == 4..<7)
    #expect(try text.locate(quote: "two\n").range == 4..<8)
  }

  @Test func `nothing but marks is an empty quote`() throws {
    let text = try article("x")
    for quote in ["", "\u{200F}", "\n"] {
      #expect(failure { () throws(QuoteError) in try text.locate(quote: quote) } == .empty)
    }
  }

  @Test func `an occurrence may be counted on a line`() throws {
    let text = try article("x\nx x\nx")
    #expect(try text.locate(quote: "x", QuoteSelection(occurrence: 2, line: 2)).start == 4)
    #expect(try text.locate(quote: "x", QuoteSelection(occurrence: 4)).start == 6)
    #expect(try text.locate(quote: "x", QuoteSelection(line: 3)).start == 6)
  }

  @Test func `a choice that is not there says what is`() throws {
    let text = try article("x\ny x\nx")
    func located(_ quote: String, _ selection: QuoteSelection) -> QuoteError? {
      failure { () throws(QuoteError) in try text.locate(quote: quote, selection) }
    }
    guard case .noSuchOccurrence(4, let places) = located("x", QuoteSelection(occurrence: 4))
    else {
      Issue.record("occurrence 4")
      return
    }
    #expect(places.count == 3)
    guard case .noSuchOccurrence(0, _) = located("x", QuoteSelection(occurrence: 0)) else {
      Issue.record("occurrence 0")
      return
    }
    #expect(located("x", QuoteSelection(line: 4)) == .noSuchLine(4, lineCount: 3))
    guard case .notOnLine(1, let elsewhere) = located("y", QuoteSelection(line: 1)) else {
      Issue.record("line 1")
      return
    }
    #expect(elsewhere.listed.map(\.line) == [2])
  }

  @Test func `an ambiguous quote lists its first places and counts all`() throws {
    let text = try article(String(repeating: "x ", count: 50))
    guard
      case .ambiguous(let places) = failure({ () throws(QuoteError) in
        try text.locate(quote: "x")
      })
    else {
      Issue.record("not ambiguous")
      return
    }
    #expect(places.count == 50)
    #expect(places.listed.count == AnnotationLimits.placesListed)
  }

  @Test func `a passage from one quote to another ends with the next of the second`() throws {
    let text = try article("بدأ ثم عاد ثم انتهى ثم")
    #expect(try text.locate(from: "عاد", to: "ثم").range == 7..<13)
    #expect(try text.locate(from: "ثم", to: "ثم", QuoteSelection(occurrence: 1)).range == 4..<13)
    guard
      case .endNotFound(let start, let near) = failure({ () throws(QuoteError) in
        try text.locate(from: "عاد", to: "بدأ")
      })
    else {
      Issue.record("the end stands before the beginning")
      return
    }
    #expect(start.exact == scalars("عاد"))
    #expect(near == nil)
  }

  @Test(
    "What differs in spelling alone is named as the text spells it",
    arguments: [
      ("الى المدرسه", "إلى المدرسةِ"), ("مسؤول", "مســـؤول"), ("كتاب", "كِتَابٌ"),
      ("علي", "على"), ("2024", "٢٠٢٤"), ("شيئ", "شيئ"), ("\"نعم\"", "“نعم”"), ("a  b", "a\nb"),
      ("\u{627}\u{653}خر", "\u{622}خَر"),
    ])
  func folded(typed: String, written: String) throws {
    let text = try article("أول\nثانيا " + written + " أخيرا")
    let found = failure { () throws(QuoteError) in try text.locate(quote: typed) }
    guard case .notFound(.folded(let places)) = found else {
      #expect(found == nil)
      #expect(same(typed, written))
      return
    }
    #expect(places.count == 1)
    #expect(places.listed.first?.line == 2)
    #expect(places.listed.first?.exact == scalars(written))
  }

  @Test func `a folded passage at the end of the text takes its last marks along`() throws {
    let text = try article("هذا كِتَابٌ")
    let found = failure { () throws(QuoteError) in try text.locate(quote: "كتاب") }
    guard case .notFound(.folded(let places)) = found else {
      Issue.record("not found when folded")
      return
    }
    #expect(places.listed.first?.exact == scalars("كِتَابٌ"))
  }

  @Test func `a quote that goes astray shows how far it agreed`() throws {
    let text = try article("الأول\nقال الوزير إن بلاده ترفض التصعيد")
    guard
      case .notFound(.beginning(let passage)) = failure({ () throws(QuoteError) in
        try text.locate(quote: "قال الوزير ان بلادنا")
      })
    else {
      Issue.record("no beginning")
      return
    }
    #expect(passage.exact == scalars("قال الوزير إن بلاد"))
    #expect(passage.line == 2)
  }

  @Test func `what is nowhere is plainly not found`() throws {
    let text = try article("قال الوزير")
    #expect(failure { () throws(QuoteError) in try text.locate(quote: "xyz") } == .notFound(nil))
  }

  @Test func `contexts keep to the line`() throws {
    let passage = try article("abc\ndef x ghi\njkl").passage(at: Span(start: 8, end: 9))
    #expect(passage.before == scalars("def "))
    #expect(passage.after == scalars(" ghi"))
  }
}
