import ArgumentParser
import CommandLineKit
import SyncClient
import WorkspaceStore

/// `server show`: where the log is, and what is known of the way there.
struct ServerShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show the server's address and the log's pinned key. Asks no server.",
    discussion: """
      Examples:
        hashiya server show
        hashiya server show --json | jq -r .key
      """)

  @OptionGroup var options: StoreOptions
}

extension ServerShowCommand {
  func run() async throws {
    let settings = try options.open(evenJoining: true).query { try $0.serverSettings() }
    guard let settings else { throw SyncFailure.notConfigured }
    try ServerText(settings).print(on: options.console)
  }
}

/// A server's address and what belongs to it, as people and scripts see it.
struct ServerText {
  private let settings: ServerSettings
  private let sizes: PassingSizes

  init(_ settings: ServerSettings) {
    self.settings = settings
    sizes = PassingSizes(stored: settings.passingSizes, url: settings.url)
  }

  func print(on console: Console) throws {
    if console.isJSON {
      return try console.print(
        [
          "url": .string(settings.url), "name": .string(settings.slot),
          "key": JSONValue(settings.logKey), "authorities": JSONValue(settings.authorities),
          "request_bytes": .integer(sizes.requestBytes),
          "answer_bytes": .integer(sizes.answerBytes),
        ] as JSONValue)
    }
    var lines: [StyledText] = ["\(settings.url, .strong)  as \(settings.slot)"]
    if let key = settings.logKey { lines.append("the log's key, pinned: \(key)") }
    if settings.authorities != nil {
      lines.append("certificates: only those of the authorities that --ca gave")
    }
    if !sizes.isUnlimited {
      lines.append(
        "something on the way there stopped larger ones: requests of \(sizes.requestBytes >> 10) KiB "
          + "are sent, and answers of \(sizes.answerBytes >> 10) KiB asked for; a sync tries twice as "
          + "much once a day")
    }
    try console.print(lines)
  }
}
