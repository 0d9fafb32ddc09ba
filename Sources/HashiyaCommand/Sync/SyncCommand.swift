import ArgumentParser

/// `sync`: the exchange with the server, and what belongs to it.
struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: "Exchange changes with the server.",
    discussion: """
      `hashiya sync` alone sends what is pending and brings what is new, in one
      exchange, and ends by comparing log and state with the server's.

      Examples:
        hashiya sync
        hashiya sync push
        hashiya sync status --explain
        hashiya sync bundle create omar.bundle
      """,
    subcommands: [
      ExchangeCommand.self, PushCommand.self, PullCommand.self, SyncStatusCommand.self,
      BundleCommand.self,
    ],
    defaultSubcommand: ExchangeCommand.self)
}
