import ArgumentParser

/// `audit`: the log that this store holds.
struct AuditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read and verify the log of all merges.",
    discussion: """
      Works offline, over the log that the store holds.

      Examples:
        hashiya audit list
        hashiya audit show 23
        hashiya audit verify
      """,
    subcommands: [AuditListCommand.self, AuditShowCommand.self, AuditVerifyCommand.self])
}
