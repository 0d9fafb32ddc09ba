import ArgumentParser
import CommandLineKit
import SyncServer

/// `serve`: until SIGTERM or SIGINT.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serve the data folder over HTTP.",
    discussion: """
      Prints one line on standard output when it is ready, and logs a line for each
      request on standard error; of strangers' it lists some a second, and counts the
      rest. On SIGTERM or SIGINT it finishes what it is answering. GET /health tells
      whether it runs, GET /ready whether it takes changes in.

      Examples:
        hashiya-server serve --data srv
        hashiya-server serve --data srv --port 0
        hashiya-server serve --host :: --tls-certificate c.pem --tls-key k.pem
        hashiya-server serve --trusted-proxy 127.0.0.1 --metrics-port 7421
      """)

  @Option(help: ArgumentHelp("The address to listen on.", valueName: "address"))
  var host = "127.0.0.1"

  @Option(help: ArgumentHelp("The port to listen on; 0 for a free one.", valueName: "port"))
  var port = 7420

  @Option(
    help: ArgumentHelp(
      "The certificate, and those up to its authority; PEM.", valueName: "file"),
    completion: .file())
  var tlsCertificate: String?

  @Option(
    help: ArgumentHelp("The certificate's private key; PEM.", valueName: "file"),
    completion: .file())
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "A proxy that passes requests on, whose X-Forwarded-For counts; may be repeated.",
      valueName: "address or network"))
  var trustedProxy: [String] = []

  @Option(
    help: ArgumentHelp(
      "The port of 127.0.0.1 where GET /metrics tells what the server does; 0 for none.",
      valueName: "port"))
  var metricsPort = 0

  @OptionGroup var options: DataOptions

  func validate() throws {
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port is a number from 0 to 65535.")
    }
    guard (0...65_535).contains(metricsPort) else {
      throw ValidationError("--metrics-port is a number from 0 to 65535.")
    }
    guard metricsPort == 0 || metricsPort != port else {
      throw ValidationError("--metrics-port is another port than --port.")
    }
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key are given together.")
    }
    guard TrustedProxies(trustedProxy) != nil else {
      throw ValidationError(
        "--trusted-proxy is an address or a network, such as 127.0.0.1, fd00::1 or 10.0.0.0/8.")
    }
  }

  mutating func run() async throws {
    let console = options.console
    var tls: TLSFiles?
    if let tlsCertificate, let tlsKey { tls = TLSFiles(certificate: tlsCertificate, key: tlsKey) }
    let server = try SyncServer(
      folder: options.folder(), host: host, port: port, tls: tls,
      proxies: TrustedProxies(trustedProxy) ?? TrustedProxies(),
      metricsPort: metricsPort == 0 ? nil : metricsPort)
    try await server.serve { address, metrics in
      // Nobody may be reading; serving goes on.
      if console.isJSON {
        try? console.print(
          ["listening": .string(address), "metrics": JSONValue(metrics)] as JSONValue)
      } else {
        let watched = metrics.map { ", metrics at \($0)" } ?? ""
        try? console.print("listening on \(StyledText(verbatim: address + watched))")
      }
    }
  }
}
