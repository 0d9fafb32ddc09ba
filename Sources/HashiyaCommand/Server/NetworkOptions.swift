import ArgumentParser
import CommandLineKit
import SyncClient

/// The option of the commands that connect to a server.
struct NetworkOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Believe only the authorities in this PEM file, instead of the store's or the system's.",
      valueName: "file"),
    completion: .file())
  var ca: String?
}

extension NetworkOptions {
  /// The authorities in the file; nil without the option.
  func read() throws -> Authorities? {
    guard let ca else { return nil }
    let bytes = try InputStream(opening: ca).readAll(limit: ClientLimits.authorityBytesMax)
    let authorities = Authorities(pem: String(decoding: bytes, as: UTF8.self), source: ca)
    do {
      try authorities.check()
    } catch {
      throw NetworkFailures.failure(error, url: "")
    }
    return authorities
  }
}
