import WorkspaceStore

/// Why a workspace takes nothing in.
enum WorkspaceObstacle: Sendable {
  case need(RecoveryNeed)
  /// Its file is not as it was written, and where.
  case damage(String)
  /// It cannot be opened or read, and why.
  case refusal(ServerFailure)

  /// What keeps an open workspace from taking anything in; nil when nothing does.
  ///
  /// Looks as far as every append does.
  init?(of workspace: HostedWorkspace) {
    do {
      guard workspace.isInPlace else {
        self = .need(.fileReplaced)
        return
      }
      if let what = try workspace.damage() {
        self = .damage(what)
        return
      }
      guard let need = try workspace.recoveryNeed() else { return nil }
      self = .need(need)
    } catch {
      self = WorkspaceObstacle(ServerFailure(error))
    }
  }

  private init(_ failure: ServerFailure) {
    if case .store(.corrupt(let what)) = failure {
      self = .damage(what)
    } else {
      self = .refusal(failure)
    }
  }

  /// A stable word for programs.
  var reason: String {
    switch self {
    case .need(let need): need.reason
    case .damage: "log-damaged"
    case .refusal: "cannot-open"
    }
  }

  /// Every word that ``reason`` may be.
  static let reasons = RecoveryNeed.reasons + ["log-damaged", "cannot-open"]

  /// What that is to whoever asks whether changes are taken in.
  var readiness: Readiness.Reason {
    switch self {
    case .need: .logInDoubt
    case .damage: .logDamaged
    case .refusal(let failure): Self.readiness(of: failure)
    }
  }

  /// Only files that are not as they were written are damaged: a full disk has room again.
  private static func readiness(of failure: ServerFailure) -> Readiness.Reason {
    if failure.isOfSlot { return .logDamaged }
    guard case .store(let failure) = failure else { return .cannotOpen }
    return switch failure {
    case .corrupt: .logDamaged
    case .diskFull, .readOnly, .notYours, .noTemporaryRoom: .cannotWrite
    case .notFound, .alreadyExists, .unfinished, .newerSchema, .inputOutput, .busy, .database:
      .cannotOpen
    }
  }
}
