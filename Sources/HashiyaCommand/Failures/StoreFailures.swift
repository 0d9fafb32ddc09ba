import CommandLineKit
import MergeCore
import SyncClient
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// What is wrong with a store or its file.
enum StoreFailures {
  static func failure(_ error: StoreFailure) -> CommandFailure {
    switch error {
    case .notFound(let path):
      CommandFailure(
        .noInput, "there is no store in \(path)",
        remedy: "make one with hashiya init or hashiya join, or name one with --store DIR")
    case .alreadyExists(let path):
      CommandFailure(
        .cannotCreate, "there is a store in \(path) already",
        remedy: "choose another folder; nothing was changed")
    case .unfinished(let path):
      CommandFailure(
        .noInput, "a store was begun in \(path) and never finished: nothing is in it",
        remedy: "type the same hashiya init or hashiya join again, or remove the folder \(path)")
    case .newerSchema(let path):
      CommandFailure(
        .badData, "the store \(path) was written by a newer version of hashiya",
        remedy: "upgrade hashiya; the store was not touched")
    case .corrupt(let what):
      CommandFailure(
        .ioError, "this store's own file is damaged: \(what)",
        remedy: "repair it: hashiya doctor --repair")
    case .diskFull:
      CommandFailure(
        .ioError, "the disk is full; nothing was changed",
        remedy: "free some space and try again; reading goes on, and so does "
          + "hashiya sync bundle create FILE onto another disk")
    case .readOnly(let path):
      CommandFailure(
        .ioError, "\(path) is on a read-only file system: it can be read, not changed",
        remedy: "copy the folder to where you may write and go on there; reading, export and "
          + "hashiya sync bundle create FILE work as it is")
    case .notYours(let path, let owner, canRead: true):
      CommandFailure(
        .notPermitted, "\(path) is not yours, but \(owner)'s: you can read it, not change it",
        remedy: "work as \(owner), or join the workspace with a store of your own")
    case .notYours(let path, let owner, canRead: false):
      CommandFailure(
        .notPermitted, "\(path) is not yours, but \(owner)'s, and you may not read it",
        remedy: "work as \(owner), or join the workspace with a store of your own")
    case .noTemporaryRoom(let bytes):
      CommandFailure(
        .ioError, "no temporary folder has room for a copy of \(bytes >> 20) MiB",
        remedy: "name one that has: TMPDIR=DIR hashiya …")
    case .inputOutput(let what):
      CommandFailure(.ioError, "reading or writing the store failed: \(what)")
    case .busy(let holder):
      CommandFailure(
        .tryAgain, "\(holder?.words ?? "another hashiya") has the store, and did not give it up",
        remedy: "try again when it is done")
    case .database(let what):
      CommandFailure(.internalError, "SQLite refused: \(what)", remedy: "see hashiya doctor")
    }
  }
}

extension LockHolder {
  /// The process, for people.
  var words: String {
    command.map { "process \(process) (\($0))" } ?? "process \(process)"
  }
}

/// Why a store is not repaired.
enum RepairFailures {
  static func failure(_ refusal: RepairRefusal) -> CommandFailure {
    let what =
      switch refusal {
      case .leafLost(let leaf, let what): "leaf \(leaf) of the log cannot be had from it: \(what)"
      case .unreadable(let what): "SQLite cannot read its file: \(what)"
      case .otherWorkspace: "its log is not that of the workspace which the store was given"
      case .otherRoot(let size): "the first \(size) leaves are not those that the server signed"
      case .nothingSigned: "no signature of the server's is left to check the log by"
      case .otherKey(let key): "the log was signed by another key than \(key.name.text)'s"
      case .ownKeyLost(let what): what
      }
    return CommandFailure(
      .ioError, "this store cannot be repaired by itself: \(what)",
      remedy: "it was left as it is. Join again in another folder, with a new invite or "
        + "hashiya device add on another of your devices: that brings back all that was synced; "
        + pendingWork(refusal))
  }

