import AnnotationModel
import CommandLineKit
import WorkspaceStore

/// An annotation as it was typed, its passage not looked up yet.
struct AnnotationDraft {
  var choice: PassageOptions.Choice?
  var label: String?
  var note: String?
  var tags: [String]
  var confidence: Confidence?
  var id: String?

  /// Where the passage is in an article.
  func spans(in article: ArticleView, _ text: ArticleText) throws -> [Span] {
    let name = article.file ?? article.title
    do {
      switch choice {
      case nil: return []
      case .quote(let quote, let selection):
        return [try text.locate(quote: quote, selection)]
      case .fromTo(let from, let to, let selection):
        return [try text.locate(from: from, to: to, selection)]
      case .spans(let texts): return try spans(texts, in: text)
      }
    } catch let error as QuoteError {
      throw QuoteFailures.failure(error, article: name)
    }
  }

  private func spans(_ texts: [String], in text: ArticleText) throws -> [Span] {
    let spans = try Span.ordered(SpanArguments.parse(texts))
    for span in spans { try span.check(against: text) }
    return spans
  }
}

extension PassageOptions.Choice {
  /// The same choice, with a quote of `-` read from standard input.
  func reading(limit: Int) throws -> Self {
    guard case .quote(let quote, let selection) = self else { return self }
    return .quote(try InputStream.text(typed: quote, limit: limit), selection)
  }
}
