import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `device list`: the replicas.
struct DeviceListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the devices of all members.",
    discussion: """
      Examples:
        hashiya device list
        hashiya device list --member omar
      """)

  @Option(parsing: .unconditional, help: "Only of this member.")
  var member: String?

  @OptionGroup var options: StoreOptions
}

extension DeviceListCommand {
  func run() async throws {
    let devices = try options.open().query { reader in
      try reader.devices().filter { device in
        member.map { reader.means($0, device.analyst) } ?? true
      }
    }
    let console = options.console
    if console.isJSON { return try console.print(jsonArray: devices.map(\.json)) }
    var table = TextTable(["member", "device", "id", "since", "last leaf", ""])
    for device in devices { table.append(device.cells) }
    try console.print(table)
  }
}

extension DeviceView {
  fileprivate var cells: [StyledText] {
    let last = lastLeaf.map { leaf -> StyledText in
      "\(leaf)" + (lastTime.map { "  \(TimeText.short($0), .dim)" } ?? "")
    }
    return [
      "\(analyst, .strong)", "\(name)", "\(String(replica.hex.prefix(8)))",
      "\(enrolledTime.map { TimeText.short($0) } ?? "pending", .dim)", last ?? "", state,
    ]
  }

  private var state: StyledText {
    var parts: [StyledText] = []
    if isCurrent { parts.append("this one") }
    if isRevoked { parts.append(StyledText(verbatim: "revoked", .warning)) }
    if let predecessor {
      let name = predecessorName.map { $0.isEmpty ? "" : "\($0) " } ?? ""
      parts.append("successor of \(name)\(String(predecessor.hex.prefix(8)))")
    }
    return parts.dropFirst().reduce(parts.first ?? "") { $0 + ", " + $1 }
  }

  /// An element of `device list`.
  fileprivate var json: JSONValue {
    [
      "replica": .string(replica.hex), "analyst": .string(analyst), "name": .string(name),
      "member": .string(hexText(member)), "enrolled_at": JSONValue(enrolledAt),
      "enrolled_time": JSONValue(enrolledTime.map(TimeText.json)),
      "last_leaf": JSONValue(lastLeaf), "last_time": JSONValue(lastTime.map(TimeText.json)),
      "predecessor": JSONValue(predecessor?.hex), "revoked": .bool(isRevoked),
      "current": .bool(isCurrent),
    ]
  }
}
