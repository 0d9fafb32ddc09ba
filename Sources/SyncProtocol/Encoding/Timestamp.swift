import FoundationEssentials

/// A wall time as people and JSON see it: RFC 3339, UTC, milliseconds.
package struct Timestamp: Hashable, Sendable {
  /// Milliseconds since 1970.
  package let milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

  /// For example `2026-04-14T09:30:00.125Z`.
  package var text: String {
    Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(Self.style)
  }

  /// Reads what ``text`` writes, and nothing else.
  package init?(_ text: String) {
    guard let date = try? Date(text, strategy: Self.style) else { return nil }
    milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    guard Array(self.text.utf8) == Array(text.utf8) else { return nil }
  }
}
