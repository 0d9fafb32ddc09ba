import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `invite withdraw`: takes an invitation back before somebody uses it.
struct InviteWithdrawCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "withdraw",
    abstract: "End an invite that nobody has used.",
    discussion: """
      Whoever made it may do so, and any admin. A name means all invites that are
      open under it. It holds from the moment that it is in the log: who joins before
      that has joined, and is revoked with `member revoke`.

      Examples:
        hashiya invite withdraw omar
        hashiya invite withdraw 5f0c
      """)

  @Argument(help: "The invited person's name, or the beginning of the id in `invite list`.")
  var invite: String

  @OptionGroup var options: StoreOptions
}

extension InviteWithdrawCommand {
  func run() async throws {
    try await MembershipAct(options).perform { editor in
      let ended = try editor.withdrawInvites(named: invite)
      guard let first = ended.first else { return "\(invite) was ended before" }
      let which: StyledText =
        first.isDevice
        ? "the invite for another device of \(first.name)" : "the invite for \(first.name)"
      return ended.count == 1
        ? which + " is withdrawn" : "\(ended.count) invites for \(first.name) are withdrawn"
    }
  }
}
