import FoundationEssentials

/// A wall time as people and JSON see it: RFC 3339, UTC, milliseconds.
package struct Timestamp: Hashable, Sendable {
  /// Milliseconds since 1970, within ``range``.
  package let milliseconds: Int64

  /// From 1600 to 9999: what RFC 3339 can write, in years that every calendar counts alike.
  package static let range: ClosedRange<Int64> = -11_676_096_000_000...253_402_300_799_999

  /// The time; one out of ``range``, which any author may claim, becomes the nearest within.
  package init(milliseconds: Int64) {
    self.milliseconds = min(max(milliseconds, Self.range.lowerBound), Self.range.upperBound)
  }

  /// Whole seconds only: a fraction would pass through binary floating point, and half of all
  /// milliseconds would come out one too small.
  private static let style = Date.ISO8601FormatStyle()

  /// For example `2026-04-14T09:30:00.125Z`.
  package var text: String {
    let fraction = ((milliseconds % 1000) + 1000) % 1000
    let seconds = (milliseconds - fraction) / 1000
    let digits = String(1000 + fraction).dropFirst()
    let date = Date(timeIntervalSince1970: Double(seconds)).formatted(Self.style)
    return date.dropLast() + "." + digits + "Z"
  }

  /// Reads what ``text`` writes, and nothing else.
  package init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.count == 4, let fraction = Int64(parts[1].dropLast()),
      let date = try? Date(parts[0] + "Z", strategy: Self.style)
    else { return nil }
    self.init(milliseconds: Int64(date.timeIntervalSince1970) * 1000 + fraction)
    guard Array(self.text.utf8) == Array(text.utf8) else { return nil }
  }
}
