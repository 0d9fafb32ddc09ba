import ArgumentParser

/// `sync bundle`: exchange without a network.
struct BundleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bundle",
    abstract: "Exchange through files, where there is no network.",
    discussion: """
      A bundle holds a part of the log and your pending changes. Whoever applies it
      advances along the log, verified as from the server, and carries your changes
      to the server with the next sync, like mail.

      Examples:
        hashiya sync bundle create omar.bundle
        hashiya sync bundle apply omar.bundle
      """,
    subcommands: [BundleCreateCommand.self, BundleApplyCommand.self])
}
