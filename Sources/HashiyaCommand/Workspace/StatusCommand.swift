import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `status`: where this store stands, and what to type next.
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what is pending, in conflict and new, and what to type next.",
    discussion: """
      Examples:
        hashiya status
        hashiya status --json | jq -r .state_digest
      """)

  @OptionGroup var options: StoreOptions
}

extension StatusCommand {
  func run() async throws {
    let status = try options.open().query { try StatusView($0) }
    if options.console.isJSON {
      try options.console.print(status.json)
    } else {
      try options.console.print(status.lines)
    }
  }
}
