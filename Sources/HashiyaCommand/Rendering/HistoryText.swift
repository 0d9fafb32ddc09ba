import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// One change, as people and scripts see it.
struct HistoryText {
  private let entry: HistoryEntry
  private let dot: String
  private let parts: [(handle: String, part: HistoryPart)]
  /// What the change made on the record whose history this is.
  private let made: StyledText?

  init(_ entry: HistoryEntry, _ references: References) throws {
    self.entry = entry
    dot = try references.reader.dotText(entry.dot)
    made = try entry.made.map { try references.summary($0) }
    parts = try entry.parts.map { (try references.reader.handle(of: $0.record), $0) }
  }

  /// One element of `log`'s JSON.
  var json: JSONValue {
    [
      "dot": RecordJSON.dot(entry.dot), "analyst": .string(entry.analyst),
      "time": .string(TimeText.json(entry.time)), "leaf": JSONValue(entry.leaf),
      "act": JSONValue(entry.act?.rawValue), "parts": .array(parts.map(Self.json)),
    ]
  }

  private static func json(_ handle: String, _ part: HistoryPart) -> JSONValue {
    [
      "id": RecordJSON.id(part.record), "handle": .string(handle),
      "operation": .string(part.verb.rawValue), "field": JSONValue(part.fieldName),
      "value": part.value.map(RecordJSON.value) ?? .null,
      "resolution": .bool(part.isResolution), "reason": JSONValue(part.reason),
    ]
  }

  /// Where it stands, and what it does.
  var lines: [StyledText] { lines(place: entry.leaf.map { "leaf \($0)" } ?? "pending") }

  func lines(place: String) -> [StyledText] {
    var head: StyledText = "\(dot, .accent)  \(TimeText.short(entry.time), .dim)  \(place, .dim)"
    if let act = entry.act { head += "  \(act.rawValue)" }
    let onIt = made.map { ["    made on it: " + $0] } ?? []
    return [head] + onIt
      + parts.filter { $0.part.verb != .touch }.map { handle, part in
        var line: StyledText = "    \(handle, .strong)  \(part.verb.rawValue)"
        if let field = part.fieldName { line += " \(field)" }
        if let value = part.value { line += ": " + ValueText.word(value) }
        if let reason = part.reason { line += "  (\(reason))" }
        return line
      }
  }
}
