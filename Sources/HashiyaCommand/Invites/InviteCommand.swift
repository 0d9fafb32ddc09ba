import ArgumentParser

/// `invite`: lets people in, and takes an invitation back.
struct InviteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "invite",
    abstract: "Invite somebody: prints one line of code to hand over. List and withdraw invites.",
    discussion: """
      `hashiya invite NAME` makes an invite. Whoever holds its code can join once,
      until it expires, is withdrawn, or its person is revoked.

      Examples:
        hashiya invite omar --role adjudicator --expires 2d
        hashiya invite list
        hashiya invite withdraw omar
      """,
    subcommands: [
      InviteCreateCommand.self, InviteListCommand.self, InviteWithdrawCommand.self,
    ],
    defaultSubcommand: InviteCreateCommand.self)
}
