import ArgumentParser
import CommandLineKit
import SyncClient
import SyncProtocol

/// `sync exchange`, which `sync` alone means: both ways at once.
struct ExchangeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exchange",
    abstract: "Send what is pending and bring what is new (what `sync` alone does).",
    discussion: """
      Examples:
        hashiya sync
        hashiya sync --json | jq .in_sync
      """)

  @OptionGroup var network: NetworkOptions

  @OptionGroup var options: StoreOptions
}

extension ExchangeCommand {
  func run() async throws {
    let workspace = try options.open(evenJoining: true)
    let exchange = Exchange(workspace, options.console, authorities: try network.read())
    let outcome = try await exchange.run(.sync)
    try OutcomeText(outcome, in: workspace).print(on: options.console)
  }
}
