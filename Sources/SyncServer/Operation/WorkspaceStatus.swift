package import MergeCore
package import SyncProtocol
package import TransparencyLog
import WorkspaceStore

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
  /// What the log signed beyond what it holds; nil when it lost nothing that anybody showed.
  package var behind: Checkpoint?

  /// Reads the status on one snapshot.
  package init(of workspace: HostedWorkspace) throws(ServerFailure) {
    name = workspace.name
    origin = workspace.folder.origin
    logKey = workspace.logKey
    do {
      behind = try workspace.lostCheckpoint()
      let (reader, root, counts) = try workspace.log.read { db in
        let reader = try LogReader(db)
        return (reader, try reader.root(ofSize: reader.treeSize), try reader.recordCounts())
      }
      self.workspace = reader.workspace
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
