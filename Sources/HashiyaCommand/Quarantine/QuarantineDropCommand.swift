import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `quarantine drop`: refused changes are forgotten.
struct QuarantineDropCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop",
    abstract: "Forget refused changes for good.",
    discussion: """
      Examples:
        hashiya quarantine drop layla/17
        hashiya quarantine drop --all
      """)

  @OptionGroup var choice: QuarantineChoice
  @OptionGroup var options: StoreOptions
}

extension QuarantineDropCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let count = try workspace.drop(workspace.query { try choice.dots($0) })
    try choice.report(count, "forgotten", workspace, console)
  }
}
