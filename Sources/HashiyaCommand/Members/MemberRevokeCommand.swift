import ArgumentParser
import CommandLineKit
import SyncProtocol
import WorkspaceStore

/// `member revoke`: takes somebody's access.
struct MemberRevokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Take a member's access; what was contributed stays.",
    discussion: """
      All devices of the member are closed, and open invites for the member or for
      somebody of the same name end. What they had not synced reaches nobody; it stays
      readable in their stores.

      Examples:
        hashiya member revoke omar
      """)

  @Argument(help: "The member's name or id.")
  var name: String

  @OptionGroup var options: StoreOptions
}

extension MemberRevokeCommand {
  func run() async throws {
    try await MembershipAct(options).perform { editor in
      let (member, invites) = try editor.revoke(member: name)
      let ended = invites == 0 ? "" : "; \(counted(invites, "open invite")) ended"
      return "\(member.name) is revoked" + StyledText(verbatim: ended)
    }
  }
}