  /// What becomes of work that no server has.
  private static func pendingWork(_ refusal: RepairRefusal) -> StyledText {
    switch refusal {
    case .unreadable:
      "what was not synced is in your last backup: hashiya backup restore FILE in a third folder, and "
        + "hashiya sync there"
    case .leafLost, .otherRoot, .otherKey, .otherWorkspace, .nothingSigned, .ownKeyLost:
      "pending work goes along by hashiya export and hashiya batch"
    }
  }
}

/// Why an exchange did not happen.
enum SyncFailures {
  static func failure(_ error: SyncFailure) -> CommandFailure {
    switch error {
    case .notConfigured:
      CommandFailure(
        .noInput, "this workspace is on no server yet",
        remedy: "publish it with hashiya publish CODE, or join one with hashiya join CODE")
    case .publication(.alreadyPublished(let url, let slot)):
      CommandFailure(
        .badData, "the workspace is on \(url) as \(slot) already, with a log of its own",
        remedy: "nothing was changed; hashiya sync exchanges with that server")
    case .publication(.notFounder):
      CommandFailure(
        .badData, "this store was invited to a workspace; only who made one publishes it",
        remedy: "hashiya sync goes on with the invite")
    case .unreachable(let url, let reason):
      CommandFailure(
        .unavailable, "the server \(url) cannot be reached: \(reason)",
        remedy: "nothing is lost; try again when there is a network"
          + NetworkFailures.tlsHint(url))
    case .network(let url, let fault): NetworkFailures.failure(fault, url: url)
    case .retryLater(let what):
      CommandFailure(.tryAgain, "not now: \(what)", remedy: "nothing is lost; try again later")
    case .serverRestored(let server):
      CommandFailure(
        .tryAgain, "\(message(of: server))", details: ["\(server.detail)"],
        remedy: "your work is safe here; tell its operator")
    case .upgradeNeeded(let what):
      CommandFailure(
        .badData, "the server's log is of another version than this program: \(what)",
        remedy: "nothing is lost, and work goes on here; upgrade hashiya, or ask the operator to "
          + "upgrade the server, then hashiya sync")
    case .serverDamaged(let detail):
      CommandFailure(
        .tryAgain, "the server's own files are damaged, and it takes nothing in",
        details: ["\(detail)"], remedy: "your work is safe here; tell its operator")
    case .proof(let what):
      CommandFailure(
        .protocolError, "what the server sent does not hold: \(what)",
        remedy: "nothing of it was taken in; ask its operator, and the others what they see")
    case .forked(let what):
      CommandFailure(
        .protocolError, "the server has signed two histories: \(what)",
        details: [
          "or it was restored, and went on before this store had synced: then its operator can tell, and "
            + "your work comes back with hashiya export --format batch > work.jsonl, a new invite, "
            + "hashiya join in another folder, and hashiya batch work.jsonl --skip-refused there"
        ],
        remedy:
          "nothing of it was taken in and your work is safe here; see hashiya evidence, and show it to "
          + "the others and to the operator")
    case .notPermitted(let what):
      CommandFailure(
        .notPermitted, "the server does not permit it: \(what)", remedy: "ask an admin")
    case .revoked(let what):
      CommandFailure(
        .notPermitted, "the server does not permit it: \(what)",
        remedy:
          "reading and export go on; ask an admin for a new invite, and join in another folder")
    case .noWorkspace(.slotEmpty, let detail):
      CommandFailure(
        .tryAgain, "there is nothing to exchange with: \(detail)",
        remedy: "try again when it is published")
    case .noWorkspace(_, let detail):
      CommandFailure(
        .notPermitted, "the server does not permit it: \(detail)",
        remedy: "nothing is lost; ask an admin, or the server's operator")
    case .problem(let status, let code, let detail):
      CommandFailure(
        .protocolError,
        code.isEmpty ? "\(detail)" : "the server answered \(status) (\(code)): \(detail)")
    case .store(let failure): StoreFailures.failure(failure)
    }
  }

