import ArgumentParser
import CommandLineKit
import MergeCore
import SyncClient
import SyncProtocol
import WorkspaceStore

/// `invite create`, which `invite NAME` means: lets one more person in.
struct InviteCreateCommand: AsyncParsableCommand, TakesAnyWord {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Invite somebody: prints one line of code to hand over (what `invite NAME` does).",
    discussion: """
      Whoever holds the line can join once, under this name and role. The invite is
      complete when it is in the log, so it syncs at once; without the server it is
      complete after the next sync.

      Examples:
        hashiya invite omar
        hashiya invite nadia --role adjudicator --expires 2d
        hashiya invite omar --json | jq -r .code
        hashiya invite create list              somebody called like a command
      """)

  @Argument(help: "The person's name, as all will see it.")
  var name: String

  @Option(help: "What the person may do: annotator, adjudicator, auditor or admin.")
  var role: Role = .annotator

  @Option(
    help: ArgumentHelp(
      "How long the code is valid: 12h, 7d, or until a date such as 2026-12-31.",
      valueName: "d"))
  var expires: ExpiryArgument = .after(seconds: 7 * 86_400)

  @OptionGroup var options: StoreOptions
}

extension InviteCreateCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let expiry = try expires.milliseconds(now: workspace.serverTime())
    let invitation = try workspace.author { editor in
      try editor.invite(name: name, role: role, expires: expiry)
    }
    let refusal = try await InviteExchange(workspace, console).run()
    if let refusal, try !workspace.isInvited(by: invitation.code) { throw refusal }
    try InviteExchange.check(expiry, in: workspace)
    try print(invitation, until: expiry)
    if let refusal { throw refusal }
  }

  private func print(_ invitation: Invitation, until expiry: Int64) throws {
    let console = options.console
    if console.isJSON {
      return try console.print(
        [
          "member": .string(hexText(invitation.member)),
          "role": .string(invitation.role.rawValue), "code": .string(invitation.code.text),
          "name": .string(invitation.name), "expires": .string(TimeText.json(expiry)),
        ] as JSONValue)
    }
    try console.print("\(invitation.code.text)")
    console.note(
      "Hand this line to \(name). It works once, until \(TimeText.short(expiry)): hashiya join -")
    console.note("To end it before that: hashiya invite withdraw \(operand: invitation.name)")
  }
}
