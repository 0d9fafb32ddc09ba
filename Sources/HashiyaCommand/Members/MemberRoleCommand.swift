import ArgumentParser
import CommandLineKit
import SyncProtocol
import WorkspaceStore

/// `member role`: gives another role.
struct MemberRoleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "role",
    abstract: "Give a member another role.",
    discussion: """
      It holds from the moment that it is in the log. The last admin keeps the role.

      Examples:
        hashiya member role omar adjudicator
      """)

  @Argument(help: "The member's name or id.")
  var name: String

  @Argument(help: "annotator, adjudicator, auditor or admin.")
  var role: Role

  @OptionGroup var options: StoreOptions
}

extension MemberRoleCommand {
  func run() async throws {
    try await MembershipAct(options).perform("\(name) becomes \(role.rawValue)") { editor in
      try editor.setRole(member: name, role: role)
    }
  }
}
