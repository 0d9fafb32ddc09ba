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
      Closes its successors and the devices that it certified too, except those that
      --except names.

      Examples:
        hashiya device revoke 5f0c
        hashiya device revoke 5f0c --except 9a11
      """)

  @Argument(help: "The beginning of the device's id, as `device list` shows it.")
  var replica: String

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A device that stays; repeat for several.", valueName: "replica"))
  var except: [String] = []

  @OptionGroup var options: StoreOptions
}

extension DeviceRevokeCommand {
  func run() async throws {
    let (device, kept) = try options.open().query { reader in
      (try reader.replica(named: replica), try except.map { try reader.replica(named: $0) })
    }
    try await MembershipAct(options).perform(
      "the device \(device.hex.prefix(8).description) is closed"
    ) { editor in
      try editor.revoke(replica: device, except: kept)
    }
  }
}
