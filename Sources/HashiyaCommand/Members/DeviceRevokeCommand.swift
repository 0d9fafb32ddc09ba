import ArgumentParser
import CommandLineKit
import MergeCore
import SyncProtocol
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
        hashiya device revoke old-laptop
        hashiya device revoke 5f0c --except 9a11
      """)

  @Argument(help: "The device's name, or the beginning of its id, as `device list` shows them.")
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
    try await MembershipAct(options).perform { editor in
      try editor.revoke(replica: device, except: kept)
      return "\(editor.reader.membership.deviceText(device)) is closed"
    }
  }
}
