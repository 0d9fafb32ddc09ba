import CommandLineKit
import MergeCore
import SyncProtocol
import SyncServer
import TransparencyLog
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
    func told(
      _ code: CommandExit, details: [StyledText] = [], remedy: StyledText? = nil
    ) -> CommandFailure {
      CommandFailure(code, "\(failure.words)", details: details, remedy: remedy)
    }
    return switch failure {
    case .notInitialized(let path, let signed, let hasWorkspaces):
      told(
        .noInput, details: lines(signed),
        remedy: remedy(notInitialized: path, signed, hasWorkspaces))
    case .signedBefore(let logs, let path, let isFolder):
      told(
        .cannotCreate, details: lines(logs),
        remedy: SignedLog.lostStep(path) + "; to begin another log, choose another name"
          + (isFolder ? ", or init --another" : ""))
    case .logMissing(_, let leftover):
      told(
        .ioError,
        remedy: (leftover == nil
          ? "bring it back from a backup"
          : "bring it back beside its WAL, which is put aside otherwise")
          + "; or let hashiya-server serve make it anew, and the members' syncs bring its leaves back"
      )
    case .keyUnknown: told(.ioError, remedy: "bring log.skey back from a backup")
    case .alreadyInitialized, .workspaceExists: told(.cannotCreate)
    case .damagedFile: told(.ioError, remedy: "bring it back from a backup")
    case .cannotCreate, .cannotListen: told(.cannotCreate)
    case .cannotRead, .badCertificate: told(.noInput)
    case .badBackup: told(.badData, remedy: "use another backup")
    case .claimSpent:
      told(.cannotCreate, remedy: "its members invite others: hashiya invite NAME")
    case .badOrigin:
      told(
        .usage, remedy: "use a name of yours without a scheme, such as example.org/hashiya")
    case .badURL: told(.usage)
    case .badName:
      told(
        .usage,
        remedy: "use up to 64 of a-z, 0-9, dot, underscore and dash, a letter or digit first")
    case .unknownWorkspace: told(.noInput, remedy: "see hashiya-server workspace list")
    case .store(let failure): failureOfStore(failure)
    case .stateWithinData:
      told(.usage, remedy: "name another with --state DIR, or leave the option out")
    case .folderInUse: told(.tryAgain, remedy: "stop it first, or serve another folder")
    case .portInUse(_, _, let option):
      told(.cannotCreate, remedy: "choose another with \(option)\(freePort(option))")
    case .needsTLS:
      told(
        .usage,
        remedy: "add --tls-certificate and --tls-key, or serve 127.0.0.1 behind a proxy with TLS")
    case .tooFewFiles(_, let needed):
      told(
        .cannotCreate,
        remedy: "raise the limit: ulimit -n \(needed), or LimitNOFILE=\(needed) in the unit")
    }
  }

  private static func lines(_ signed: [SignedLog]) -> [StyledText] {
    signed.map { "this machine signed \(counted($0.size, "leaf", "leaves")) of \($0.origin)" }
  }

  /// The metrics' port cannot be left to the system.
  private static func freePort(_ option: String) -> String {
    option == "--port" ? ", or 0 for a free one" : ", or leave the metrics out"
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
    let (code, remedy): (CommandExit, StyledText?) =
      switch failure {
      case .notFound, .unfinished: (.noInput, nil)
      case .alreadyExists: (.cannotCreate, nil)
      case .newerSchema: (.badData, "upgrade hashiya-server; the log was not touched")
      case .corrupt: (.ioError, "repair it: hashiya-server doctor --repair")
      case .diskFull: (.ioError, "nothing was changed; make room, and try again")
      case .readOnly: (.ioError, "copy the data folder to where it may be written")
      case .notYours(_, let owner, _): (.notPermitted, "run hashiya-server as \(owner)")
      case .noTemporaryRoom: (.ioError, "name one that has: TMPDIR=DIR hashiya-server …")
      case .busy: (.tryAgain, nil)
      case .inputOutput, .database: (.ioError, nil)
      }
    return CommandFailure(code, "\(failure.words)", remedy: remedy)
  }

  private static func failureOfRepair(_ refusal: RepairRefusal) -> CommandFailure {
    let what =
      switch refusal {
      case .leafLost(let leaf, let what): "leaf \(leaf) cannot be had from it: \(what)"
      case .unreadable(let what): "SQLite cannot read it: \(what)"
      case .otherWorkspace: "its first leaf is another workspace's"
      case .otherRoot(let size): "the first \(size) leaves are not those that were signed"
      case .nothingSigned: "no checkpoint is left"
      case .otherKey(let key): "it was signed by another key than \(key.name.text)'s"
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
    case .stageFull:
      CommandFailure(
        .ioError, "what the log has to take back fills the room that there is for it",
        remedy:
          "leaves of which none belongs to this log take it up: tell what the bundle is, and from whom"
      )
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
