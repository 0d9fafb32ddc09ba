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
    let devices = try options.open().query { $0.devices() }.filter {
      member == nil || Names.same($0.analyst, member ?? "")
    }
    let console = options.console
    if console.isJSON { return try console.print(jsonArray: devices.map(\.json)) }
    var table = TextTable([.left, .left, .left])
    for device in devices {
      var state: StyledText = device.isCurrent ? "this one" : ""
      if device.isRevoked { state = StyledText(verbatim: "revoked", .warning) }
      table.append(["\(device.analyst, .strong)", "\(String(device.replica.hex.prefix(8)))", state])
    }
    try console.print(table)
  }
}

extension DeviceView {
  /// An element of `device list`.
  fileprivate var json: JSONValue {
    [
      "replica": .string(replica.hex), "analyst": .string(analyst),
      "member": .string(hexText(member)),
      "enrolled_at": JSONValue(enrolledAt), "predecessor": JSONValue(predecessor?.hex),
      "revoked": .bool(isRevoked), "current": .bool(isCurrent),
    ]
  }
}
