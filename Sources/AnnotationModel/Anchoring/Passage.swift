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
