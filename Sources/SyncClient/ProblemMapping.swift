extension SyncFailure {
  /// What a problem document means for the analyst.
  init(_ problem: Problem, status: Int) {
    let detail = problem.detail ?? problem.title ?? "the server answered \(status)"
    switch (problem.code ?? "", status) {
    case ("log-mismatch", _): self = .proof(detail)
    case ("log-behind", _): self = .retryLater(detail)
    case ("invite-unknown", _), ("predecessor-missing", _): self = .retryLater(detail)
    case ("revoked", _): self = .revoked(detail)
    case ("slot-taken", _), (_, 401), (_, 403): self = .notPermitted(detail)
    case (_, 408), (_, 429), (_, 503), (_, 507): self = .retryLater(detail)
    default: self = .problem(status: status, code: problem.code ?? "", detail: detail)
    }
  }
}
