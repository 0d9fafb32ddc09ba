import ArgumentParser

/// `server`: where the workspace's log is.
struct ServerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "server",
    abstract: "Show which server the workspace is on, or move to its new address.",
    discussion: """
      Examples:
        hashiya server
        hashiya server set https://gloss.example.org
      """,
    subcommands: [ServerShowCommand.self, ServerSetCommand.self],
    defaultSubcommand: ServerShowCommand.self)
}
