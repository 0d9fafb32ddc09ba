import ArgumentParser
import CommandLineKit
import SyncClient

/// `token`: a bearer token for the HTTP interface.
struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Print a short-lived bearer token signed by this replica.",
    discussion: """
      For curl and scripts against the server's HTTP interface. Whoever holds it can
      read the workspace in your name until it expires, a few minutes later.

      Examples:
        curl -H "Authorization: Bearer $(hashiya token)" \\
          "$URL/v1/workspaces/$W/log/checkpoint"
        hashiya token --json
      """)

  @OptionGroup var options: StoreOptions
}

extension TokenCommand {
  func run() async throws {
    let token = try await Exchange(options.open(), options.console).bearerToken()
    if options.console.isJSON {
      try options.console.print(["token": .string(token)] as JSONValue)
    } else {
      try options.console.writeResult((token + "\n").utf8)
    }
  }
}
