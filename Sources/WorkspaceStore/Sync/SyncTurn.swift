/// The right to exchange a store's changes with its server: one process at a time has it, so that two
/// do not send the same.
package struct SyncTurn: Sendable {
  fileprivate let lock: FileLock

  /// Lets the next one.
  package func end() { lock.release() }
}

extension Workspace {
  /// Waits until no other process exchanges this store's changes.
  ///
  /// Throws ``StoreFailure/busy(by:)`` when one still does after `patience`, and what keeps this one
  /// from writing the store, before anything is sent.
  ///
  /// - Parameter tell: is told once, after a second, whom this one waits for.
  package func takeSyncTurn(
    patience: Duration, _ tell: @Sendable (LockHolder?) -> Void
  ) async throws -> SyncTurn {
    if let obstacle = StoreFailure.obstacle(toWriting: directory + "/store.sqlite") {
      throw obstacle
    }
    let lock = try FileLock(path: directory + "/sync.lock")
    let start = ContinuousClock.now
    var hasTold = false
    while try !lock.isTaken() {
      let waited = start.duration(to: .now)
      guard waited < patience else { throw StoreFailure.busy(by: lock.holder) }
      if !hasTold, waited >= .seconds(1) {
        hasTold = true
        tell(lock.holder)
      }
      try await Task.sleep(for: .milliseconds(20))
    }
    return SyncTurn(lock: lock)
  }
}
