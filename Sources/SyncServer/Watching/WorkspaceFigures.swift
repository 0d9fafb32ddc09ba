import Glibc
import WorkspaceStore

/// How a log stands, for whoever watches the server; what cannot be read of it is nil.
struct WorkspaceFigures: Sendable {
  var name: String
  /// Why the log takes nothing in; nil when it does.
  var obstacle: WorkspaceObstacle?
  var treeSize: UInt64?
  /// The size of the last checkpoint.
  var signedSize: UInt64?
  var fileBytes: UInt64?
  var walBytes: UInt64

  /// Reads the log of an open workspace, and how large its files are.
  init(of workspace: HostedWorkspace) {
    self.init(workspace.folder, WorkspaceObstacle(of: workspace))
    treeSize = try? workspace.log.read { try LogReader(unverified: $0).treeSize }
    signedSize = try? workspace.log.read { try LogReader(unverified: $0).signedSize() }
  }

  /// Looks at the files of a workspace that could not be opened.
  init(ofRefused folder: WorkspaceFolder, _ failure: ServerFailure) {
    self.init(folder, .refusal(failure))
  }

  private init(_ folder: WorkspaceFolder, _ obstacle: WorkspaceObstacle?) {
    name = folder.name
    self.obstacle = obstacle
    let path = folder.path + "/" + BackupFile.logName
    fileBytes = ServerFile.byteCount(path).map { UInt64($0) }
    walBytes = UInt64(ServerFile.byteCount(path + "-wal") ?? 0)
  }
}
