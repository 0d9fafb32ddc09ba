/// Why a typed quote did not lead to a passage.
package enum QuoteError: Error, Hashable, Sendable {
  /// Nothing was typed, or bidi marks alone.
  case empty
  /// The text has no such passage; perhaps something like it.
  case notFound(NearMiss?)
  /// The quote occurs more than once, and nothing said which is meant.
  case ambiguous(PassageList)
  /// There is no line of that number.
  case noSuchLine(Int, lineCount: Int)
  /// The quote occurs, but does not begin on that line.
  case notOnLine(Int, PassageList)
  /// An occurrence was asked for by a number from 1 that is not there.
  case noSuchOccurrence(Int, PassageList)
  /// The beginning was found, and the end does not follow it; perhaps something like it does.
  case endNotFound(after: Passage, NearMiss?)
}

/// Which of several occurrences is meant; a line and an occurrence together count on that line.
package struct QuoteSelection: Hashable, Sendable {
  /// The number of the occurrence, from 1.
  package var occurrence: Int?
  /// The number of the line on which it begins, from 1.
  package var line: Int?

  package init(occurrence: Int? = nil, line: Int? = nil) {
    self.occurrence = occurrence
    self.line = line
  }
}

extension ArticleText {
  /// Where `quote` occurs, code point for code point, ascending; occurrences may overlap.
  ///
  /// Nothing when the quote is empty. Linear in text and quote.
  package func occurrences(of quote: [Unicode.Scalar]) -> [Span] {
    guard !quote.isEmpty else { return [] }
    return ScalarSearch(quote).starts(in: scalars).map { Span($0..<$0 + quote.count) }
  }

  /// Where a quote occurs that a person typed or copied.
  ///
  /// The first of these that occurs counts: the quote as typed; with CR LF made LF and without one
  /// line end at its end, as editors and pipes give it; that without bidi control marks.
  package func occurrences(ofTyped quote: String) throws(QuoteError) -> [Span] {
    let readings = Self.readings(of: quote)
    for reading in readings {
      let spans = occurrences(of: reading)
      if !spans.isEmpty { return spans }
    }
    guard let last = readings.last else { throw .empty }
    throw .notFound(nearMiss(to: last, from: 0))
  }

  /// The one passage that a typed quote means.
  package func locate(
    quote: String, _ selection: QuoteSelection = QuoteSelection()
  ) throws(QuoteError) -> Span {
    try select(selection, from: try occurrences(ofTyped: quote))
  }

  /// The passage from one typed quote to the end of another: `selection` says which occurrence of
  /// the first; the second is its first occurrence after that one's end, as in a text fragment's
  /// textStart and textEnd (WICG URL Fragment Text Directives).
  package func locate(
    from start: String, to end: String, _ selection: QuoteSelection = QuoteSelection()
  ) throws(QuoteError) -> Span {
    let first = try locate(quote: start, selection)
    let readings = Self.readings(of: end)
    for reading in readings {
      guard let last = occurrences(of: reading).first(where: { $0.start >= first.end })
      else { continue }
      return Span(first.start..<last.end)
    }
    guard let reading = readings.last else { throw .empty }
    throw .endNotFound(after: passage(at: first), nearMiss(to: reading, from: first.end))
  }

  private func select(
    _ selection: QuoteSelection, from spans: [Span]
  ) throws(QuoteError) -> Span {
    var candidates = spans
    if let number = selection.line {
      guard let line = line(number: number) else {
        throw .noSuchLine(number, lineCount: lineCount)
      }
      candidates = spans.filter {
        (line.range.lowerBound...line.range.upperBound).contains($0.start)
      }
      guard !candidates.isEmpty else {
        throw .notOnLine(number, PassageList(spans, in: self))
      }
    }
    if let occurrence = selection.occurrence {
      guard candidates.indices.contains(occurrence - 1) else {
        throw .noSuchOccurrence(occurrence, PassageList(candidates, in: self))
      }
      return candidates[occurrence - 1]
    }
    guard candidates.count == 1 else { throw .ambiguous(PassageList(candidates, in: self)) }
    return candidates[0]
  }

  /// What typed text may stand for, the most literal first; no reading is empty.
  private static func readings(of typed: String) -> [[Unicode.Scalar]] {
    let exact = Array(typed.unicodeScalars)
    var plain: [Unicode.Scalar] = []
    for scalar in exact {
      if scalar == "\n", plain.last == "\r" { plain.removeLast() }
      plain.append(scalar)
    }
    if plain.last == "\n" { plain.removeLast() }
    var readings: [[Unicode.Scalar]] = []
    for reading in [exact, plain, BidiControl.removed(from: plain)] {
      if !reading.isEmpty, readings.last != reading { readings.append(reading) }
    }
    return BidiControl.removed(from: plain).isEmpty ? [] : readings
  }
}
