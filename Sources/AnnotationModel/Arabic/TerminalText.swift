/// Text made fit for a terminal: no byte of an article, a note or a name may steer the terminal or
/// turn the line around it.
package enum TerminalText {
  /// First strong isolate and pop directional isolate (UAX #9, section 2.4).
  private static let isolateStart: Unicode.Scalar = "\u{2068}"
  private static let isolateEnd: Unicode.Scalar = "\u{2069}"

  /// `text` with every control character shown instead of sent, and without the bidi controls that
  /// act beyond their place.
  ///
  /// Escape is shown as ␛ (Unicode's control pictures); delete as ␡; the controls from U+0080 on,
  /// which some terminals obey, as U+FFFD; line and paragraph separators as a space. A tab becomes
  /// a space too. A line feed is kept when `keepingLines`, and is shown as ↵ otherwise. Marks
  /// (U+200E, U+200F, U+061C) stay: they act on their place alone.
  package static func safe(
    _ text: some Sequence<Unicode.Scalar>, keepingLines: Bool = false
  ) -> String {
    UTF8Text.string(of: text.lazy.compactMap { shown($0, keepingLines: keepingLines) })
  }

  /// `text` made ``safe(_:keepingLines:)`` on one line and wrapped in an isolate, so that its
  /// direction is its own: for a piece of text inside a line of another.
  package static func isolated(_ text: some Sequence<Unicode.Scalar>) -> String {
    UTF8Text.string(of: [isolateStart]) + safe(text) + UTF8Text.string(of: [isolateEnd])
  }

  /// `text` as in ``isolated(_:)``, when it holds a right-to-left letter; only made safe otherwise,
  /// so that plain lines stay plain.
  package static func isolatedIfNeeded(_ text: String) -> String {
    TextDirection.isRightToLeft(anywhereIn: text.unicodeScalars)
      ? isolated(text.unicodeScalars) : safe(text.unicodeScalars)
  }

  private static func shown(_ scalar: Unicode.Scalar, keepingLines: Bool) -> Unicode.Scalar? {
    switch scalar.value {
    case 0x0A: keepingLines ? scalar : "↵"
    case 0x09: " "
    case 0x00...0x1F: Unicode.Scalar(0x2400 + scalar.value)
    case 0x7F: "␡"
    case 0x80...0x9F: "\u{FFFD}"
    case 0x2028, 0x2029: " "
    default: BidiControl.isScoped(scalar) ? nil : scalar
    }
  }
}
