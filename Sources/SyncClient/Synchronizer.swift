import MergeCore
package import SyncProtocol
package import WorkspaceStore

/// Exchanges a store's changes with its server until both have what the other had.
///
/// Everything taken in is durable and verified piece by piece; a sync that is cut resumes there.
package struct Synchronizer: Sendable {
  let workspace: Workspace
  let network: NetworkSettings
  let progress: @Sendable (SyncProgress) -> Void

  /// - Parameter network: how servers are reached; authorities in it go before the store's own.
  package init(
    workspace: Workspace, network: NetworkSettings = NetworkSettings(),
    progress: @escaping @Sendable (SyncProgress) -> Void = { _ in }
  ) {
    self.workspace = workspace
    self.network = network
    self.progress = progress
  }

  /// Exchanges until there is nothing more to send or to take in; after another sync of the same
  /// store, whichever process makes it.
  package func run(_ mode: ExchangeMode) async throws(SyncFailure) -> SyncOutcome {
    do {
      let turn = try await workspace.takeSyncTurn(patience: ClientLimits.turnPatience) {
        progress(.waitingForTurn($0))
      }
      defer { turn.end() }
      let transport = try makeTransport()
      let result: Result<SyncOutcome, any Error>
      do {
        result = .success(try await exchangeAll(mode, transport))
      } catch {
        result = .failure(error)
      }
      await transport.close()
      return try result.get()
    } catch let fault as NetworkFault {
      throw .network(url: (try? workspace.read { try $0.setting(.url) }) ?? "", fault)
    } catch {
      throw SyncFailure(error)
    }
  }

  private func makeTransport() throws -> Transport {
    let (url, authorities) = try workspace.read { reader in
      (try reader.setting(.url), try reader.setting(.authorities))
    }
    guard let url else { throw SyncFailure.notConfigured }
    var settings = network
    if settings.authorities == nil {
      settings.authorities = authorities.map {
        Authorities(pem: $0, source: "what the store remembers of --ca")
      }
    }
    return try Transport(to: url, settings)
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
      return try RequestToken.sign(
        with: replica.signingKey, audience: slot, now: workspace.machine.now() / 1000 + offset)
    } catch {
      throw SyncFailure(error)
    }
  }

  private func exchangeAll(
    _ mode: ExchangeMode, _ transport: Transport
  ) async throws -> SyncOutcome {
    let (before, sizeBefore) = try workspace.read { reader in
      (try reader.conflictKeys(), reader.log.treeSize)
    }
    let begin = try newRun(mode, transport)
    let (run, failure) = try await begin.pace.watch {
      var run = begin
      do {
        try await exchange(&run, transport)
        return (run, nil as (any Error)?)
      } catch {
        return (run, error)
      }
    }
    if let failure { throw await refused(SyncFailure(failure), in: run, transport) }
    let after = try workspace.read { try $0.conflictKeys() }
    var outcome = run.outcome
    outcome.conflictsOpened = after.subtracting(before).count
    outcome.conflictsClosed = before.subtracting(after).count
    outcome.inSync = try run.isInSync()
    try workspace.recordSync(
      inSync: outcome.inSync, broughtFrom: outcome.pulledChanges > 0 ? sizeBefore : nil,
      clockOffset: run.clockOffset, clockSkew: outcome.clockSkew)
    var sizes = run.sizes
    sizes.grow(now: workspace.machine.now())
    if sizes != run.sizes { try workspace.remember(passingSizes: sizes.stored) }
    try workspace.read { reader in
      outcome.stateDigest = try reader.stateDigest()
      outcome.log = try reader.logHead()
      outcome.evidence = try reader.evidenceCount()
      outcome.isForkProved = try reader.isForkProved()
    }
    return outcome
  }

  private func newRun(_ mode: ExchangeMode, _ transport: Transport) throws -> ExchangeRun {
    var run = ExchangeRun(workspace: workspace, mode: mode, progress: progress)
    try workspace.read { reader in
      run.clockOffset = try reader.clockOffset()
      run.sizes = PassingSizes(stored: try reader.setting(.passingSizes), url: transport.url)
    }
    return run
  }

  /// Finds out what is behind an answer that was refused, and remembers that it was.
  private func refused(
    _ failure: SyncFailure, in run: ExchangeRun, _ transport: Transport
  ) async -> SyncFailure {
    var failure = failure
    do {
      let inquiry = ForkInquiry(
        workspace: workspace, transport: transport, clockOffset: run.clockOffset)
      if !run.doubtedNote.isEmpty {
        failure = try await inquiry.explain(failure, note: run.doubtedNote)
      } else if run.isServerBehind {
        failure = try await inquiry.weighHead(failure)
      }
      if let reason = failure.refusedAnswer {
        try workspace.rememberRefused(reason)
      } else if run.isServerBehind, case .retryLater(let reason) = failure,
        try workspace.read({ try $0.refusedAnswer() }) != nil
      {
        // No lie by itself, but the newest of what was not believed.
        try workspace.rememberRefused(reason)
      }
    } catch {
      return SyncFailure(error)
    }
    return failure
  }

  /// Exchanges until there is nothing more to do; gives a server that lost leaves what this store holds
  /// of them, and goes on once it has all.
  private func exchange(_ run: inout ExchangeRun, _ transport: Transport) async throws {
    for attempt in 0... {
      do {
        while try await run.exchange(over: transport) {}
        return
      } catch SyncFailure.serverDamaged(let detail) {
        try workspace.rememberRestoredServer(detail)
        throw SyncFailure.serverDamaged(detail)
      } catch SyncFailure.serverRestored(let server) {
        try workspace.rememberRestoredServer(server.detail)
        // A server that doubts its clock has lost nothing.
        guard server.reason != ProblemCode.clockInDoubt.rawValue else {
          throw SyncFailure.serverRestored(server)
        }
        let isHealed = try await run.heal(server, over: transport)
        guard isHealed, attempt < Self.healingsMax else {
          await readOn(run, server, transport)
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
    _ run: ExchangeRun, _ server: RestoredServer, _ transport: Transport
  ) async {
    do {
      guard run.mode == .sync, try workspace.read({ $0.log.treeSize }) < server.treeSize else {
        return
      }
      var pull = ExchangeRun(workspace: workspace, mode: .pull, progress: progress)
      (pull.clockOffset, pull.sizes) = (run.clockOffset, run.sizes)
      while try await pull.exchange(over: transport) {}
    } catch {
      // The sync failed for a better reason, which is told.
    }
  }
}
