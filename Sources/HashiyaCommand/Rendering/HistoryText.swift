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
  /// The change that this one takes back, as people see it.
  private let undone: String?

  init(_ entry: HistoryEntry, _ references: References) throws {
    self.entry = entry
    dot = try references.reader.dotText(entry.dot)
    undone = try entry.undoes.map { try references.reader.dotText($0) }
    made = try entry.made.map { try references.summary($0) }
    parts = try entry.parts.map { (try references.reader.handle(of: $0.record), $0) }
  }

  /// One element of `log`'s JSON.
  var json: JSONValue {
    [
      "dot": RecordJSON.dot(entry.dot), "analyst": .string(entry.analyst),
      "time": .string(TimeText.json(entry.time)), "leaf": JSONValue(entry.leaf),
      "act": JSONValue(entry.act?.rawValue), "subject": JSONValue(entry.actSubject),
      "undoes": RecordJSON.dot(entry.undoes),
      "parts": .array(parts.map(Self.json)),
    ]
  }

  private static func json(_ handle: String, _ part: HistoryPart) -> JSONValue {
    [
      "id": RecordJSON.id(part.record), "handle": .string(handle),
      "operation": .string(part.verb.rawValue), "field": JSONValue(part.fieldName),
      "value": part.value.map(RecordJSON.value) ?? .null,
      "resolution": .bool(part.isResolution), "reason": JSONValue(part.reason),
      "brought_back_of": part.cited.map { cited in
        ["dot": RecordJSON.dot(cited.dot), "analyst": .string(cited.analyst)]
      } ?? .null,
    ]
  }

  /// Where it stands, and what it does.
  var lines: [StyledText] { lines(place: entry.leaf.map { "leaf \($0)" } ?? "pending") }

  func lines(place: String) -> [StyledText] {
    var head: StyledText = "\(dot, .accent)  \(TimeText.short(entry.time), .dim)  \(place, .dim)"
    if let act = entry.act { head += "  \(act.rawValue)" }
    if let subject = entry.actSubject { head += "  \(subject)" }
    var onIt = made.map { ["    made on it: " + $0] } ?? []
    if let undone { onIt.insert("    takes back \(undone, .accent)", at: 0) }
    return [head] + onIt
      + parts.filter { $0.part.verb != .touch }.map { handle, part in
        var line: StyledText = "    \(handle, .strong)  \(part.verb.rawValue)"
        if let field = part.fieldName { line += " \(field)" }
        if let value = part.value { line += ": " + ValueText.word(value) }
        if let reason = part.reason { line += "  (\(reason))" }
        if let cited = part.cited { line += "  (\(cited.analyst)'s, brought back)" }
        return line
      }
  }
}
