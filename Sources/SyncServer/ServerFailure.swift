package import WorkspaceStore

/// Why something of the operator's cannot be done; mapped once to exit codes.
package enum ServerFailure: Error, Sendable {
  /// The folder is no server's; `signed` are the logs that this machine is known to have signed, and
  /// `hasWorkspaces` is whether the folder is one that lost its `server.json`.
  case notInitialized(path: String, signed: [SignedLog], hasWorkspaces: Bool)
  /// A folder or slot is to be made for logs that this machine signed, which are elsewhere or lost.
  case signedBefore([SignedLog], path: String)
  /// A slot's log is missing or empty; `leftover` is the WAL that lies there without it.
  case logMissing(path: String, leftover: String?)
  /// A slot has neither its key nor a log that names it.
  case keyUnknown(path: String)
  /// The folder is a server's already.
  case alreadyInitialized(path: String)
  /// A file of the folder is not what this program wrote.
  case damagedFile(path: String, what: String)
  /// A folder or file cannot be made.
  case cannotCreate(path: String, reason: String)
  /// A file of the operator's cannot be read.
  case cannotRead(path: String, reason: String)
  /// A file is no backup of a server, or was altered.
  case badBackup(path: String, what: String)
  /// The claim of a slot was spent, or its secret is not kept.
  case claimSpent(name: String)
  /// An origin that cannot name a log: empty, or with spaces, `+` or control characters.
  case badOrigin(String)
  /// No http or https address.
  case badURL(String)
  /// Not `[a-z0-9][a-z0-9._-]{0,63}`, or 64 hexadecimal digits, which would be a workspace's id.
  case badName(String)
  case workspaceExists(name: String)
  case unknownWorkspace(name: String)
  /// The state folder is in the data folder, and would be restored with it.
  case stateWithinData(path: String)
  /// Another process serves this folder.
  case folderInUse(path: String)
  case portInUse(host: String, port: Int)
  case cannotListen(host: String, port: Int, reason: String)
  /// Only a loopback address may be served without TLS.
  case needsTLS(host: String)
  /// So few files may be open that hardly a connection has room.
  case tooFewFiles(limit: Int, needed: Int)
  case badCertificate(path: String, reason: String)
  /// A workspace's log, or the disk under it.
  case store(StoreFailure)
}

extension ServerFailure {
  /// Whether a slot alone is at fault, and others may be well.
  package var isOfSlot: Bool {
    switch self {
    case .logMissing, .keyUnknown, .damagedFile, .store(.corrupt): true
    default: false
    }
  }

  /// What is wrong with a slot that cannot be opened, for the server's log and the operator's commands:
  /// one sentence without a full stop.
  package var words: String {
    switch self {
    case .logMissing(let path, let leftover):
      "the log \(path) is missing or empty"
        + (leftover.map { "; its WAL \($0) is still there and may hold the newest leaves" } ?? "")
    case .keyUnknown(let path):
      "\(path) has neither log.skey nor a log that names its key"
    case .damagedFile(let path, let what): "\(path) is damaged: \(what)"
    case .store(.corrupt(let what)): "the log's file is damaged: \(what)"
    case .store(.inputOutput(let what)): what
    case .store(.newerSchema(let path)): "\(path) was written by a newer version of hashiya-server"
    default: "it cannot be opened: \(self)"
    }
  }
}
