import ArgumentParser
import CommandLineKit
import SyncClient
import SyncProtocol

/// `push` and `sync push`: one way.
struct PushCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "push",
    abstract: "Send what is pending; bring only the proof that it is in the log.",
    discussion: """
      Examples:
        hashiya push
      """)

  @OptionGroup var network: NetworkOptions

  @OptionGroup var options: StoreOptions
}

extension PushCommand {
  func run() async throws {
    let workspace = try options.open(evenJoining: true)
    let exchange = Exchange(workspace, options.console, authorities: try network.read())
    let outcome = try await exchange.run(.push)
    try OutcomeText(outcome, in: workspace).print(on: options.console)
  }
}
