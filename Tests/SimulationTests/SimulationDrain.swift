import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import SyncServer
import WorkspaceStore

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
    try setServerClockRight()
    for _ in 0..<Self.drainRoundsMax {
      for index in stores.indices {
        if try isClosed(stores[index]) { continue }
        try sync(index, .sync, .none)
      }
      try decideForServer()
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

  /// Whether the log takes nothing from a store any more: the replica that it writes or asks under
  /// has been revoked, or its invite never arrived or was withdrawn.
  func isClosed(_ store: SimulatedStore) throws -> Bool {
    let membership = try server.hosted.log.read { try LogReader($0).membership }
    return try store.workspace.read { reader in
      var replica: ReplicaID? = reader.replica
      while let id = replica {
        if let enrolled = membership.replica(id) {
          return try enrolled.isRevoked || isRevoked(reader.requestingReplica().id, membership)
        }
        replica = try reader.predecessor(of: id)
      }
      return try reader.invitesAreMissing(in: membership)
    }
  }

  private func isRevoked(_ replica: ReplicaID, _ membership: MembershipState) -> Bool {
    membership.replica(replica)?.isRevoked ?? false
  }
}
