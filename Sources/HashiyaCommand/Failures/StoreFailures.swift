import CommandLineKit
import MergeCore
import SyncClient
import SyncProtocol
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
    case .newerSchema(let path):
      CommandFailure(
        .badData, "the store \(path) was written by a newer version of hashiya",
        remedy: "upgrade hashiya; the store was not touched")
    case .corrupt(let what):
      CommandFailure(
        .ioError, "the store is damaged: \(what)",
        remedy: "see hashiya doctor; a copy or a fresh join brings back all that was synced")
    case .diskFull:
      CommandFailure(
        .ioError, "the disk is full; nothing was changed", remedy: "free some space and try again")
    case .inputOutput(let what):
      CommandFailure(.ioError, "reading or writing the store failed: \(what)")
    case .busy:
      CommandFailure(
        .tryAgain, "another hashiya holds the store for long", remedy: "try again in a moment")
    case .database(let what):
      CommandFailure(.internalError, "SQLite refused: \(what)", remedy: "see hashiya doctor")
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
        remedy: "nothing is lost; try again when there is a network")
    case .retryLater(let what):
      CommandFailure(.tryAgain, "not now: \(what)", remedy: "nothing is lost; try again later")
    case .proof(let what):
      CommandFailure(
        .protocolError, "what the server sent does not hold: \(what)",
        remedy: "nothing of it was taken in; ask its operator, and the others what they see")
    case .notPermitted(let what):
      CommandFailure(
        .notPermitted, "the server does not permit it: \(what)", remedy: "ask an admin")
    case .problem(let status, let code, let detail):
      CommandFailure(.protocolError, "the server answered \(status) (\(code)): \(detail)")
    case .store(let failure): StoreFailures.failure(failure)
    }
  }

  /// Why a batch or act is refused by the rules that everybody applies.
  static func failure(_ error: Refusal) -> CommandFailure {
    CommandFailure(code(of: error.code), "\(error.detail)")
  }

  /// The exit code of a refusal.
  static func code(of code: Refusal.Code) -> CommandExit {
    switch code {
    case .predecessorMissing, .inviteUnknown, .badContext: .tryAgain
    case .revoked, .notPermitted, .lastAdmin, .unknownReplica, .inviteSpent, .inviteExpired:
      .notPermitted
    case .wrongWorkspace, .overLimit, .badOperation: .badData
    case .unknownMember: .noInput
    case .malformed, .wrongEpoch, .unknownRules, .badSignature, .badChain, .fork, .badAgainst,
      .unknownOperation, .badCertificate:
      .protocolError
    }
  }
}

/// Why a bundle is not taken in.
enum BundleFailures {
  static func failure(_ error: BundleRefusal) -> CommandFailure {
    switch error {
    case .unreadable(let error): unreadable(error)
    case .otherWorkspace(let id):
      CommandFailure(
        .badData, "the bundle is of another workspace, \(id.hex.prefix(8).description)…")
    case .gap(let from, let have):
      CommandFailure(
        .badData, "the bundle begins at leaf \(from), and this store has \(have) leaves",
        remedy: "ask for one made with --since \(have) or less")
    case .badBatch(let refusal):
      CommandFailure(.badData, "a batch in the bundle is not whole: \(refusal.detail)")
    }
  }

  private static func unreadable(_ error: BundleError) -> CommandFailure {
    switch error {
    case .notABundle: CommandFailure(.badData, "the file is no bundle")
    case .newerVersion:
      CommandFailure(
        .badData, "the bundle was made by a newer version of hashiya", remedy: "upgrade hashiya")
    case .truncated:
      CommandFailure(.badData, "the bundle ends too early", remedy: "copy it again")
    case .altered:
      CommandFailure(
        .badData, "the bundle is not as it was written: its checksum differs",
        remedy: "copy it again")
    }
  }
}
