import CommandLineKit
import MergeCore
import SyncProtocol
import SyncServer
import WorkspaceStore

/// What the errors of the other modules mean to the operator: exit codes, words and remedies.
enum FailureTable {
  static func failure(for error: any Error) -> CommandFailure? {
    switch error {
    case let failure as ServerFailure: failureOfServer(failure)
    case let failure as StoreFailure: failureOfStore(failure)
    case let refusal as RepairRefusal: failureOfRepair(refusal)
    case let rejection as BundleRejection: failureOfBundle(rejection)
    case let refusal as RecoveryRefusal: failureOfRecovery(refusal)
    case let doubt as ClockDoubt:
      CommandFailure(
        .tryAgain, "the clock jumped, and leaves cannot be dated",
        details: doubt.lines, remedy: "see hashiya-server clock")
    default: StoreFailure(damageIn: error).map(failureOfStore)
    }
  }

  private static func failureOfServer(_ failure: ServerFailure) -> CommandFailure {
    switch failure {
    case .notInitialized(let path, let signed, let hasWorkspaces):
      CommandFailure(
        .noInput, "\(path) is no server's data folder",
        details: signed.map {
          "this machine signed \(counted($0.size, "leaf", "leaves")) of \($0.origin)"
        },
        remedy: remedy(notInitialized: path, signed, hasWorkspaces))
    case .signedBefore(let logs, let path):
      CommandFailure(
        .cannotCreate,
        "\(path) would be empty, where members expect what this machine signed",
        details: logs.map {
          "this machine signed \(counted($0.size, "leaf", "leaves")) of \($0.origin)"
        },
        remedy: SignedLog.lostStep(path)
          + "; to begin another log, choose another name, or init --another")
    case .logMissing(_, let leftover):
      CommandFailure(
        .ioError, "\(failure.words)",
        remedy: (leftover == nil
          ? "bring it back from a backup"
          : "bring it back beside its WAL, which is put aside otherwise")
          + "; or let hashiya-server serve make it anew, and the members' syncs bring its leaves back"
      )
    case .keyUnknown:
      CommandFailure(
        .ioError, "\(failure.words)", remedy: "bring log.skey back from a backup")
    case .alreadyInitialized(let path):
      CommandFailure(.cannotCreate, "\(path) is a server's data folder already")
    case .damagedFile(let path, let what):
      CommandFailure(
        .ioError, "\(path) is damaged: \(what)", remedy: "bring it back from a backup")
    case .cannotCreate(let path, let reason):
      CommandFailure(.cannotCreate, "cannot make \(path): \(reason)")
    case .cannotRead(let path, let reason):
      CommandFailure(.noInput, "cannot read \(path): \(reason)")
    case .badBackup(let path, let what):
      CommandFailure(
        .badData, "\(path) cannot be restored: \(what)", remedy: "use another backup")
    case .claimSpent(let name):
      CommandFailure(
        .cannotCreate, "the code of \(name) has been used",
        remedy: "its members invite others: hashiya invite NAME")
    case .badOrigin(let origin):
      CommandFailure(
        .usage, "\(origin) cannot be an origin: it may hold no spaces, + or control characters",
        remedy: "use a name of yours without a scheme, such as example.org/hashiya")
    case .badURL(let url):
      CommandFailure(.usage, "\(url) is no address that begins with http:// or https://")
    case .badName(let name):
      CommandFailure(
        .usage, "\(name) cannot name a workspace",
        remedy: "use up to 64 of a-z, 0-9, dot, underscore and dash, a letter or digit first")
    case .workspaceExists(let name):
      CommandFailure(.cannotCreate, "there is a workspace \(name) already")
    case .unknownWorkspace(let name):
      CommandFailure(
        .noInput, "there is no workspace \(name)", remedy: "see hashiya-server workspace list")
    case .store(let failure): failureOfStore(failure)
    case .stateWithinData(let path):
      CommandFailure(
        .usage, "the state folder \(path) is in the data folder, and would be restored with it",
        remedy: "name another with --state DIR, or leave the option out")
    case .folderInUse(let path):
      CommandFailure(
        .tryAgain, "another hashiya-server serves \(path)",
        remedy: "stop it first, or serve another folder")
    case .portInUse(let host, let port):
      CommandFailure(
        .cannotCreate, "port \(port) of \(host) is in use",
        remedy: "choose another with --port, or 0 for a free one")
    case .cannotListen(let host, let port, let reason):
      CommandFailure(.cannotCreate, "cannot listen on \(host), port \(port): \(reason)")
    case .needsTLS(let host):
      CommandFailure(
        .usage, "\(host) can be reached from other machines, so it is served with TLS only",
        remedy: "add --tls-certificate and --tls-key, or serve 127.0.0.1 behind a proxy with TLS")
    case .tooFewFiles(let limit, let needed):
      CommandFailure(
        .cannotCreate,
        "the system lets this process have \(limit) files open, and serving needs \(needed)",
        remedy: "raise the limit: ulimit -n \(needed), or LimitNOFILE=\(needed) in the unit")
    case .badCertificate(let path, let reason):
      CommandFailure(.noInput, "cannot use \(path): \(reason)")
    }
  }

  private static func remedy(
    notInitialized path: String, _ signed: [SignedLog], _ hasWorkspaces: Bool
  ) -> StyledText {
    let command: StyledText =
      "hashiya-server init --data \(argument: path) --origin NAME --url URL"
    if hasWorkspaces { return "it lost its server.json, which init writes again: " + command }
    return signed.isEmpty ? "make one: " + command : SignedLog.lostStep(path)
  }

