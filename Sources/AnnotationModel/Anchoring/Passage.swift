/// A place in an article, ready to be shown in its context.
package struct Passage: Hashable, Sendable {
  /// Where it is.
  package let span: Span
  /// The number of the line it begins on, from 1.
  package let line: Int
  /// Up to `AnnotationLimits.contextCodePoints` code points before it on its first line.
  package let before: [Unicode.Scalar]
  /// The passage itself, which may go over several lines.
  package let exact: [Unicode.Scalar]
  /// Up to `AnnotationLimits.contextCodePoints` code points after it on its last line.
  package let after: [Unicode.Scalar]
}

extension ArticleText {
  /// The passage of a span, which must lie inside the text.
  package func passage(at span: Span) -> Passage {
    let reach = AnnotationLimits.contextCodePoints
    let before = scalars[max(0, span.start - reach)..<span.start]
    let after = scalars[span.end..<min(codePointCount, span.end + reach)]
    return Passage(
      span: span, line: lineNumber(at: span.start),
      before: Array(before.suffix(while: { $0 != "\n" })), exact: Array(scalars[span.range]),
      after: Array(after.prefix { $0 != "\n" }))
  }
}

extension ArticleText {
  /// The passage of a span, which must lie inside the text, with the sentence around it: from the end of
  /// the sentence before to the end of its own, on its lines and within
  /// ``AnnotationLimits/sentenceCodePoints`` on each side.
  package func sentence(at span: Span) -> Passage {
    let reach = AnnotationLimits.sentenceCodePoints
    var start = span.start
    while start > 0, start > span.start - reach, !endsSentence(start - 1) { start -= 1 }
    while start < span.start, scalars[start].properties.isWhitespace { start += 1 }
    var end = span.end
    let isAtEnd = endsSentence(span.end - 1)
    while !isAtEnd, end < min(codePointCount, span.end + reach), scalars[end] != "\n" {
      end += 1
      if endsSentence(end - 1) { break }
    }
    return Passage(
      span: span, line: lineNumber(at: span.start), before: Array(scalars[start..<span.start]),
      exact: Array(scalars[span.range]), after: Array(scalars[span.end..<end]))
  }

  /// Whether a sentence ends with the code point at an offset: a line feed, or a mark that white space
  /// follows, as none does in `3.5`.
  private func endsSentence(_ offset: Int) -> Bool {
    switch scalars[offset] {
    case "\n": return true
    case ".", "!", "?", "؟", "۔", "…":
      return offset + 1 == codePointCount || scalars[offset + 1].properties.isWhitespace
    default: return false
    }
  }
}

extension ArraySlice<Unicode.Scalar> {
  fileprivate func suffix(while matches: (Unicode.Scalar) -> Bool) -> ArraySlice {
    guard let last = lastIndex(where: { !matches($0) }) else { return self }
    return self[(last + 1)...]
  }
}

/// Places that a quote may mean: the first `AnnotationLimits.placesListed` of them, and how many
/// there are.
package struct PassageList: Hashable, Sendable {
  /// The first places, in the order of the text.
  package let listed: [Passage]
  /// The number of all places.
  package let count: Int

  init(_ spans: [Span], in text: ArticleText) {
    listed = spans.prefix(AnnotationLimits.placesListed).map { text.passage(at: $0) }
    count = spans.count
  }
}
