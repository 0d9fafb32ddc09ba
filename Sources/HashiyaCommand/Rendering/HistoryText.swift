import AnnotationModel
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// One change, as people and scripts see it.
struct HistoryText {
  private let entry: HistoryEntry
  private let dot: String
  private let parts: [Part]
  /// What the change made on the record whose history this is.
  private let made: StyledText?
  /// The change that this one takes back, as people see it.
  private let undone: String?

  init(_ entry: HistoryEntry, _ references: References) throws {
    self.entry = entry
    dot = try references.reader.dotText(entry.dot)
    undone = try entry.undoes.map { try references.reader.dotText($0) }
    made = try entry.made.map { try references.summary($0) }
    parts = try entry.parts.map { part in
      Part(
        handle: try references.reader.handle(of: part.record), part: part,
        value: try part.value.map { try Self.words($0, references) } ?? "")
    }
  }

  /// What the change does to one part of a record, with the handles and words that people know.
  private struct Part {
    let handle: String
    let part: HistoryPart
    let value: StyledText
  }

  private static func words(_ value: ValueView, _ references: References) throws -> StyledText {
    switch value {
    case .record(let record): return try references.summary(record)
    case .ends(let ends):
      return (try references.summary(ends.from)) + "  →  " + (try references.summary(ends.to))
    case .text, .label, .confidence, .target, .version, .tags, .live, .deleted, .none,
      .withdrawn, .unreadable:
      return ValueText.word(value)
    }
  }

  /// One element of `log`'s JSON.
  var json: JSONValue {
    [
      "dot": RecordJSON.dot(entry.dot), "analyst": .string(entry.analyst),
      "time": .string(TimeText.json(entry.time)), "leaf": JSONValue(entry.leaf),
      "act": JSONValue(entry.act?.rawValue), "subject": JSONValue(entry.actSubject),
      "undoes": RecordJSON.dot(entry.undoes),
      "parts": .array(parts.map { Self.json($0.handle, $0.part) }),
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
  var lines: [StyledText] {
    if let leaf = entry.leaf { return lines(place: "leaf \(leaf)") }
    return lines(place: entry.acknowledged.map { "sent: leaf \($0) has it" } ?? "pending")
  }

  func lines(place: String) -> [StyledText] {
    var head: StyledText = "\(dot, .accent)  \(TimeText.short(entry.time), .dim)  \(place, .dim)"
    if let act = entry.act { head += "  \(act.rawValue)" }
    if let subject = entry.actSubject { head += "  \(subject)" }
    var onIt = made.map { ["    made on it: " + $0] } ?? []
    if let undone { onIt.insert("    takes back \(undone, .accent)", at: 0) }
    return [head] + onIt + told.map { PassageText.indentation + Self.line($0) }
  }

  /// The change in one line, for lists of several: what it did first, and to which record.
  var summary: StyledText {
    // A label that came with an annotation says less than the annotation.
    let main = told.first { $0.part.record.kind != .label } ?? told.first
    guard let first = main else { return "\(entry.act?.rawValue ?? "", .accent)" }
    let rest = told.count - 1
    return Self.line(first) + (rest > 0 ? ", and \(rest) more" : "")
  }

  /// What people are told: no touches, and no creation of a record whose values follow.
  private var told: [Part] {
    parts.filter { told in
      let part = told.part
      return switch part.verb {
      case .touch: false
      case .create:
        part.record.kind == .label || part.value != nil
          || !parts.contains { $0.part.record == part.record && $0.part.fieldName != nil }
      case .write, .add, .remove, .delete, .restore: true
      }
    }
  }

  private static func line(_ told: Part) -> StyledText {
    var line: StyledText = "\(told.handle, .strong)  " + deed(told.part, told.value)
    if let reason = told.part.reason { line += "  (\(reason))" }
    if let cited = told.part.cited { line += "  (\(cited.analyst)'s, brought back)" }
    return line
  }

  /// What a part does, in a word or two and the value.
  private static func deed(_ part: HistoryPart, _ value: StyledText) -> StyledText {
    let field: StyledText = "\(part.fieldName ?? "value")"
    switch part.verb {
    case .create:
      let kind = AnnotationSchema.name(of: part.record.kind) ?? "record"
      return "new \(kind)" + (value.isEmpty ? "" : " " + value)
    case .write where part.value?.isNothing == true: return field + " taken back"
    case .write where part.fieldName == "target": return "marked: " + value
    case .write where part.fieldName == "parent": return "answers " + value
    case .write where part.fieldName == "ends": return "links " + value
    case .write: return field + ": " + value
    case .add: return "tag added: " + value
    case .remove: return "tag removed: " + value
    case .delete: return "deleted"
    case .restore: return part.isResolution ? "kept" : "restored"
    case .touch: return "touched"
    }
  }
}

extension ValueView {
  /// Whether nobody wrote it, or it was taken back.
  var isNothing: Bool { if case .none = self { true } else { false } }
}
