/// Why offsets do not make passages of a text.
///
/// Offsets are code points, from 0, ends exclusive.
package enum SpanError: Error, Hashable, Sendable {
  /// The text is not two whole numbers with a colon between them.
  case malformed(String)
  /// The end comes before the start.
  case reversed(start: Int, end: Int)
  /// Start and end are the same, so no code point is covered.
  case empty(at: Int)
  /// The span does not lie inside a text of `codePointCount` code points.
  case outOfRange(start: Int, end: Int, codePointCount: Int)
  /// Two spans of one annotation share code points.
  case overlapping(Span, Span)
  /// An annotation needs at least one span.
  case none
  /// There are more spans than `AnnotationLimits.spanCount`.
  case tooMany(Int)
}

/// A run of at least one code point of an article: offsets from 0, the end exclusive (W3C Web
/// Annotation Data Model, section 4.2.5, text position selector).
package struct Span: Hashable, Sendable {
  /// The offset of the first code point.
  package let start: Int
  /// The offset after the last code point, above `start`.
  package let end: Int

  /// The largest offset that a span can have; no article is as long.
  package static let offsetMax = AnnotationLimits.articleBytes

  /// Takes two offsets from 0 up to ``offsetMax``, the second above the first.
  package init(start: Int, end: Int) throws(SpanError) {
    guard start <= end else { throw .reversed(start: start, end: end) }
    guard start < end else { throw .empty(at: start) }
    guard start >= 0, end <= Self.offsetMax else {
      throw .outOfRange(start: start, end: end, codePointCount: Self.offsetMax)
    }
    self.start = start
    self.end = end
  }

  /// Takes a range that is known to be a span.
  init(_ range: Range<Int>) {
    precondition(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= Self.offsetMax)
    start = range.lowerBound
    end = range.upperBound
  }

  /// Reads `S:E`, two decimal numbers.
  package init(parsing text: String) throws(SpanError) {
    let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2, let start = Self.number(parts[0]), let end = Self.number(parts[1])
    else { throw .malformed(text) }
    try self.init(start: start, end: end)
  }

  /// The offsets as a range.
  package var range: Range<Int> { start..<end }

  /// The number of code points.
  package var codePointCount: Int { end - start }

  /// The form that ``init(parsing:)`` reads.
  package var text: String { "\(start):\(end)" }

  /// Refuses a span that does not lie inside `article`.
  package func check(against article: ArticleText) throws(SpanError) {
    guard end <= article.codePointCount else {
      throw .outOfRange(start: start, end: end, codePointCount: article.codePointCount)
    }
  }

  /// Sorts the spans that somebody gave for one annotation and refuses those that share a code
  /// point.
  ///
  /// Spans that touch are left as two: who marks a prefix and its stem apart means two things.
  package static func ordered(_ spans: [Span]) throws(SpanError) -> [Span] {
    guard !spans.isEmpty else { throw .none }
    guard spans.count <= AnnotationLimits.spanCount else { throw .tooMany(spans.count) }
    let sorted = spans.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
    for (left, right) in zip(sorted, sorted.dropFirst()) where left.end > right.start {
      throw .overlapping(left, right)
    }
    return sorted
  }

  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 9 else { return nil }
    var value = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }
}
