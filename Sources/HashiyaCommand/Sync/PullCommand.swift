import ArgumentParser
import CommandLineKit
import SyncClient
import SyncProtocol

/// `pull` and `sync pull`: the other way.
struct PullCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Bring what is new; send nothing.",
    discussion: """
      Examples:
        hashiya pull
      """)

  @OptionGroup var options: StoreOptions
}

extension PullCommand {
  func run() async throws {
    let workspace = try options.open()
    let outcome = try await Exchange(workspace, options.console).run(.pull)
    try OutcomeText(outcome, in: workspace).print(on: options.console)
  }
}
