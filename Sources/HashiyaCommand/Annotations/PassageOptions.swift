import AnnotationModel
import ArgumentParser
import CommandLineKit

/// The ways to say which passage of an article is meant.
struct PassageOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The words of the passage, or - for standard input.", valueName: "text"))
  var quote: String?

  @Option(
    help: ArgumentHelp("Which occurrence, from 1, when the words occur again.", valueName: "n"))
  var occurrence: Int?

  @Option(help: ArgumentHelp("The line on which the passage begins, from 1.", valueName: "n"))
  var line: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The first words of a long passage.", valueName: "text"))
  var from: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The last words of a long passage.", valueName: "text"))
  var to: String?

  @Option(
    name: .customLong("span"),
    help: ArgumentHelp(
      "Code points from S up to, not including, E; repeat for several pieces.",
      valueName: "s:e"))
  var spans: [String] = []

  /// What was said; nil when nothing was.
  enum Choice {
    case quote(String, QuoteSelection)
    case fromTo(String, String, QuoteSelection)
    case spans([String])
  }

  /// The way that was taken, which ``validate()`` has found to be the only one.
  var choice: Choice? {
    let selection = QuoteSelection(occurrence: occurrence, line: line)
    if let quote { return .quote(quote, selection) }
    if let from, let to { return .fromTo(from, to, selection) }
    return spans.isEmpty ? nil : .spans(spans)
  }

  func validate() throws {
    let ways = [quote != nil, from != nil || to != nil, !spans.isEmpty].count { $0 }
    if ways > 1 {
      throw ValidationError("Give the passage in one way: --quote, --from with --to, or --span.")
    }
    if (from == nil) != (to == nil) {
      throw ValidationError("--from and --to go together: the first and the last words.")
    }
    if occurrence != nil || line != nil, quote == nil, from == nil {
      throw ValidationError("--occurrence and --line choose among the places of a quote.")
    }
    if let occurrence, occurrence < 1 { throw ValidationError("--occurrence counts from 1.") }
    if let line, line < 1 { throw ValidationError("--line counts from 1.") }
  }
}

/// Reads spans as they are typed.
enum SpanArguments {
  /// The spans, as typed; what is no span is a matter of usage, and what is no passage of bad data.
  static func parse(_ texts: [String]) throws -> [Span] {
    try texts.map { text in
      do {
        return try Span(parsing: text)
      } catch SpanError.malformed {
        throw CommandFailure(
          .usage, "\(text) is no span",
          remedy: "write two offsets with a colon between them, such as 120:134")
      }
    }
  }
}
