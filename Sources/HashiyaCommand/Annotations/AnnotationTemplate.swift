import AnnotationModel
import CommandLineKit

/// The text that `annotate -e` opens in an editor: fields to fill in, then the article's numbered lines.
///
/// A field is a name, a colon and a value; only the note may go over several lines, and so comes last.
/// Everything from the line of scissors on is for reading.
enum AnnotationTemplate {
  /// What was filled in; nil for what was left empty.
  struct Filled {
    var quote: String?
    var occurrence: Int?
    var line: Int?
    var from: String?
    var to: String?
    var spans: [String] = []
    var label: String?
    var tags: [String] = []
    var confidence: String?
    var note: String?
  }

  private static let scissors = "------------------------ >8 ------------------------"

  /// The template, with what was given on the command line already filled in.
  static func text(_ filled: Filled, title: String, article: ArticleText) -> String {
    var text = """
      quote: \(filled.quote ?? "")
      line: \(filled.line.map(String.init) ?? "")
      occurrence: \(filled.occurrence.map(String.init) ?? "")
      from: \(filled.from ?? "")
      to: \(filled.to ?? "")
      spans: \(filled.spans.joined(separator: " "))
      label: \(filled.label ?? "")
      tags: \(filled.tags.joined(separator: ", "))
      confidence: \(filled.confidence ?? "")
      note: \(filled.note ?? "")
      \(scissors)
      Nothing from the line above on is read. Say the passage in one way: copy its words
      after "quote:" (with a line or an occurrence where they occur again), or its first
      and last words after "from:" and "to:", or offsets after "spans:". Tags are
      separated by commas; the note may go on over several lines. Leave all as it is to
      change nothing.

      \(title)

      """
    let width = String(article.lineCount).utf8.count
    for line in article.lines {
      let number = String(line.number)
      text += String(repeating: " ", count: width - number.utf8.count) + number + "  "
      text += article.string(in: line.range) + "\n"
    }
    return text
  }

  /// Reads what was filled in.
  static func parse(_ text: String) throws(CommandFailure) -> Filled {
    var filled = Filled()
    var note: [String]?
    for line in lines(text) {
      if UTF8Text.identical(line, scissors) { break }
      if note != nil {
        note?.append(line)
        continue
      }
      guard !isBlank(line) else { continue }
      guard let colon = line.unicodeScalars.firstIndex(of: ":") else {
        throw CommandFailure(.badData, "the line \(line) of the template is no field")
      }
      let name = String(line.unicodeScalars[..<colon])
      let value = trimmed(String(line.unicodeScalars[line.unicodeScalars.index(after: colon)...]))
      if UTF8Text.identical(name, "note") {
        note = [value]
      } else {
        try set(name, value, &filled)
      }
    }
    while let last = note?.last, isBlank(last) { note?.removeLast() }
    if let note, !note.isEmpty { filled.note = note.joined(separator: "\n") }
    return filled
  }

  private static func set(
    _ name: String, _ value: String, _ filled: inout Filled
  ) throws(CommandFailure) {
    guard !value.isEmpty else { return }
    switch name {
    case "quote": filled.quote = value
    case "line": filled.line = try number(value, name)
    case "occurrence": filled.occurrence = try number(value, name)
    case "from": filled.from = value
    case "to": filled.to = value
    case "spans": filled.spans = pieces(value) { $0 == " " || $0 == "," }
    case "label": filled.label = value
    case "tags": filled.tags = pieces(value) { $0 == "," || $0 == "،" }
    case "confidence": filled.confidence = value
    default: throw CommandFailure(.badData, "the template has no field \(name)")
    }
  }

  private static func number(_ text: String, _ name: String) throws(CommandFailure) -> Int {
    guard let number = Int(text), number > 0 else {
      throw CommandFailure(.badData, "\(name) is \(text), which is no number from 1")
    }
    return number
  }

  private static func pieces(
    _ text: String, separatedBy isSeparator: (Unicode.Scalar) -> Bool
  ) -> [String] {
    text.unicodeScalars.split(whereSeparator: isSeparator).map { trimmed(String($0)) }
      .filter { !$0.isEmpty }
  }

  /// Lines by their line feeds alone: Swift's `\r\n` is one character, and a note may hold either.
  private static func lines(_ text: String) -> [String] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      String(line.last == "\r" ? line.dropLast() : line)
    }
  }

  private static func trimmed(_ text: String) -> String {
    UTF8Text.string(of: TextField.trimmed(Array(text.unicodeScalars)[...]))
  }

  private static func isBlank(_ text: String) -> Bool { trimmed(text).isEmpty }
}
