import ArgumentParser
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// `invite list`: the invites, and what became of them.
struct InviteListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the invites that admit somebody, or with --all every one ever made.",
    discussion: """
      The code itself is in no list: it is printed once, when the invite is made.

      Examples:
        hashiya invite list
        hashiya invite list --all
      """)

  @Flag(help: "List those too that were used, withdrawn, or ended with their person.")
  var all = false

  @OptionGroup var options: StoreOptions
}

extension InviteListCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let now = try workspace.serverTime()
    let invites = try workspace.query { try $0.invites(now: now) }.filter { all || $0.stands }
    if console.isJSON { return try console.print(jsonArray: invites.map(\.json)) }
    var table = TextTable([.left, .left, .left, .left])
    for invite in invites {
      let what = invite.isDevice ? "another device" : invite.role.rawValue
      table.append([
        "\(invite.name, .strong)", "\(what)", "\(invite.digits, .dim)",
        "\(invite.state.rawValue, invite.stands ? nil : .dim)" + Self.fate(invite),
      ])
    }
    try console.print(table)
    if invites.isEmpty {
      console.note(
        all ? "nobody was ever invited" : "no invite is open; see hashiya invite list --all")
    }
  }

  /// `  until 2026-04-21 09:30Z, by layla`.
  private static func fate(_ invite: InviteView) -> StyledText {
    let by: StyledText = ", by \(invite.issuer)"
    switch invite.state {
    case .pending: return "  counts once it is in the log: hashiya sync"
    case .open:
      return "  " + (invite.expires.map { "until \(TimeText.short($0))" } ?? "for good") + by
    case .expired: return "  " + (invite.expires.map { "on \(TimeText.short($0))" } ?? "") + by
    case .spent: return "  \(invite.endedBy ?? "") joined" + by
    case .withdrawn: return "  by \(invite.endedBy ?? "")"
    case .ended:
      guard let person = invite.endedBy else { return "  with the device that made it" + by }
      return "  with \(person), who was revoked"
    }
  }
}

extension InviteView {
  /// An element of `invite list`.
  var json: JSONValue {
    [
      "id": .string(hexText(key)), "name": .string(name), "role": .string(role.rawValue),
      "device": .bool(isDevice), "state": .string(state.rawValue), "issuer": .string(issuer),
      "expires": JSONValue(expires.map(TimeText.json)), "leaf": JSONValue(leaf),
      "time": JSONValue(time.map(TimeText.json)), "ended_by": JSONValue(endedBy),
    ]
  }
}
