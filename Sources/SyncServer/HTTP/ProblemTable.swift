import MergeCore
import FoundationEssentials
import SyncProtocol

/// A line of the error table: what HTTP, programs and people are told.
struct ProblemRow {
  var status: Int
  /// Stable; clients decide by it.
  var code: String
  var title: String
  var detail: String

  init(_ status: Int, _ code: String, _ title: String, _ detail: String) {
    self.status = status
    self.code = code
    self.title = title
    self.detail = detail
  }
}

extension Problem {
  /// The error table (`Protocol/README.md`).
  var row: ProblemRow {
    switch self {
    case .notFound:
      ProblemRow(404, "not-found", "Not found", "There is nothing at this path.")
    case .methodNotAllowed(let allowed):
      ProblemRow(405, "method-not-allowed", "Method not allowed", "Use \(allowed) here.")
    case .unknownWorkspace:
      ProblemRow(
        404, "unknown-workspace", "Unknown workspace", "This server has no such workspace.")
    case .tokenMissing:
      ProblemRow(
        401, "token-missing", "Not authenticated", "Send a request token as Authorization: Bearer.")
    case .token(let error): Self.row(for: error)
    case .notEnrolled:
      ProblemRow(
        403, "not-enrolled", "Not enrolled",
        "The workspace does not know this replica; join with an invite first.")
    case .revoked:
      ProblemRow(403, "revoked", "Revoked", "This replica has been revoked.")
    case .claimWrong:
      ProblemRow(403, "claim-wrong", "Wrong claim", "The code is not the one for this slot.")
    case .slotEmpty:
      ProblemRow(
        404, "slot-empty", "Nothing published", "No workspace has been published here yet.")
    case .slotTaken:
      ProblemRow(
        409, "slot-taken", "Slot taken", "Another workspace has been published with this code.")
    case .refused(let refusal):
      ProblemRow(
        Self.status(for: refusal.code), refusal.code.rawValue, "Enrolment refused",
        refusal.detail)
    case .unsupportedEncoding:
      ProblemRow(
        415, "unsupported-encoding", "Unsupported content encoding", "Send the body as identity.")
    case .bodyTooLarge:
      ProblemRow(
        413, "body-too-large", "Body too large",
        "A request has at most \(Limits.requestBytesMax) bytes; send fewer batches at a time.")
    case .frameTooLong(let length):
      ProblemRow(
        413, "frame-too-long", "Frame too long",
        "A frame has at most \(Limits.frameBytesMax) bytes, not \(length).")
    case .tooManyBatches:
      ProblemRow(
        413, "too-many-batches", "Too many batches",
        "A request has at most \(Limits.requestBatchesMax) batches.")
    case .malformed(let what):
      ProblemRow(400, "malformed", "Malformed request", what)
    case .unknownProtocol(let version):
      ProblemRow(
        400, "unknown-protocol", "Unknown protocol version",
        "This server speaks version \(exchangeProtocolVersion), not \(version).")
    case .requestTimeout:
      ProblemRow(
        408, "request-timeout", "Request timeout", "The body did not arrive in time.")
    case .logMismatch:
      ProblemRow(
        409, "log-mismatch", "Another log",
        "What the store holds is no prefix of this log.")
    case .logBehind:
      ProblemRow(
        503, "log-behind", "Log is behind",
        "The log has signed leaves that it lost, and takes nothing in until its operator acts.")
    case .storageFull:
      ProblemRow(507, "storage-full", "Disk full", "Nothing was taken in; try again later.")
    case .storageBusy:
      ProblemRow(503, "busy", "Busy", "Nothing was taken in; try again.")
    case .internalError:
      ProblemRow(500, "internal", "Internal error", "The server's log says more.")
    }
  }

  private static func row(for error: RequestTokenError) -> ProblemRow {
    switch error {
    case .malformed:
      ProblemRow(401, "token-malformed", "Not authenticated", "The token does not decode.")
    case .badSignature:
      ProblemRow(
        401, "token-bad-signature", "Not authenticated", "The token's signature does not hold.")
    case .wrongAudience:
      ProblemRow(
        401, "token-wrong-audience", "Not authenticated", "The token is for another workspace.")
    case .expired:
      ProblemRow(
        401, "token-expired", "Token expired",
        "Sign a new one, with the time that this answer's Date states.")
    }
  }

  /// Retryable refusals are conflicts with what the log has so far; others are final.
  private static func status(for code: Refusal.Code) -> Int {
    switch code {
    case .malformed, .badChain, .badContext, .badAgainst, .badOperation, .unknownOperation: 400
    case .overLimit: 413
    case .wrongWorkspace, .wrongEpoch, .unknownRules, .predecessorMissing, .fork, .inviteUnknown,
      .lastAdmin, .unknownMember:
      409
    case .unknownReplica, .revoked, .notPermitted, .badSignature, .badCertificate, .inviteSpent,
      .inviteExpired:
      403
    }
  }
}

/// A problem document, RFC 9457.
struct ProblemDocument: Encodable {
  var type: String
  var title: String
  var status: Int
  var detail: String
  var code: String
  /// The protocol versions that this server speaks, when another was asked for.
  var supported: [UInt32]?
  /// The log's signed checkpoint, when the store holds something else.
  var checkpoint: String?
  /// The change at fault.
  var counter: UInt64?

  init(_ problem: Problem) {
    let row = problem.row
    type = "urn:hashiya:problem:\(row.code)"
    title = row.title
    status = row.status
    detail = row.detail
    code = row.code
    if case .unknownProtocol = problem { supported = [exchangeProtocolVersion] }
    if case .logMismatch(let note?) = problem { checkpoint = String(decoding: note, as: UTF8.self) }
    if case .refused(let refusal) = problem { counter = refusal.counter?.rawValue }
  }

  /// The document's bytes.
  var encoded: [UInt8] { jsonBytes(self) }
}
