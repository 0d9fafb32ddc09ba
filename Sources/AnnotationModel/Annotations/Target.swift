/// One span of a target with the words that it covered and those around it, exactly as in the text.
package struct Quotation: Hashable, Sendable {
  /// Where the words stand in the version that was annotated.
  package let span: Span
  /// The code points that the span covers.
  package let exact: [Unicode.Scalar]
  /// The code points before it: `AnnotationLimits.contextCodePoints`, fewer only at the text's
  /// beginning.
  package let prefix: [Unicode.Scalar]
  /// The code points after it: `AnnotationLimits.contextCodePoints`, fewer only at the text's end.
  package let suffix: [Unicode.Scalar]

  /// The words and contexts of a span that lies inside `text`.
  init(_ span: Span, of text: ArticleText) {
    let reach = AnnotationLimits.contextCodePoints
    self.span = span
    exact = Array(text.scalars[span.range])
    prefix = Array(text.scalars[max(0, span.start - reach)..<span.start])
    suffix = Array(text.scalars[span.end..<min(text.codePointCount, span.end + reach)])
  }

  init(span: Span, exact: [Unicode.Scalar], prefix: [Unicode.Scalar], suffix: [Unicode.Scalar]) {
    self.span = span
    self.exact = exact
    self.prefix = prefix
    self.suffix = suffix
  }
}

/// What an annotation is about: an article, the version of its text, the passages, their exact
/// words and contexts.
///
/// It is one value, so that no merge can put one person's offsets beside another's words.
///
/// The selectors are those of the W3C Web Annotation Data Model, sections 4.2.4 (text quote) and
/// 4.2.5 (text position). A passage in several pieces has several spans.
package struct Target: Hashable, Sendable {
  /// The article.
  package let article: ArticleID
  /// The version of its text that the offsets count in.
  package let version: TextVersion
  /// One quotation a span; ascending, not overlapping, at least one.
  package let quotations: [Quotation]

  /// What stands in a quote where a discontinuous passage leaves words out.
  package static let ellipsis = " … "

  /// Marks `spans` of an article's text.
  ///
  /// They may come in any order; they must lie inside the text and share no code point.
  package init(
    article: ArticleID, text: ArticleText, spans: [Span]
  ) throws(SpanError) {
    let ordered = try Span.ordered(spans)
    for span in ordered { try span.check(against: text) }
    self.article = article
    version = text.version
    quotations = ordered.map { Quotation($0, of: text) }
  }

  init(article: ArticleID, version: TextVersion, quotations: [Quotation]) {
    self.article = article
    self.version = version
    self.quotations = quotations
  }

  /// The spans, ascending.
  package var spans: [Span] { quotations.map(\.span) }

  /// The words of all spans, with ``ellipsis`` between them.
  ///
  /// It is for people and for JSON; the pieces themselves are in ``quotations``, since an article
  /// may contain an ellipsis of its own.
  package var quote: String {
    quotations.map { UTF8Text.string(of: $0.exact) }.joined(separator: Self.ellipsis)
  }
}

/// How a target disagrees with a text.
package enum TargetMismatch: Error, Hashable, Sendable {
  /// The target counts in another version of the text.
  case otherVersion(TextVersion)
  /// A span does not lie inside the text.
  case span(SpanError)
  /// The text has other words at this span.
  case quoteDiffers(Span)
  /// The text has the words at this span, and others around them.
  case contextDiffers(Span)
}

extension Target {
  /// Compares every word and context with the text that the target claims to quote.
  ///
  /// Whoever receives a target from somebody else calls this before showing offsets as facts.
  package func check(against text: ArticleText) throws(TargetMismatch) {
    guard version == text.version else { throw .otherVersion(version) }
    for quotation in quotations {
      let span = quotation.span
      do {
        try span.check(against: text)
      } catch {
        throw .span(error)
      }
      let found = Quotation(span, of: text)
      guard found.exact == quotation.exact else { throw .quoteDiffers(span) }
      guard found == quotation else { throw .contextDiffers(span) }
    }
  }
}
