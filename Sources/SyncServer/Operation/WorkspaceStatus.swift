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
  /// Where this machine keeps what it signed last of the log.
  package var recordPath: String
  /// Where the log's secret key belongs.
  package var keyPath: String
  /// The key of another log that lies there.
  package var strangeKey: VerifierKey?

  /// Reads the status on one snapshot.
  package init(of workspace: HostedWorkspace) throws(ServerFailure) {
    name = workspace.name
    origin = workspace.folder.origin
    logKey = workspace.logKey
    recordPath = workspace.recordFile.path
    keyPath = workspace.folder.path + "/" + BackupFile.keyName
    strangeKey = workspace.strangeKey
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

/// A slot as a command over several finds it: one that cannot be opened keeps nobody from the others.
package enum SlotStanding: Sendable {
  case open(WorkspaceStatus)
  case closed(name: String, origin: String, ServerFailure)

  /// Reads the status of a slot, which is there.
  ///
  /// Throws ``ServerFailure/unknownWorkspace(name:)`` for one that is not.
  package init(of folder: WorkspaceFolder) throws(ServerFailure) {
    guard folder.exists else { throw .unknownWorkspace(name: folder.name) }
    do throws(ServerFailure) {
      self = .open(try WorkspaceStatus(of: HostedWorkspace(opening: folder, mayCopy: true)))
    } catch {
      self = .closed(name: folder.name, origin: folder.origin, error)
    }
  }

  /// Nil for one that cannot be opened.
  package var status: WorkspaceStatus? {
    if case .open(let status) = self { status } else { nil }
  }
}
