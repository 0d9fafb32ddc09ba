import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `device revoke`: closes one replica.
struct DeviceRevokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke",
    abstract: "Close a device: nothing more is accepted from it.",
    discussion: """
      Closes its successors and the devices that it certified too.

      Examples:
        hashiya device revoke 5f0c
      """)

  @Argument(help: "The beginning of the device's id, as `device list` shows it.")
  var replica: String

  @OptionGroup var options: StoreOptions
}

extension DeviceRevokeCommand {
  func run() async throws {
    let device = try options.open().author { editor in
      try editor.reader.replica(named: replica)
    }
    try await MembershipAct(options).perform(
      "the device \(device.hex.prefix(8).description) is closed"
    ) { editor in
      try editor.revoke(replica: device)
    }
  }
}
