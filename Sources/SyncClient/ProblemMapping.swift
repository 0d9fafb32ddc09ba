import SyncProtocol
import WorkspaceStore

extension SyncFailure {
  /// What a problem document means for the analyst (`Protocol/README.md`, "Errors").
  init(_ problem: Problem, status: Int) {
    let text = problem.code ?? ""
    let detail = problem.detail ?? problem.title ?? "the server answered \(status)"
    if case .logBehind? = ProblemCode(rawValue: text) {
      self = .serverRestored(RestoredServer(problem, detail))
    } else if let code = ProblemCode(rawValue: text) {
      self.init(code, detail)
    } else if let code = Refusal.Code(rawValue: text) {
      self.init(enrolmentRefusal: code, status, detail)
    } else if status == 408 || status == 429 || status >= 500 {
      // No server of ours, or a newer one: what a proxy says while the server is away.
      self = .retryLater(detail)
    } else {
      self = .problem(status: status, code: text, detail: detail)
    }
  }

  private init(_ code: ProblemCode, _ detail: String) {
    switch code {
    case .notEnrolled, .slotEmpty: self = .noWorkspace(code, detail)
    case .revoked: self = .revoked(detail)
    case .slotTaken, .claimWrong, .tokenMissing, .tokenMalformed, .tokenBadSignature,
      .tokenWrongAudience, .tokenExpired:
      self = .notPermitted(detail)
    case .logMismatch: self = .proof(detail)
    case .logBehind: self = .serverRestored(RestoredServer(Problem(), detail))
    case .logDamaged: self = .serverDamaged(detail)
    case .clockInDoubt:
      self = .serverRestored(RestoredServer(reason: code.rawValue, detail: detail))
    case .requestTimeout, .busy, .storageFull, .internalError:
      self = .retryLater(detail)
    case .unknownProtocol: self = .upgradeNeeded(detail)
    case .notFound, .methodNotAllowed, .malformed, .unsupportedEncoding, .bodyTooLarge,
      .frameTooLong, .tooManyBatches:
      self = .problem(status: code.status, code: code.rawValue, detail: detail)
    }
  }

  /// An enrolment is refused: everything else of the request was undone with it.
  private init(enrolmentRefusal code: Refusal.Code, _ status: Int, _ detail: String) {
    switch code {
    case .predecessorMissing, .inviteUnknown, .contextMissing: self = .retryLater(detail)
    case .revoked: self = .revoked(detail)
    case .unknownReplica, .notPermitted, .badSignature, .badCertificate, .inviteSpent,
      .inviteWithdrawn, .inviteExpired:
      self = .notPermitted(detail)
    case .wrongEpoch, .unknownRules, .unknownOperation: self = .upgradeNeeded(detail)
    case .malformed, .overLimit, .wrongWorkspace, .badChain, .fork, .badContext, .badAgainst,
      .badOperation, .lastAdmin, .unknownMember:
      self = .problem(status: status, code: code.rawValue, detail: detail)
    }
  }
}

extension RestoredServer {
  init(_ problem: Problem, _ detail: String) {
    self.init(
      reason: problem.reason ?? "", detail: detail, treeSize: problem.treeSize ?? 0,
      signedSize: problem.signedSize ?? 0)
  }
}

extension ExchangeRound {
  /// What a problem document means to a store that stands where the round began: a log that it holds
  /// leaves of cannot be one that nobody has published yet.
  func failure(_ problem: Problem, status: Int) -> SyncFailure {
    let failure = SyncFailure(problem, status: status)
    guard case .noWorkspace(.slotEmpty, let detail) = failure, outgoing.context.treeSize > 0 else {
      return failure
    }
    return .proof("\(detail) This store holds \(outgoing.context.treeSize) leaves of its log")
  }
}
