/// Why a whole request is answered with a problem document: the codes by which clients decide, beside
/// ``Refusal/Code`` where an enrolment is refused.
///
/// `Protocol/README.md`, "Errors", lists them with what the client does.
package enum ProblemCode: String, CaseIterable, Sendable {
  case notFound = "not-found"
  case methodNotAllowed = "method-not-allowed"
  case slotEmpty = "slot-empty"
  case slotTaken = "slot-taken"
  case claimWrong = "claim-wrong"
  case tokenMissing = "token-missing"
  case tokenMalformed = "token-malformed"
  case tokenBadSignature = "token-bad-signature"
  case tokenWrongAudience = "token-wrong-audience"
  case tokenExpired = "token-expired"
  case notEnrolled = "not-enrolled"
  case revoked
  case malformed
  case unknownProtocol = "unknown-protocol"
  case unsupportedEncoding = "unsupported-encoding"
  case bodyTooLarge = "body-too-large"
  case frameTooLong = "frame-too-long"
  case tooManyBatches = "too-many-batches"
  case requestTimeout = "request-timeout"
  case logMismatch = "log-mismatch"
  case logBehind = "log-behind"
  case clockInDoubt = "clock-in-doubt"
  case logDamaged = "log-damaged"
  case busy
  case storageFull = "storage-full"
  case internalError = "internal"
}

extension ProblemCode {
  /// The status of the answer.
  package var status: Int {
    switch self {
    case .malformed, .unknownProtocol: 400
    case .tokenMissing, .tokenMalformed, .tokenBadSignature, .tokenWrongAudience, .tokenExpired: 401
    case .claimWrong, .notEnrolled, .revoked: 403
    case .notFound, .slotEmpty: 404
    case .methodNotAllowed: 405
    case .requestTimeout: 408
    case .slotTaken, .logMismatch: 409
    case .bodyTooLarge, .frameTooLong, .tooManyBatches: 413
    case .unsupportedEncoding: 415
    case .internalError: 500
    case .logBehind, .clockInDoubt, .logDamaged, .busy: 503
    case .storageFull: 507
    }
  }
}
