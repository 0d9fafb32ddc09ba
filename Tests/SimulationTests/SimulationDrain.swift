import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import SyncServer

@testable import WorkspaceStore

// After faults stop, all queues drain and all replicas converge in bounded time (DESIGN.md §7, 8).

extension WorkspaceSimulation {
  private static let drainRoundsMax = 16

  /// Whether a store has nothing to bring and has everything that the server has.
  private func isSettled(_ store: SimulatedStore, size: UInt64) throws -> Bool {
    try store.workspace.read { reader in
      let isDrained = try reader.pendingCount() == 0 && reader.pendingIdentities().isEmpty
      return isDrained && reader.log.treeSize == size
    }
  }

  /// Syncs everybody without faults until nothing is left to do.
  func drain() throws {
    note("-- drain")
    for _ in 0..<Self.drainRoundsMax {
      for index in stores.indices {
        if try isClosed(stores[index]) { continue }
        try sync(index, .sync, .none)
      }
      let size = try server.hosted.log.read { try LogReader(unverified: $0).treeSize }
      let settled = try stores.filter { try !isClosed($0) }.allSatisfy {
        try isSettled($0, size: size)
      }
      if settled { return }
    }
    for store in stores where try !isClosed(store) {
      let size = try server.hosted.log.read { try LogReader(unverified: $0).treeSize }
      if try isSettled(store, size: size) { continue }
      let (pending, held) = try store.workspace.read {
        (try $0.pendingCount(), $0.log.treeSize)
      }
      throw SimulationFault(
        "\(store.name) does not drain: \(pending) pending, \(held) leaves of \(size)")
    }
  }

  /// Whether the log admits none of a store's replicas: revoked, or its invite never arrived.
  func isClosed(_ store: SimulatedStore) throws -> Bool {
    let membership = try server.hosted.log.read { try LogReader($0).membership }
    let replicas = try store.workspace.read { try $0.ownReplicas().sorted() }
    let enrolled = replicas.compactMap { membership.replica($0) }
    if enrolled.contains(where: { !$0.isRevoked }) { return false }
    if !enrolled.isEmpty { return true }
    return try store.workspace.read { try $0.invitesAreMissing(in: membership) }
  }
}
