import SyncProtocol

/// Moments as people and scripts see them.
enum TimeText {
  /// RFC 3339 in UTC, for JSON.
  static func json(_ milliseconds: Int64) -> String { Timestamp(milliseconds: milliseconds).text }

  /// To the minute, in UTC: `2026-04-14 09:30Z`.
  static func short(_ milliseconds: Int64) -> String { short(json(milliseconds)) }

  /// The same for a time that is text already, such as a leaf's.
  static func short(_ text: String) -> String {
    text.prefix("2026-04-14T09:30".count).replacing("T", with: " ") + "Z"
  }
}
