package import ArgumentParser
package import CommandLineKit

/// `hashiya`: the analyst's program.
package struct Hashiya: ProgramRoot {
  package static let configuration = CommandConfiguration(
    commandName: "hashiya",
    abstract: "Annotate shared articles offline, and merge without losing anybody's words.",
    discussion: """
      The store is the nearest .hashiya folder upward, or --store DIR, or
      HASHIYA_STORE.

      Examples:
        hashiya init --analyst layla            a new workspace, no server needed
        hashiya article add 001.txt
        hashiya annotate 001 --quote 'words of the article' --label claim
        hashiya sync && hashiya conflicts
        hashiya why @                           who wrote what, and which rule chose

      --store DIR, --json and --quiet are accepted anywhere.
      """,
    version: "0.1.0",
    groupedSubcommands: [
      CommandGroup(
        name: "Workspace",
        subcommands: [
          InitCommand.self, JoinCommand.self, PublishCommand.self, InviteCommand.self,
          MemberCommand.self, DeviceCommand.self, StatusCommand.self, DoctorCommand.self,
          BackupCommand.self,
        ]),
      CommandGroup(
        name: "Articles and annotations",
        subcommands: [
          ArticleCommand.self, AnnotateCommand.self, EditCommand.self, DeleteCommand.self,
          RestoreCommand.self, ReplyCommand.self, RelateCommand.self, UndoCommand.self,
          LabelCommand.self,
        ]),
      CommandGroup(
        name: "Reading",
        subcommands: [
          ListCommand.self, ShowCommand.self, LogCommand.self, ExportCommand.self,
        ]),
      CommandGroup(
        name: "Conflicts",
        subcommands: [ConflictsCommand.self, WhyCommand.self, ResolveCommand.self]),
      CommandGroup(
        name: "Exchange",
        subcommands: [
          SyncCommand.self, PushCommand.self, PullCommand.self, QuarantineCommand.self,
          AuditCommand.self, EvidenceCommand.self, ServerCommand.self,
        ]),
      CommandGroup(
        name: "Scripts",
        subcommands: [
          BatchCommand.self, TokenCommand.self, CompletionsCommand<Hashiya, StoreOptions>.self,
        ]),
    ])

  package static let globalOptions = StoreOptions.globalOptions
  package static let _errorPrefix = "hashiya: "

  package init() {}

  package static func failure(for error: any Error) -> CommandFailure? {
    FailureTable.failure(for: error)
  }
}
