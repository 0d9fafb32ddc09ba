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

  @OptionGroup var network: NetworkOptions

  @OptionGroup var options: StoreOptions
}

extension PullCommand {
  func run() async throws {
    let workspace = try options.open(evenJoining: true)
    let exchange = Exchange(workspace, options.console, authorities: try network.read())
    let outcome = try await exchange.run(.pull)
    try OutcomeText(outcome, in: workspace).print(on: options.console)
  }
}
