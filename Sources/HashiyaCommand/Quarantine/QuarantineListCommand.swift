import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `quarantine list`, which `quarantine` alone means.
struct QuarantineListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List what was refused, and why (what `quarantine` alone does).",
    discussion: """
      Examples:
        hashiya quarantine
        hashiya quarantine --json
      """)

  @OptionGroup var options: StoreOptions
}

extension QuarantineListCommand {
  func run() async throws {
    let console = options.console
    let changes = try options.open().query { reader in
      let references = References(reader: reader)
      return try reader.quarantined().map { ($0, try HistoryText($0.entry, references)) }
    }
    if console.isJSON {
      return try console.print(
        jsonArray: changes.lazy.map { change, text in
          text.json.adding([("code", .string(change.code)), ("refusal", .string(change.reason))])
        })
    }
    for (change, text) in changes {
      try console.print(text.lines(place: "refused: \(change.reason) (\(change.code))"))
    }
    console.note(
      changes.isEmpty
        ? "nothing was refused"
        : "bring it again with hashiya quarantine release, or forget it with quarantine drop")
  }
}
