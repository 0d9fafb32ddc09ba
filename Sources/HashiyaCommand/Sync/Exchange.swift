import CommandLineKit
import SyncClient
import SyncProtocol
import WorkspaceStore

/// The exchange with the server, with its progress shown.
struct Exchange {
  private let workspace: Workspace
  private let console: Console
  private let synchronizer: Synchronizer
  private let meters: Meters

  /// One line of progress at a time: what is sent, what the server answered, what comes.
  private struct Meters {
    let sending: ProgressMeter
    let answered: ProgressMeter
    let receiving: ProgressMeter
    let waiting: ProgressMeter
    let console: Console

    func show(_ progress: SyncProgress) {
      switch progress {
      case .sending(let bytes, let total): sending.update(bytes >> 10, of: total >> 10)
      case .answered(let batches, let total): answered.update(batches, of: total)
      case .waiting(let received): waiting.update(received)
      case .waitingForTurn(let holder):
        console.note("waiting for \(holder?.words ?? "another sync of this store")")
      case .receiving(let leaves, let total):
        receiving.update(Int(clamping: leaves), of: total == 0 ? nil : Int(clamping: total))
      }
    }

    func finish() {
      for meter in [sending, answered, receiving, waiting] { meter.finish() }
    }
  }

  /// - Parameter authorities: what alone may vouch for the server this time; nil for what the store,
  ///   the environment or the system says.
  init(_ workspace: Workspace, _ console: Console, authorities: Authorities? = nil) {
    let meters = Meters(
      sending: ProgressMeter("sending", unit: "KiB", console: console),
      answered: ProgressMeter("answered", unit: "batches", console: console),
      receiving: ProgressMeter("syncing", unit: "leaves", console: console),
      waiting: ProgressMeter(
        "waiting for the server; came so far", unit: "bytes", console: console),
      console: console)
    self.meters = meters
    self.console = console
    self.workspace = workspace
    var network = NetworkSettings(authorities: authorities)
    for name in NetworkSettings.variableNames {
      network.variables[name] = Environment.nonEmpty(name)
    }
    synchronizer = Synchronizer(workspace: workspace, network: network) { meters.show($0) }
  }

  /// Sends, brings, or both.
  func run(_ mode: ExchangeMode) async throws -> SyncOutcome {
    defer { meters.finish() }
    do {
      return try await warningOfClock { try await synchronizer.run(mode) }
    } catch SyncFailure.revoked(let what) {
      try workspace.rememberRevocation()
      throw SyncFailure.revoked(what)
    }
  }

  /// Puts the workspace into an empty slot.
  func publish(_ claim: ShareCode) async throws -> SyncOutcome {
    defer { meters.finish() }
    return try await warningOfClock { try await synchronizer.publish(claim) }
  }

  /// Warns of a clock that is far from the server's when that is new, and not with every sync; `status`
  /// goes on saying so.
  private func warningOfClock(_ body: () async throws -> SyncOutcome) async throws -> SyncOutcome {
    let before = try workspace.read { try $0.clockSkew() }
    let outcome = try await body()
    meters.finish()
    let skew = try workspace.read { try $0.clockSkew() }
    if let skew, abs(skew - (before ?? 0)) > Limits.clockWarningSeconds {
      console.warn(ClockText.warning(skew))
    }
    return outcome
  }

  /// A token for the HTTP interface.
  func bearerToken() async throws -> String { try await synchronizer.bearerToken() }
}

/// The sync that follows a membership act, so that it is in the log when its code is handed over.
struct InviteExchange {
  private let workspace: Workspace
  private let console: Console

  init(_ workspace: Workspace, _ console: Console) {
    self.workspace = workspace
    self.console = console
  }

  /// Refuses a code that is dead already, which a clock made that was found wrong only just now.
  static func check(_ expiry: Int64, in workspace: Workspace) throws {
    guard try workspace.serverTime() > expiry else { return }
    throw CommandFailure(
      .tryAgain, "the code that was made has expired already, by the server's clock",
      remedy: "set this machine's clock, or type the same again: the difference is known now")
  }

  /// Pushes; a server that cannot be reached, or takes nothing now, is a warning, since the act is
  /// kept and goes later.
  ///
  /// Returns the failure that the command has to end in when the server refused something; throws what
  /// no later sync mends.
  func run() async throws -> CommandFailure? {
    do {
      return try OutcomeText(try await exchange(), in: workspace).refusal
    } catch let failure as SyncFailure where failure.isTemporary {
      let reason = FailureTable.failure(for: failure)?.message ?? "\(String(describing: failure))"
      console.warn(reason + "; this counts once it is in the log: hashiya sync")
      return nil
    }
  }

  /// A push, or a sync where the push was refused for something that only the leaves which this store
  /// lacks can tell to be right.
  private func exchange() async throws -> SyncOutcome {
    do {
      return try await Exchange(workspace, console).run(.push)
    } catch SyncFailure.retryLater {
      return try await Exchange(workspace, console).run(.sync)
    }
  }
}
