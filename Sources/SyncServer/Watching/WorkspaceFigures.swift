import Glibc
import WorkspaceStore

/// How a log stands, for whoever watches the server.
struct WorkspaceFigures: Sendable {
  var name: String
  var treeSize: UInt64
  /// The size of the last checkpoint.
  var signedSize: UInt64
  /// Why the log takes nothing in; nil when it does.
  var need: RecoveryNeed?
  var fileBytes: UInt64
  var walBytes: UInt64

  /// Reads the log on one snapshot, and then how large its files are.
  init(of workspace: HostedWorkspace) throws {
    name = workspace.name
    (treeSize, signedSize, need) = try workspace.log.read { db in
      let reader = try LogReader(unverified: db)
      return (reader.treeSize, try reader.signedSize(), try workspace.recoveryNeed(reader))
    }
    fileBytes = Self.byteCount(workspace.log.path)
    walBytes = Self.byteCount(workspace.log.path + "-wal")
  }

  private static func byteCount(_ path: String) -> UInt64 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(status.st_size) : 0
  }
}
