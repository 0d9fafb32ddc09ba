import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Answers `GET /metrics` on a port of its own, for programs of this machine only.
///
/// Its connections have places of their own, so that whoever watches sees what the server is doing
/// while it has none left.
struct MetricsListener: Service {
  static let host = "127.0.0.1"

  let page: MetricsPage
  let port: Int
  let logger: Logger
  private let start = AsyncStream<Void>.makeStream()

  init(_ page: MetricsPage, port: Int, logger: Logger) {
    self.page = page
    self.port = port
    self.logger = logger
  }

  var address: String { "http://\(Self.host):\(port)/metrics" }

  /// Waits until connections are accepted; false when they never will be.
  func waitUntilListening() async -> Bool {
    for await _ in start.stream { return true }
    return false
  }

  /// Throws ``ServerFailure`` when it cannot listen.
  func run() async throws {
    defer { start.continuation.finish() }
    let connections = Connections(
      total: ServerLimits.metricsConnectionsMax, proxies: TrustedProxies())
    let application = Application(
      responder: Responder(page: page),
      server: HTTPServerBuilder { responder in
        GuardedChannel(responder: responder, connections: connections, isTLS: false)
      },
      configuration: ApplicationConfiguration(
        address: .hostname(Self.host, port: port), serverName: nil),
      onServerRunning: { [start] _ in start.continuation.yield() }, logger: logger)
    do {
      try await application.run()
    } catch {
      throw ServerFailure(
        listening: error, host: Self.host, port: port, option: "--metrics-port")
    }
  }

  private struct Responder: HTTPResponder {
    let page: MetricsPage

    func respond(to request: Request, context: ServerResponder.Context) async throws -> Response {
      guard request.uri.path == "/metrics" else { return answer(.notFound, "see /metrics\n") }
      guard request.method == .get else { return answer(.methodNotAllowed, "use GET\n") }
      return answer(.ok, await page.text())
    }

    private func answer(_ status: HTTPResponse.Status, _ text: String) -> Response {
      Response(
        status: status,
        headers: [
          .contentType: "text/plain; version=0.0.4; charset=utf-8", .cacheControl: "no-store",
        ],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
  }
}
