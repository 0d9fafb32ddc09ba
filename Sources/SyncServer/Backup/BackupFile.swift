/// What a file of a backup is, by its name in the archive.
enum BackupFile: Hashable {
  /// Origin and address of the server.
  case configuration
  /// A workspace's file: its log, key, claim, or the claim's secret.
  case workspace(name: String, file: String)

  /// The files of a workspace that are backed up as they are, beside the log; each may be missing.
  static let smallFiles = ["claim", "published", secretName, keyName]
  /// Those that only the operator may have.
  static let secrets = [secretName, keyName]
  static let logName = "log.sqlite"
  static let keyName = "log.skey"
  static let secretName = "claim.secret"

  /// Nil for a name that no backup has: whatever else an archive holds is not unpacked.
  init?(_ name: String) {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if parts == ["server.json"] {
      self = .configuration
    } else if parts.count == 3, parts[0] == "workspaces", WorkspaceFolder.isName(parts[1]),
      (Self.smallFiles + [Self.logName]).contains(parts[2])
    {
      self = .workspace(name: parts[1], file: parts[2])
    } else {
      return nil
    }
  }

  /// The name in the archive, which is also the path below the data folder.
  var name: String {
    switch self {
    case .configuration: "server.json"
    case .workspace(let name, let file): "workspaces/\(name)/\(file)"
    }
  }
}
