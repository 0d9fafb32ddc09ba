import AsyncHTTPClient
import MergeCore
package import SyncProtocol
package import WorkspaceStore

/// Exchanges a store's changes with its server until both have what the other had.
///
/// Everything taken in is durable and verified piece by piece; a sync that is cut resumes there.
package struct Synchronizer: Sendable {
  let workspace: Workspace
  let progress: @Sendable (SyncProgress) -> Void

  package init(
    workspace: Workspace, progress: @escaping @Sendable (SyncProgress) -> Void = { _ in }
  ) {
    self.workspace = workspace
    self.progress = progress
  }

  /// Exchanges until there is nothing more to send or to take in.
  package func run(_ mode: ExchangeMode) async throws(SyncFailure) -> SyncOutcome {
    let client = Transport.makeClient()
    let result: Result<SyncOutcome, SyncFailure>
    do throws(SyncFailure) {
      result = .success(try await exchangeAll(mode, client))
    } catch {
      result = .failure(error)
    }
    try? await client.shutdown()
    return try result.get()
  }

  /// Publishes the workspace into the slot of a claim code, and syncs.
  ///
  /// After a failure the store knows the servers that it knew before; the same code works again,
  /// also when it was the answer that was lost.
  package func publish(_ code: ShareCode) async throws(SyncFailure) -> SyncOutcome {
    let earlier: ServerAddress
    do { earlier = try workspace.setServer(code) } catch { throw SyncFailure(error) }
    do throws(SyncFailure) {
      return try await run(.sync)
    } catch {
      do { try workspace.restoreServer(earlier) } catch { throw SyncFailure(error) }
      throw error
    }
  }

  /// A token for scripts, signed by this replica; good for ``Limits/tokenSeconds``.
  ///
  /// A clock that the last sync found wrong is corrected as it was then.
  package func bearerToken() async throws(SyncFailure) -> String {
    do {
      let (replica, slot, offset) = try workspace.read { reader in
        (try reader.requestingReplica(), try reader.setting(.slot), try reader.clockOffset())
      }
      guard let slot else { throw SyncFailure.notConfigured }
      return try await RequestToken.sign(
        with: replica.signingKey, audience: slot, now: workspace.machine.now() / 1000 + offset)
    } catch {
      throw SyncFailure(error)
    }
  }

  private func exchangeAll(_ mode: ExchangeMode, _ client: HTTPClient) async throws(SyncFailure)
    -> SyncOutcome
  {
    var run = ExchangeRun(workspace: workspace, mode: mode, progress: progress)
    do {
      let (before, sizeBefore) = try workspace.read { reader in
        (try reader.conflictKeys(), reader.log.treeSize)
      }
      run.clockOffset = try workspace.read { try $0.clockOffset() }
      try await exchange(&run, client)
      let after = try workspace.read { try $0.conflictKeys() }
      var outcome = run.outcome
      outcome.conflictsOpened = after.subtracting(before).count
      outcome.conflictsClosed = before.subtracting(after).count
      outcome.inSync = try run.isInSync()
      try workspace.recordSync(
        inSync: outcome.inSync, broughtFrom: outcome.pulledChanges > 0 ? sizeBefore : nil,
        clockOffset: run.clockOffset)
      try workspace.read { reader in
        outcome.stateDigest = try reader.stateDigest()
        outcome.log = try reader.logHead()
        outcome.evidence = try reader.evidenceCount()
        outcome.isForkProved = try reader.isForkProved()
      }
      return outcome
    } catch {
      throw await refused(SyncFailure(error), in: run, client)
    }
  }

  /// Exchanges until there is nothing more to do; gives a server that lost leaves what this store holds
  /// of them, and goes on once it has all.
  private func exchange(_ run: inout ExchangeRun, _ client: HTTPClient) async throws {
    for attempt in 0... {
      do {
        while try await run.exchange(over: client) {}
        return
      } catch SyncFailure.serverRestored(let server) {
        try workspace.rememberRestoredServer(server.detail)
        let isHealed = try await run.heal(server, over: client)
        guard isHealed, attempt < Self.healingsMax else {
          await readOn(run, server, client)
          throw SyncFailure.serverRestored(server)
        }
      }
    }
  }

  /// How often one sync heals a server that loses leaves again.
  private static let healingsMax = 2

  /// A server that takes nothing in can still be read: brings what it has and this store lacks, as far
  /// as that goes.
  private func readOn(
    _ run: ExchangeRun, _ server: RestoredServer, _ client: HTTPClient
  ) async {
    do {
      guard run.mode == .sync, try workspace.read({ $0.log.treeSize }) < server.treeSize else {
        return
      }
      var pull = ExchangeRun(workspace: workspace, mode: .pull, progress: progress)
      pull.clockOffset = run.clockOffset
      while try await pull.exchange(over: client) {}
    } catch {
      // The sync failed for a better reason, which is told.
    }
  }

  /// Finds out what is behind an answer that was refused, and remembers that it was.
  private func refused(
    _ failure: SyncFailure, in run: ExchangeRun, _ client: HTTPClient
  ) async -> SyncFailure {
    var failure = failure
    do {
      let inquiry = ForkInquiry(
        workspace: workspace, client: client, clockOffset: run.clockOffset)
      if !run.doubtedNote.isEmpty {
        failure = try await inquiry.explain(failure, note: run.doubtedNote)
      } else if run.isServerBehind {
        failure = try await inquiry.weighHead(failure)
      }
      if let reason = failure.refusedAnswer { try workspace.rememberRefused(reason) }
    } catch {
      return SyncFailure(error)
    }
    return failure
  }
}
