package import MergeCore
package import SyncProtocol
package import TransparencyLog
package import WorkspaceStore

/// How a workspace on the server stands.
package struct WorkspaceStatus: Sendable {
  package var name: String
  package var origin: String
  package var logKey: VerifierKey
  /// Nil while nothing has been published.
  package var workspace: Digest256?
  package var treeSize: UInt64
  package var root: Digest256
  package var stateDigest: Digest256
  /// The last leaf's time; nil before leaf 0.
  package var lastLeafTime: Timestamp?
  package var membership: MembershipState
  package var records: Int
  package var conflicts: Int
  /// Where the leaves' dates do not fit each other.
  package var oddDates: [OddDates]
  /// What has to happen before the log may grow; nil when it may.
  package var need: RecoveryNeed?
  /// How far it is with what it takes back.
  package var healing: HealingStanding

  /// Reads the status on one snapshot.
  package init(of workspace: HostedWorkspace) throws(ServerFailure) {
    name = workspace.name
    origin = workspace.folder.origin
    logKey = workspace.logKey
    do {
      need = try workspace.recoveryNeed()
      healing = try workspace.healingStanding()
      let (reader, root, counts, odd) = try workspace.log.read { db in
        let reader = try LogReader(db)
        return (
          reader, try reader.root(ofSize: reader.treeSize), try reader.recordCounts(),
          try reader.oddDates()
        )
      }
      oddDates = odd
      self.workspace = try workspace.workspaceID()
      treeSize = reader.treeSize
      self.root = root
      stateDigest = reader.stateDigest
      lastLeafTime = reader.treeSize > 0 ? Timestamp(milliseconds: reader.lastLeafTime) : nil
      membership = reader.membership
      (records, conflicts) = counts
    } catch let failure as ServerFailure {
      throw failure
    } catch {
      throw .store(StoreFailure(error))
    }
  }
}
