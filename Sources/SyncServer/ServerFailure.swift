package import WorkspaceStore

/// Why something of the operator's cannot be done; mapped once to exit codes.
package enum ServerFailure: Error, Sendable {
  /// The folder is no server's; `signed` are the logs that this machine is known to have signed, and
  /// `hasWorkspaces` is whether the folder is one that lost its `server.json`.
  case notInitialized(path: String, signed: [SignedLog], hasWorkspaces: Bool)
  /// A server's folder, or else a slot, is to be made for logs that this machine signed, which are
  /// elsewhere or lost.
  case signedBefore([SignedLog], path: String, isFolder: Bool)
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
  /// `option` is the one that names the port.
  case portInUse(host: String, port: Int, option: String)
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
  /// What any error of the operator's folder is to those who map failures.
  init(_ error: any Error) {
    self = error as? ServerFailure ?? .store(StoreFailure(error))
  }

  /// Whether a slot alone is at fault, and others may be well.
  package var isOfSlot: Bool {
    switch self {
    case .logMissing, .keyUnknown, .damagedFile, .store(.corrupt): true
    default: false
    }
  }

  /// What is wrong, for the server's log and the operator's commands: one sentence without a full stop.
  package var words: String {
    switch self {
    case .logMissing(let path, let leftover):
      "the log \(path) is missing or empty"
        + (leftover.map { "; its WAL \($0) is still there and may hold the newest leaves" } ?? "")
    case .keyUnknown(let path):
      "\(path) has neither its own log.skey nor a log that names its key"
    case .damagedFile(let path, let what): "\(path) is damaged: \(what)"
    case .store(let failure): failure.words
    case .notInitialized(let path, _, _): "\(path) is no server's data folder"
    case .signedBefore(_, let path, _):
      "\(path) would be empty, where members expect what this machine signed"
    case .alreadyInitialized(let path): "\(path) is a server's data folder already"
    case .cannotCreate(let path, let reason): "cannot make \(path): \(reason)"
    case .cannotRead(let path, let reason): "cannot read \(path): \(reason)"
    case .badBackup(let path, let what): "\(path) cannot be restored: \(what)"
    case .claimSpent(let name): "the code of \(name) has been used"
    case .badOrigin(let origin):
      "\(origin) cannot be an origin: it may hold no spaces, + or control characters"
    case .badURL(let url): "\(url) is no address that begins with http:// or https://"
    case .badName(let name): "\(name) cannot name a workspace"
    case .workspaceExists(let name): "there is a workspace \(name) already"
    case .unknownWorkspace(let name): "there is no workspace \(name)"
    case .stateWithinData(let path):
      "the state folder \(path) is in the data folder, and would be restored with it"
    case .folderInUse(let path): "another hashiya-server serves \(path)"
    case .portInUse(let host, let port, _): "port \(port) of \(host) is in use"
    case .cannotListen(let host, let port, let reason):
      "cannot listen on \(host), port \(port): \(reason)"
    case .needsTLS(let host):
      "\(host) can be reached from other machines, so it is served with TLS only"
    case .tooFewFiles(let limit, let needed):
      "the system lets this process have \(limit) files open, and serving needs \(needed)"
    case .badCertificate(let path, let reason): "cannot use \(path): \(reason)"
    }
  }
}

extension StoreFailure {
  /// What is wrong with a log, for the operator: one sentence without a full stop.
  package var words: String {
    switch self {
    case .notFound(let path), .unfinished(let path): "there is no log at \(path)"
    case .alreadyExists(let path): "\(path) exists already"
    case .newerSchema(let path): "\(path) was written by a newer version of hashiya-server"
    case .corrupt(let what): "the log's file is damaged: \(what)"
    case .diskFull: "the disk is full"
    case .readOnly(let path): "\(path) is on a read-only file system"
    case .notYours(let path, let owner, _):
      "\(path) is \(owner)'s, and may not be used by this user"
    case .noTemporaryRoom(let bytes):
      "no temporary folder has room for a copy of \(bytes >> 20) MiB"
    case .inputOutput(let what): "reading or writing failed: \(what)"
    case .busy: "another process holds the log"
    case .database(let what): "SQLite failed: \(what)"
    }
  }
}