  private static func failureOfStore(_ failure: StoreFailure) -> CommandFailure {
    switch failure {
    case .notFound(let path), .unfinished(let path):
      CommandFailure(.noInput, "there is no log at \(path)")
    case .alreadyExists(let path): CommandFailure(.cannotCreate, "\(path) exists already")
    case .newerSchema(let path):
      CommandFailure(
        .badData, "\(path) was written by a newer version of hashiya-server",
        remedy: "upgrade hashiya-server; the log was not touched")
    case .corrupt(let what):
      CommandFailure(
        .ioError, "the log's file is damaged: \(what)",
        remedy: "repair it: hashiya-server doctor --repair")
    case .diskFull:
      CommandFailure(.ioError, "the disk is full; nothing was changed")
    case .readOnly(let path):
      CommandFailure(
        .ioError, "\(path) is on a read-only file system",
        remedy: "copy the data folder to where it may be written")
    case .notYours(let path, let owner, _):
      CommandFailure(
        .notPermitted, "\(path) is \(owner)'s, and may not be used by this user",
        remedy: "run hashiya-server as \(owner)")
    case .noTemporaryRoom(let bytes):
      CommandFailure(
        .ioError, "no temporary folder has room for a copy of \(bytes >> 20) MiB",
        remedy: "name one that has: TMPDIR=DIR hashiya-server …")
    case .inputOutput(let what): CommandFailure(.ioError, "reading or writing failed: \(what)")
    case .busy: CommandFailure(.tryAgain, "another process holds the log")
    case .database(let what): CommandFailure(.ioError, "SQLite failed: \(what)")
    }
  }

  private static func failureOfRepair(_ refusal: RepairRefusal) -> CommandFailure {
    let what =
      switch refusal {
      case .leafLost(let leaf, let what): "leaf \(leaf) cannot be had from it: \(what)"
      case .otherRoot(let size): "the first \(size) leaves are not those that were signed"
      case .nothingSigned: "no checkpoint is left"
      case .ownKeyLost(let what): what
      }
    return CommandFailure(
      .ioError, "the log's file cannot be repaired by itself: \(what)",
      remedy: "it was left as it is; bring the data folder back from the newest backup: what that "
        + "lacks comes back from the members' stores")
  }

  private static func failureOfBundle(_ rejection: BundleRejection) -> CommandFailure {
    switch rejection {
    case .unreadable(.notABundle): CommandFailure(.badData, "the file is no bundle")
    case .unreadable(.newerVersion):
      CommandFailure(.badData, "the bundle is of a newer version", remedy: "upgrade first")
    case .unreadable(.truncated):
      CommandFailure(.badData, "the bundle ends too early", remedy: "have it sent again")
    case .unreadable(.altered):
      CommandFailure(.badData, "the bundle was altered on its way", remedy: "have it sent again")
    case .otherWorkspace(let id):
      CommandFailure(.badData, "the bundle is of the workspace \(id.hex)")
    case .slotEmpty:
      CommandFailure(
        .badData, "nothing has been published here yet",
        remedy: "the founder runs hashiya publish with the slot's code")
    case .otherLog:
      CommandFailure(.protocolError, "the bundle's checkpoint is not of this log")
    case .fork(let leaf, let shown):
      CommandFailure(
        .protocolError,
        "the bundle proves that the log's key has signed two histories",
        details: [
          leaf.map { "they part at leaf \($0): this log and the bundle have another one there" }
            ?? "this log has another root at the bundle's \(shown.size) leaves",
          "either the whole machine went back to an old copy and the log has grown on since, or the key was stolen",
        ],
        remedy: """
          nothing was taken in, and the proof is kept: keep the bundle too, and tell the members; what its \
          maker holds and the log lacks comes back by hashiya export --format batch and a fresh hashiya join
          """)
    case .gap(let from, let have):
      CommandFailure(
        .badData,
        "the bundle begins at leaf \(from), and the log has \(counted(have, "leaf", "leaves"))",
        remedy: "ask for one made with --since \(have) or less")
    case .logBehind(let need, let healing):
      CommandFailure(
        .tryAgain, "\(need.explanation)", details: need.progress(healing),
        remedy: need.nextStep(healing))
    }
  }

  private static func failureOfRecovery(_ refusal: RecoveryRefusal) -> CommandFailure {
    switch refusal {
    case .nothingToDecide:
      CommandFailure(.badData, "there is nothing to recover: the log takes changes in")
    case .nothingShown(let size):
      CommandFailure(
        .tryAgain,
        "nobody has shown more than the \(counted(size, "leaf", "leaves")) that the log has",
        remedy:
          "let every member sync while the server runs, then try again; if nothing is missing: hashiya-server recover --nothing-lost"
      )
    case .moreSigned(let signed, let size):
      CommandFailure(
        .badData,
        "the log has \(counted(size, "leaf", "leaves")), and \(signed) are known to be signed",
        remedy: "let their holders sync, or apply a bundle of theirs: hashiya-server bundle apply")
    case .nothingLeft:
      CommandFailure(
        .badData, "a workspace was published here, and the log has no leaf of it",
        remedy: "let a member sync, then: hashiya-server recover --heal")
    case .undecidable(let need):
      CommandFailure(.badData, "\(need.explanation)")
    }
  }
}
