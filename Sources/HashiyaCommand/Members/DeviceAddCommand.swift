import ArgumentParser
import CommandLineKit
import SyncProtocol
import WorkspaceStore

/// `device add`: a code for another device of the same person.
struct DeviceAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Print a code with which another device of yours can join.",
    discussion: """
      Examples:
        hashiya device add --expires 1h
      """)

  @Option(
    help: ArgumentHelp(
      "How long the code is valid: 12h, 7d, or until a date such as 2026-12-31.",
      valueName: "d"))
  var expires: ExpiryArgument = .after(seconds: 86_400)

  @OptionGroup var options: StoreOptions
}

extension DeviceAddCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let expiry = try expires.milliseconds(now: workspace.serverTime())
    let code = try workspace.author { editor in try editor.addDevice(expires: expiry).code }
    let refusal = try await InviteExchange(workspace, console).run()
    if let refusal, try !workspace.isInvited(by: code) { throw refusal }
    try InviteExchange.check(expiry, in: workspace)
    try print(code, until: expiry)
    if let refusal { throw refusal }
  }

  private func print(_ code: ShareCode, until expiry: Int64) throws {
    let console = options.console
    if console.isJSON {
      try console.print(
        ["code": .string(code.text), "expires": .string(TimeText.json(expiry))] as JSONValue)
      return
    }
    try console.print("\(code.text)")
    console.note("On the other device: hashiya join -   (once, until \(TimeText.short(expiry)))")
  }
}
