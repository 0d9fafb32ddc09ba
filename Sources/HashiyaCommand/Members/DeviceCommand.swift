import ArgumentParser

/// `device`: one's own replicas, and those of others.
struct DeviceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "device",
    abstract: "Add, list and revoke devices.",
    discussion: """
      Examples:
        hashiya device add                      on this laptop
        hashiya join "$CODE"                    on the other one
        hashiya device list
      """,
    subcommands: [DeviceAddCommand.self, DeviceListCommand.self, DeviceRevokeCommand.self])
}
