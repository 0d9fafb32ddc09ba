import AnnotationModel
import ArgumentParser
import Auditor
import CommandLineKit
import MergeCore
import SyncServer
import WorkspaceStore

/// `audit why`: how a record came to be as it is.
struct AuditWhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Explain how a record came to be as the log has it.",
    discussion: """
      Executes the record's merges again: who wrote what, which rule decided at which leaf, and
      what was superseded by what.

      Examples:
        hashiya-server audit why 7c1e
        hashiya-server audit why 7c1e label --json
      """)

  @Argument(help: "The record: the end of its id, or the whole.")
  var ref: String

  @Argument(help: "One field: label, note, tags, target, confidence, lifecycle …")
  var field: String?

  @OptionGroup var options: WorkspaceOptions

  mutating func run() throws {
    let (ref, field) = (ref, field)
    let (json, lines) = try options.openToRead().log.read { db in
      let records = LogRecords(try LogReader(db))
      let record = try Self.record(ref, records.log)
      let all = try records.why(record)
      let fields = all.filter { field == nil || UTF8Text.identical($0.fieldName, field ?? "") }
      if fields.isEmpty, let field {
        throw CommandFailure(
          .noInput, "the record has no value for \(field)",
          remedy: "it has \(all.map(\.fieldName).joined(separator: ", "))")
      }
      let report = WhyReport(record, handle: try records.handle(of: record), fields)
      return (report.json, try report.lines { try records.dotText($0) })
    }
    let console = options.console
    if console.isJSON { return try console.print(JSONValue(json)) }
    try console.print(lines.map { StyledText(foreign: $0) })
  }

  /// The one record whose id ends as was typed.
  private static func record(_ ref: String, _ reader: LogReader) throws -> RecordID {
    guard let query = HandleQuery(ref) else {
      throw CommandFailure(.usage, "\(ref) is no id, nor the end of one")
    }
    let digits =
      switch query {
      case .whole(let bytes): hexText(bytes)
      case .tail(let digits): digits
      }
    let found = try reader.records(endingIn: digits)
    if found.count > 1 {
      throw CommandFailure(
        .badData, "\(ref) is the end of \(found.count) ids",
        details: found.prefix(10).map { StyledText(verbatim: hexText($0.bytes)) },
        remedy: "type more of the one that you mean")
    }
    guard let record = found.first else {
      throw CommandFailure(.noInput, "the log has no record whose id ends in \(ref)")
    }
    return record
  }
}
