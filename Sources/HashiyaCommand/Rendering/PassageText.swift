import AnnotationModel
import CommandLineKit

/// Passages of articles as they are shown: in their context, on a line of their own.
enum PassageText {
  /// The columns before a line of foreign text.
  static let indentation: StyledText = "    "

  /// A passage with the words around it, the passage itself standing out.
  ///
  /// A passage of several lines is shown on as many. The passage is set apart by brackets and not by
  /// colour alone, and the whole is one isolate, so that words keep their order around it.
  static func inContext(_ passage: Passage) -> [StyledText] {
    let before = UTF8Text.string(of: passage.before)
    let exact = UTF8Text.string(of: passage.exact)
    let after = UTF8Text.string(of: passage.after)
    let text = before + "⟦" + exact + "⟧" + after
    return lines(text).map { indentation + StyledText(foreign: $0) }
  }

  /// Words on lines of their own.
  static func block(_ text: String, indentation: StyledText = indentation) -> [StyledText] {
    lines(text).map { indentation + StyledText(foreign: $0) }
  }

  /// Words cut to fit one line of at most `columns`.
  static func short(_ text: String, columns: Int = 60) -> String {
    let line = text.unicodeScalars.contains("\n") ? lines(text).joined(separator: " ⏎ ") : text
    return DisplayWidth.truncated(line, to: columns)
  }

  /// Where something stands, for a heading: `001_a.txt, line 19`.
  static func place(article: String, line: Int) -> StyledText { "\(article), line \(line)" }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }
}