  private static func message(of server: RestoredServer) -> String {
    switch server.reason {
    case "larger-checkpoint": "the server was restored from an old copy, or its key was stolen"
    case "clock-in-doubt": "the server's clock jumped, and it waits for its operator"
    case "key-lost": "the server lost its log's secret key, and waits for its operator"
    case "record-damaged", "no-record", "other-copy":
      "the server was moved or restored, and waits for its operator"
    case "file-replaced": "the server's files were taken away while it ran"
    default: "the server was restored from an old copy"
    }
  }

  /// Why a batch or act is refused by the rules that everybody applies.
  static func failure(_ error: Refusal) -> CommandFailure {
    CommandFailure(code(of: error.code), "\(error.detail)")
  }

  /// The exit code of a refusal.
  static func code(of code: Refusal.Code) -> CommandExit {
    switch code {
    case .predecessorMissing, .inviteUnknown, .contextMissing: .tryAgain
    case .revoked, .notPermitted, .lastAdmin, .unknownReplica, .inviteSpent,
      .inviteWithdrawn, .inviteExpired:
      .notPermitted
    case .wrongWorkspace, .overLimit, .badOperation: .badData
    case .unknownMember: .noInput
    case .malformed, .wrongEpoch, .unknownRules, .badSignature, .badChain, .fork, .badContext,
      .badAgainst,
      .unknownOperation, .badCertificate:
      .protocolError
    }
  }
}

/// Why a bundle is not taken in.
enum BundleFailures {
  /// Leaves of it that do not hold.
  static func failure(_ error: IngestFailure, file: String) -> CommandFailure {
    if case .fork = error { return SyncFailures.failure(.forked(error.text)) }
    if case .newer = error { return SyncFailures.failure(.upgradeNeeded(error.text)) }
    var remedy: StyledText = "nothing of it was taken in; ask its maker for a new one"
    if case .wrongRoot = error {
      remedy += " made with --since 0, which tells whether it is another history"
    }
    return CommandFailure(
      .protocolError, "what is in \(file) does not hold: \(error.text)", remedy: remedy)
  }

  static func failure(_ error: BundleRefusal, file: String) -> CommandFailure {
    switch error {
    case .unreadable(let error): unreadable(error, file)
    case .otherWorkspace(let id):
      CommandFailure(
        .badData, "\(file) is of another workspace, \(id.hex.prefix(8).description)…",
        remedy: "apply it in that workspace's store, or name it with --store DIR")
    case .gap(let from, let have):
      CommandFailure(
        .badData,
        "\(file) begins at leaf \(from), and this store has \(counted(have, "leaf", "leaves"))",
        remedy: "ask for one made with --since \(have) or less")
    case .altered(let leaf):
      CommandFailure(
        .badData, "\(file) has leaf \(leaf) otherwise than this store: the file was altered",
        remedy: "ask its maker for a new one; nothing was changed")
    case .badBatch(let refusal):
      CommandFailure(
        .badData, "a batch in \(file) is not whole: \(refusal.detail)",
        remedy: "ask its maker for a new one")
    case .tooMuchMail(let batches, let bytes):
      CommandFailure(
        .badData,
        "with \(file) the store would carry \(batches) batches of others, \(bytes) bytes; "
          + "it carries \(Limits.mailBatchesMax) and \(Limits.mailBytesMax) at most",
        remedy: "hand over what it carries first: hashiya sync; or give the bundle to the server's "
          + "operator: hashiya-server bundle apply")
    }
  }

  private static func unreadable(_ error: BundleError, _ file: String) -> CommandFailure {
    switch error {
    case .notABundle:
      CommandFailure(
        .badData, "\(file) is no bundle",
        remedy: "bundles are made with hashiya sync bundle create FILE")
    case .newerVersion:
      CommandFailure(
        .badData, "\(file) was made by a newer version of hashiya", remedy: "upgrade hashiya")
    case .truncated:
      CommandFailure(.badData, "the bundle \(file) ends too early", remedy: "copy it again")
    case .altered:
      CommandFailure(
        .badData, "the bundle \(file) is not as it was written: its checksum differs",
        remedy: "copy it again")
    }
  }
}
