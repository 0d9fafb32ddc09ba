import SyncProtocol
import WorkspaceStore

/// Why a request is answered with a problem document (RFC 9457) and not with what it asked for.
enum Problem: Error, Sendable {
  case notFound
  case methodNotAllowed(allowed: String)
  case tokenMissing
  case token(RequestTokenError)
  case notEnrolled
  case revoked
  case claimWrong
  case slotEmpty
  case slotTaken
  /// The enrolment of the replica that sent the request is refused.
  case refused(Refusal)
  case unsupportedEncoding
  case bodyTooLarge(bytesMax: Int)
  case frameTooLong(UInt64)
  case tooManyBatches(max: Int)
  case malformed(String)
  case unknownProtocol(UInt32)
  case requestTimeout
  /// The store holds a prefix of something else; the log's own checkpoint, where it has one.
  case logMismatch(checkpoint: [UInt8]?)
  /// The log takes nothing in before something has happened.
  case logBehind(LogBehind)
  /// The server's clock jumped, and leaves cannot be dated; nothing was appended.
  case clockInDoubt
  /// The server's own file is not as it was written; nothing was appended.
  case logDamaged
  /// The disk is full; nothing was appended.
  case storageFull
  case storageBusy
  /// The same of a request some of which may have been done by then.
  indirect case interrupted(Problem)
  /// A mistake, or a broken disk: told to the operator's log, never to the client.
  case internalError
}

extension Problem {
  /// What an error is that came after some of the request's batches were committed: nobody may say then
  /// that nothing was taken in.
  init(afterCommit error: any Error) {
    let problem = Problem(error)
    switch problem {
    case .logDamaged, .storageFull, .storageBusy: self = .interrupted(problem)
    default: self = problem
    }
  }

  /// What any error of a request is to its sender; the one place where that is decided.
  init(_ error: any Error) {
    switch error {
    case let problem as Problem: self = problem
    case let refusal as Refusal: self = .refused(refusal)
    case let token as RequestTokenError: self = .token(token)
    case is ClockDoubt: self = .clockInDoubt
    // Nobody reads this answer; the line in the log is for the operator.
    case is SenderGone: self = .requestTimeout
    case ServerFailure.unknownWorkspace: self = .notEnrolled
    case ServerFailure.keyUnknown, ServerFailure.logMissing, ServerFailure.damagedFile:
      self = .logDamaged
    case ServerFailure.store(let failure): self = Problem(failure)
    case is ServerFailure: self = .internalError
    default: self = Problem(StoreFailure(error))
    }
  }

  private init(_ failure: StoreFailure) {
    switch failure {
    case .diskFull: self = .storageFull
    case .busy: self = .storageBusy
    case .corrupt: self = .logDamaged
    case .notFound, .unfinished, .alreadyExists, .newerSchema, .inputOutput, .database, .readOnly,
      .notYours, .noTemporaryRoom:
      self = .internalError
    }
  }
}
