import ArgumentParser
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// `log`: the changes, newest first.
struct LogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Show the changes of a record, or of the whole workspace.",
    discussion: """
      Newest first: what is pending, then the log.

      Examples:
        hashiya log 7c1e
        hashiya log --limit 20
      """)

  @Argument(help: "The record; all records without it.")
  var ref: String?

  @Option(help: ArgumentHelp("At most so many changes.", valueName: "n"))
  var limit: Int?

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1.") }
  }
}

extension LogCommand {
  func run() async throws {
    let console = options.console
    let rows = try options.open().read { reader in
      let references = References(reader: reader)
      let id = try ref.map { try references.record($0) }
      return try reader.history(id, limit: limit).map { try Row($0, references) }
    }
    if console.isJSON { return try console.print(jsonArray: rows.lazy.map { $0.json }) }
    try console.print(rows.flatMap { $0.lines })
    if rows.isEmpty { console.note("no changes yet") }
  }
}

/// One change.
private struct Row {
  private let entry: HistoryEntry
  private let dot: String
  private let parts: [(handle: String, part: HistoryPart)]

  init(_ entry: HistoryEntry, _ references: References) throws {
    self.entry = entry
    dot = try references.reader.dotText(entry.dot)
    parts = try entry.parts.map { (try references.reader.handle(of: $0.record), $0) }
  }

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

  var lines: [StyledText] {
    let place = entry.leaf.map { "leaf \($0)" } ?? "pending"
    var head: StyledText = "\(dot, .accent)  \(TimeText.short(entry.time), .dim)  \(place, .dim)"
    if let act = entry.act { head += "  \(act.rawValue)" }
    return [head]
      + parts.filter { $0.part.verb != .touch }.map { handle, part in
        var line: StyledText = "    \(handle, .strong)  \(part.verb.rawValue)"
        if let field = part.fieldName { line += " \(field)" }
        if let value = part.value { line += ": " + ValueText.word(value) }
        if let reason = part.reason { line += "  (\(reason))" }
        return line
      }
  }
}
