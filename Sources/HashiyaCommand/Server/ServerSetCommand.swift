import ArgumentParser
import CommandLineKit
import SyncClient
import WorkspaceStore

/// `server set`: the server has moved.
struct ServerSetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Go on with the server at another address; the log's pinned key stays.",
    discussion: """
      For a server that moved. Workspace, log and the log's key stay as they are, so
      that the next sync refuses any other log that it finds there. Asks no server.

      Examples:
        hashiya server set https://gloss.example.org
        hashiya server set https://10.0.0.7:7420 --ca office-ca.pem
      """)

  @Argument(help: "The new address: https://HOST[:PORT], or http:// for this machine.")
  var url: String

  @OptionGroup var network: NetworkOptions

  @Flag(help: "Forget what --ca gave: believe the system's authorities again.")
  var systemCa = false

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if systemCa, network.ca != nil {
      throw ValidationError("--ca and --system-ca exclude each other.")
    }
  }
}

extension ServerSetCommand {
  func run() async throws {
    let address = try ServerURL.accept(url)
    let given = try network.read()?.pem
    let authorities: String?? = systemCa ? .some(nil) : given.map { .some($0) }
    let workspace = try options.open(evenJoining: true)
    guard try workspace.moveServer(to: address, authorities: authorities) else {
      throw SyncFailure.notConfigured
    }
    guard let settings = try workspace.query({ try $0.serverSettings() }) else {
      throw SyncFailure.notConfigured
    }
    try ServerText(settings).print(on: options.console)
    options.console.note("next: hashiya sync")
  }
}

/// A server's address as it is typed.
enum ServerURL {
  private static let bytesMax = 1_024

  /// The address without slashes at its end; refuses what no server can be reached by.
  static func accept(_ typed: String) throws(CommandFailure) -> String {
    var url = typed
    while url.hasSuffix("/") { url.removeLast() }
    guard let parts = ServerAddressParts(url: url), url.utf8.count <= bytesMax,
      url.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F }),
      ServerAddressParts.origin(of: url)?.utf8.elementsEqual(url.utf8) == true
    else {
      throw CommandFailure(
        .usage, "\(typed) is no address of a server",
        remedy: "an address is https://HOST or https://HOST:PORT, with nothing behind it")
    }
    guard parts.isEncrypted || parts.isLoopback else {
      throw CommandFailure(
        .usage, "\(typed) would send everything unencrypted over the network",
        remedy: "use https://; http:// is for this machine alone")
    }
    return url
  }
}
