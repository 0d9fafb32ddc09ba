import AnnotationModel
import CommandLineKit

/// Quotes that did not lead to a passage, with the places that could have been meant.
enum QuoteFailures {
  static func failure(_ error: QuoteError, article: String) -> CommandFailure {
    switch error {
    case .empty:
      return CommandFailure(.badData, "the quote is empty")
    case .notFound(let near):
      return CommandFailure(
        .badData, "\(article) does not have this quote", details: details(near),
        remedy: remedy(near, article: article))
    case .ambiguous(let places):
      return CommandFailure(
        .badData, "the quote occurs \(places.count) times in \(article)",
        details: details(places),
        remedy: "say which with --occurrence N or --line N, or quote more words")
    case .noSuchLine(let line, let count):
      return CommandFailure(
        .badData, "\(article) has \(counted(count, "line")), so there is no line \(line)")
    case .notOnLine(let line, let places):
      return CommandFailure(
        .badData, "the quote does not begin on line \(line) of \(article), but here",
        details: details(places))
    case .noSuchOccurrence(let number, let places):
      return CommandFailure(
        .badData, "there is no occurrence \(number): the quote occurs \(times(places.count)) there",
        details: details(places))
    case .endNotFound(let start, let near):
      return CommandFailure(
        .badData, "the words of --to do not follow those of --from, on line \(start.line)",
        details: details(near), remedy: remedy(near, article: article))
    }
  }

  private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }

  private static func details(_ places: PassageList) -> [StyledText] {
    var lines: [StyledText] = []
    for (index, passage) in places.listed.enumerated() {
      lines.append("\(index + 1)  line \(passage.line), code points \(passage.span.text)")
      lines += PassageText.inContext(passage)
    }
    let rest = places.count - places.listed.count
    if rest > 0 { lines.append("and \(rest) more") }
    return lines
  }

  private static func details(_ near: NearMiss?) -> [StyledText] {
    switch near {
    case nil: []
    case .folded(let places): ["it has these words, spelt otherwise:"] + details(places)
    case .beginning(let passage):
      ["it begins like line \(passage.line), which then goes on otherwise:"]
        + PassageText.inContext(passage)
    }
  }

  private static func remedy(_ near: NearMiss?, article: String) -> StyledText {
    switch near {
    case nil, .beginning:
      "quotes match letter by letter: copy them from `hashiya article show \(operand: article)`"
    case .folded: "quotes match letter by letter: copy the words as they are spelt there"
    }
  }
}
