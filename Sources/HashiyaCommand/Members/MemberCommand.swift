import ArgumentParser

/// `member`: the people of the workspace.
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "member",
    abstract: "List people, change their names and roles, revoke them.",
    discussion: """
      Examples:
        hashiya member list
        hashiya member role omar adjudicator
        hashiya member rename omar 'Omar Said'
        hashiya member revoke omar
      """,
    subcommands: [
      MemberListCommand.self, MemberRoleCommand.self, MemberRenameCommand.self,
      MemberRevokeCommand.self,
    ])
}
