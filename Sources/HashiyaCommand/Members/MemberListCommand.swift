import ArgumentParser
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// `member list`: who is in.
struct MemberListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the members with their roles.",
    discussion: """
      Examples:
        hashiya member list
      """)

  @OptionGroup var options: StoreOptions
}

extension MemberListCommand {
  func run() async throws {
    let workspace = try options.open()
    let members = try workspace.query { $0.members() }
    let console = options.console
    if console.isJSON { return try console.print(jsonArray: members.map(\.json)) }
    var table = TextTable([.left, .left, .right, .left])
    for member in members {
      table.append([
        "\(member.distinctName, .strong)", "\(member.role.rawValue)", "\(member.replicaCount)",
        member.isRevoked ? StyledText(verbatim: "revoked", .warning) : "",
      ])
    }
    try console.print(table)
    for namesakes in try workspace.query({ $0.namesakes() }) {
      console.warn(NamesakeText.sentence(namesakes.name, count: namesakes.members.count))
      console.note("give one another name: \(NamesakeText.command(namesakes.members))")
    }
  }
}

extension MemberView {
  /// An element of `member list`.
  fileprivate var json: JSONValue {
    [
      "id": .string(hexText(id)), "name": .string(name), "shown_as": .string(distinctName),
      "role": .string(role.rawValue),
      "revoked": .bool(isRevoked), "devices": .integer(replicaCount), "self": .bool(isSelf),
    ]
  }
}
