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

  @OptionGroup var options: StoreOptions
}

extension ExchangeCommand {
  func run() async throws {
    let outcome = try await Exchange(options.open(), options.console).run(.sync)
    try OutcomeText(outcome: outcome).print(on: options.console)
  }
}
