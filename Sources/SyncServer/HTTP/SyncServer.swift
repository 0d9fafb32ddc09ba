import FoundationEssentials
import Glibc
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals
import WorkspaceStore

/// Serves a data folder over HTTP until it is told to stop.
package struct SyncServer: Sendable {
  private let folder: ServerFolder
  private let host: String
  private let port: Int
  private let tls: TLSFiles?
  private let proxies: TrustedProxies
  private let metricsPort: Int?
  private let logger: Logger

  /// - Parameters:
  ///   - port: 0 picks a free one.
  ///   - tls: needed for every host but loopback ones.
  ///   - proxies: whose `X-Forwarded-For` counts.
  ///   - metricsPort: where this machine is told what the server does; nil for nowhere.
  package init(
    folder: ServerFolder, host: String, port: Int, tls: TLSFiles?,
    proxies: TrustedProxies = TrustedProxies(), metricsPort: Int? = nil
  ) throws(ServerFailure) {
    guard tls != nil || Self.isLoopback(host) else { throw .needsTLS(host: host) }
    self.folder = folder
    self.host = host
    self.port = port
    self.tls = tls
    self.proxies = proxies
    self.metricsPort = metricsPort
    logger = Logger(label: "hashiya-server", factory: { StreamLogHandler.standardError(label: $0) })
  }

  /// Serves until SIGTERM or SIGINT; answers under way are finished then, for
  /// ``ServerLimits/stopSecondsMax`` at most.
  ///
  /// - Parameter onListening: is told the address once connections are accepted, and that of the
  ///   metrics.
  package func serve(
    onListening: @escaping @Sendable (_ address: String, _ metrics: String?) -> Void
  ) async throws(ServerFailure) {
    let lock = try folder.lockForServing()
    defer { withExtendedLifetime(lock) {} }
    let registry = WorkspaceRegistry(folder)
    let failure: ServerFailure?
    do throws(ServerFailure) {
      let workspaces = try await registry.openAll()
      await logNeeds(registry)
      let files = try OpenFiles(workspaces: workspaces, isWatched: metricsPort != nil)
      if let warning = files.warning { logger.warning("\(warning)") }
      let connections = Connections(total: files.places, proxies: proxies)
      let drain = ArrivalDrain(connections, on: Self.eventLoops)
      let responder = ServerResponder(
        registry: registry, connections: connections, log: RequestLog(logger), clock: folder.clock,
        readiness: Readiness(registry, folder, logger))
      let metrics = metricsPort.map {
        MetricsListener(MetricsPage(responder), port: $0, logger: quiet)
      }
      let application = try application(responder, connections) { [logger] channel, address in
        try? await channel.eventLoop.submit {
          try channel.pipeline.syncOperations.addHandler(
            AcceptBackoffHandler.logging(to: logger), position: .first)
        }.get()
        drain.watch(channel)
        // Whoever reads the line relies on both; else all of it ends with the metrics' failure.
        guard await metrics?.waitUntilListening() ?? true else { return }
        onListening(address, metrics?.address)
      }
      // The last is stopped first, and waited for.
      let watching: [any Service] = metrics.map { [$0] } ?? []
      try await run(watching + [application, drain])
      failure = nil
    } catch {
      failure = error
    }
    await registry.closeAll()
    if let failure { throw failure }
  }

  /// Says at once, and not only to the first who pushes, which logs take nothing in.
  private func logNeeds(_ registry: WorkspaceRegistry) async {
    for (name, path) in await registry.setAside() {
      logger.warning(
        "a WAL lay beside no log and was put aside: it may hold the newest leaves",
        metadata: ["workspace": .string(name), "file": .string(path)])
    }
    for (name, obstacle) in await registry.obstacles() {
      let (what, next) =
        switch obstacle {
        case .need(let need): (need.explanation, "hashiya-server status")
        case .refusal(let failure): (failure.words, "hashiya-server status")
        case .damage(let what): (what, "hashiya-server doctor --repair --workspace \(name)")
        }
      logger.warning(
        "the log takes nothing in",
        metadata: [
          "workspace": .string(name), "reason": .string(obstacle.reason), "what": .string(what),
          "next": .string(next),
        ])
    }
  }

  /// The same logger for libraries, which have much to say.
  private var quiet: Logger {
    var quiet = logger
    quiet.logLevel = .warning
    return quiet
  }

  private func application(
    _ responder: ServerResponder, _ connections: Connections,
    _ onRunning: @escaping @Sendable (any Channel, _ address: String) async -> Void
  ) throws(ServerFailure) -> Application<ServerResponder> {
    let scheme = tls == nil ? "http" : "https"
    let name = host.contains(":") ? "[\(host)]" : host
    let fallback = port
    return Application(
      responder: responder, server: try server(connections),
      configuration: ApplicationConfiguration(
        address: .hostname(host, port: port), serverName: nil, backlog: ServerLimits.backlog),
      onServerRunning: { channel in
        await onRunning(
          channel, "\(scheme)://\(name):\(channel.localAddress?.port ?? fallback)")
      },
      eventLoopGroupProvider: .shared(Self.eventLoops), logger: quiet)
  }

  private func server(_ connections: Connections) throws(ServerFailure) -> HTTPServerBuilder {
    let isTLS = tls != nil
    let plain = HTTPServerBuilder { responder in
      GuardedChannel(responder: responder, connections: connections, isTLS: isTLS)
    }
    guard let tls else { return plain }
    let configuration = try tls.configuration()
    do {
      return try .tls(plain, tlsConfiguration: configuration)
    } catch {
      throw .badCertificate(path: tls.certificate, reason: "\(error)")
    }
  }

  /// What connections are served on.
  private static var eventLoops: any EventLoopGroup {
    EventLoopGroupProvider.singleton.eventLoopGroup
  }

  private func run(_ services: [any Service]) async throws(ServerFailure) {
    var configuration = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(ServerLimits.stopSecondsMax)
    do {
      let group = ServiceGroup(configuration: configuration)
      try await withTaskExecutorPreference(StrangerExecutor.shared) { try await group.run() }
    } catch let failure as ServerFailure {
      throw failure
    } catch {
      throw ServerFailure(listening: error, host: host, port: port, option: "--port")
    }
  }

  /// Whether only this machine can reach a host by that name.
  private static func isLoopback(_ host: String) -> Bool {
    if ["localhost", "::1", "127.0.0.1"].contains(host) { return true }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

extension ServerFailure {
  /// Why nothing listens at an address.
  ///
  /// - Parameter option: names the port.
  init(listening error: any Error, host: String, port: Int, option: String) {
    guard let error = error as? IOError else {
      self = .cannotListen(host: host, port: port, reason: "\(error)")
      return
    }
    self =
      error.errnoCode == EADDRINUSE
      ? .portInUse(host: host, port: port, option: option)
      : .cannotListen(host: host, port: port, reason: String(cString: strerror(error.errnoCode)))
  }
}
