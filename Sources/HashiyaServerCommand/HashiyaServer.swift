package import ArgumentParser
package import CommandLineKit

/// `hashiya-server`: the operator's program.
package struct HashiyaServer: ProgramRoot {
  package static let configuration = CommandConfiguration(
    commandName: "hashiya-server",
    abstract: "Give analysts' changes one order, and prove it.",
    discussion: """
      The data folder is --data DIR or HASHIYA_DATA. --workspace is needless where there is one.

      Examples:
        export HASHIYA_DATA=srv
        hashiya-server init --origin example.org/gloss --url https://example.org
        hashiya-server workspace create gloss      prints the code for hashiya publish
        hashiya-server serve --data srv
        hashiya-server audit verify --data srv

      What this machine knows of the logs that it signs stands outside of the data folder:
      --state DIR, else STATE_DIRECTORY, else XDG_STATE_HOME/hashiya-server, else
      ~/.local/state/hashiya-server. It tells a data folder that lost something from a whole one.

      --data DIR, --state DIR, --workspace W, --json and --quiet are accepted anywhere.
      """,
    version: "0.1.0",
    subcommands: [
      InitCommand.self, WorkspaceCommand.self, ServeCommand.self, StatusCommand.self,
      AuditCommand.self, BundleCommand.self, DoctorCommand.self, RecoverCommand.self,
      BackupCommand.self, ClockCommand.self,
      CompletionsCommand<HashiyaServer, DataOptions>.self,
    ])

  package static let globalOptions =
    [GlobalOption.value("--data"), .value("--state"), .value("--workspace")]
    + OutputOptions.globalOptions
  package static let _errorPrefix = "hashiya-server: "

  package init() {}

  package static func failure(for error: any Error) -> CommandFailure? {
    FailureTable.failure(for: error)
  }
}
