import CommandLineKit
import SyncClient
import SyncProtocol
import WorkspaceStore

/// The exchange with the server, with its progress shown.
struct Exchange {
  private let workspace: Workspace
  private let synchronizer: Synchronizer
  private let meter: ProgressMeter

  init(_ workspace: Workspace, _ console: Console) {
    let meter = ProgressMeter("syncing", unit: "leaves", console: console)
    self.meter = meter
    self.workspace = workspace
    synchronizer = Synchronizer(workspace: workspace) { progress in
      let total = progress.leavesOfServer
      meter.update(Int(clamping: progress.leaves), of: total == 0 ? nil : Int(clamping: total))
    }
  }

  /// Sends, brings, or both.
  func run(_ mode: ExchangeMode) async throws -> SyncOutcome {
    defer { meter.finish() }
    do {
      return try await synchronizer.run(mode)
    } catch SyncFailure.revoked(let what) {
      try workspace.rememberRevocation()
      throw SyncFailure.revoked(what)
    }
  }

  /// Puts the workspace into an empty slot.
  func publish(_ claim: ShareCode) async throws -> SyncOutcome {
    defer { meter.finish() }
    return try await synchronizer.publish(claim)
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

  /// Pushes; a server that cannot be reached is a warning, since the act is kept and goes later.
  func run() async {
    do {
      _ = try await Exchange(workspace, console).run(.push)
    } catch {
      let reason = FailureTable.failure(for: error)?.message ?? "\(String(describing: error))"
      console.warn(reason + "; this counts once it is in the log: hashiya sync")
    }
  }
}
