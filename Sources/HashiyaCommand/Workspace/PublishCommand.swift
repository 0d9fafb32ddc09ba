import ArgumentParser
import CommandLineKit
import SyncClient
import SyncProtocol
import WorkspaceStore

/// `publish`: puts the workspace into an empty slot of a server.
struct PublishCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Put this workspace on a server.",
    discussion: """
      The server's operator makes an empty slot and hands over its claim code. Your
      workspace becomes the first leaves of that slot's log; the code is spent.

      Examples:
        hashiya publish "$CODE"
        hashiya publish - < claim.txt
      """)

  @Argument(help: "The claim code that `hashiya-server workspace create` printed, or -.")
  var code: String

  @OptionGroup var network: NetworkOptions

  @OptionGroup var options: StoreOptions
}

extension PublishCommand {
  func run() async throws {
    let claim = try ShareCodes.read(code, for: .claim, options.console)
    let authorities = try network.read()
    let workspace = try options.open(evenJoining: true)
    try workspace.remember(authorities: authorities?.pem)
    let outcome = try await publish(claim, from: workspace)
    try WorkspaceIdentity(workspace).print(on: options.console) { _ in
      [
        "The workspace is on \(claim.url) as \(claim.slot).",
        "Its log has \(counted(outcome.pushedChanges, "change")) of yours.",
      ]
    }
    options.console.note("next: hashiya invite NAME")
  }

  /// Whoever may not publish has no admin to ask yet, but the server's operator.
  private func publish(_ claim: ShareCode, from workspace: Workspace) async throws -> SyncOutcome {
    do {
      return try await Exchange(workspace, options.console).publish(claim)
    } catch SyncFailure.network(let url, let fault) {
      throw NetworkFailures.publishing(fault, url: url)
    } catch SyncFailure.notPermitted(let what) {
      throw CommandFailure(
        .notPermitted, "the server does not permit it: \(what)",
        remedy: "ask the server's operator for a code of another slot")
    }
  }
}
