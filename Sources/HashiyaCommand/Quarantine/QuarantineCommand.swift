import ArgumentParser

/// `quarantine`: changes that the server refused.
struct QuarantineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quarantine",
    abstract: "See what was refused, bring it again, or drop it.",
    discussion: """
      What the server refuses, for your role or another reason, leaves the state and
      is kept here, readable. Release it once the reason is gone, or drop it.

      Examples:
        hashiya quarantine
        hashiya quarantine release --all && hashiya sync
        hashiya quarantine drop layla/17
      """,
    subcommands: [
      QuarantineListCommand.self, QuarantineReleaseCommand.self, QuarantineDropCommand.self,
    ],
    defaultSubcommand: QuarantineListCommand.self)
}
