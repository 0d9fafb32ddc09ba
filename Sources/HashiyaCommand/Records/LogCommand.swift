import ArgumentParser
import CommandLineKit
import MergeCore
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
    let meter = ProgressMeter("reading", unit: "changes", console: console)
    defer { meter.finish() }
    let rows = try options.open().query { reader in
      let references = References(reader: reader)
      let id = try ref.map { try references.record($0) }
      let total = id == nil ? min(try reader.changeCount(), limit ?? .max) : nil
      var rows: [HistoryText] = []
      try reader.forEachChange(of: id, limit: limit ?? .max) { entry in
        rows.append(try HistoryText(entry, references))
        meter.update(rows.count, of: total)
      }
      return rows
    }
    meter.finish()
    if console.isJSON { return try console.print(jsonArray: rows.lazy.map { $0.json }) }
    try console.print(rows.flatMap { $0.lines })
    if rows.isEmpty { console.note("no changes yet") }
  }
}
