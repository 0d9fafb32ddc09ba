import FoundationEssentials
import MergeCore
import SyncProtocol

/// A line of the error table: what HTTP, programs and people are told.
struct ProblemRow {
  var status: Int
  /// Stable; clients decide by it.
  var code: String
  var title: String
  var detail: String
}

extension Problem {
  /// The error table (`Protocol/README.md`).
  var row: ProblemRow {
    if case .refused(let refusal) = self {
      return ProblemRow(
        status: Self.status(for: refusal.code), code: refusal.code.rawValue,
        title: "Enrolment refused", detail: detail)
    }
    return ProblemRow(
      status: code.status, code: code.rawValue, title: Self.title(for: code), detail: detail)
  }

  /// The code; that of a refused enrolment is the refusal's, and `notEnrolled` is what it comes to.
  var code: ProblemCode {
    switch self {
    case .notFound: .notFound
    case .methodNotAllowed: .methodNotAllowed
    case .tokenMissing: .tokenMissing
    case .token(.malformed): .tokenMalformed
    case .token(.badSignature): .tokenBadSignature
    case .token(.wrongAudience): .tokenWrongAudience
    case .token(.expired): .tokenExpired
    case .notEnrolled, .refused: .notEnrolled
    case .revoked: .revoked
    case .claimWrong: .claimWrong
    case .slotEmpty: .slotEmpty
    case .slotTaken: .slotTaken
    case .unsupportedEncoding: .unsupportedEncoding
    case .bodyTooLarge: .bodyTooLarge
    case .frameTooLong: .frameTooLong
    case .tooManyBatches: .tooManyBatches
    case .malformed: .malformed
    case .unknownProtocol: .unknownProtocol
    case .requestTimeout: .requestTimeout
    case .logMismatch: .logMismatch
    case .logBehind: .logBehind
    case .clockInDoubt: .clockInDoubt
    case .logDamaged: .logDamaged
    case .storageFull: .storageFull
    case .storageBusy: .busy
    case .interrupted(let problem): problem.code
    case .internalError: .internalError
    }
  }

  private static func title(for code: ProblemCode) -> String {
    switch code {
    case .notFound: "Not found"
    case .methodNotAllowed: "Method not allowed"
    case .tokenMissing, .tokenMalformed, .tokenBadSignature, .tokenWrongAudience:
      "Not authenticated"
    case .tokenExpired: "Token expired"
    case .notEnrolled: "Not enrolled"
    case .revoked: "Revoked"
    case .claimWrong: "Wrong claim"
    case .slotEmpty: "Nothing published"
    case .slotTaken: "Slot taken"
    case .unsupportedEncoding: "Unsupported content encoding"
    case .bodyTooLarge: "Body too large"
    case .frameTooLong: "Frame too long"
    case .tooManyBatches: "Too many batches"
    case .malformed: "Malformed request"
    case .unknownProtocol: "Unknown protocol version"
    case .requestTimeout: "Request timeout"
    case .logMismatch: "Another log"
    case .logBehind: "Log is behind"
    case .clockInDoubt: "Clock in doubt"
    case .logDamaged: "Log is damaged"
    case .storageFull: "Disk full"
    case .busy: "Busy"
    case .internalError: "Internal error"
    }
  }

  /// One sentence for people: what is wrong, or what to do.
  private var detail: String {
    switch self {
    case .notFound: "There is nothing at this path."
    case .methodNotAllowed(let allowed): "Use \(allowed) here."
    case .tokenMissing: "Send a request token as Authorization: Bearer."
    case .token(.malformed): "The token does not decode."
    case .token(.badSignature): "The token's signature does not hold."
    case .token(.wrongAudience): "The token is for another workspace."
    case .token(.expired): "Sign a new one, with the time that this answer's Date states."
    case .notEnrolled:
      "There is no such workspace here, or it does not know this replica: join with an invite first."
    case .revoked: "This replica has been revoked."
    case .claimWrong: "The code is not the one for this slot."
    case .slotEmpty: "No workspace has been published here yet."
    case .slotTaken: "Another workspace has been published with this code."
    case .refused(let refusal): refusal.detail
    case .unsupportedEncoding: "Send the body as identity."
    case .bodyTooLarge(let bytesMax):
      bytesMax < Limits.requestBytesMax
        ? "Before it is enrolled, a replica sends its enrolment alone, \(bytesMax) bytes at most."
        : "A request has at most \(bytesMax) bytes; send fewer batches at a time."
    case .frameTooLong(let length):
      "A frame has at most \(Limits.frameBytesMax) bytes, not \(length)."
    case .tooManyBatches(let max):
      max == 1
        ? "Before it is enrolled, a replica sends its enrolment alone."
        : "A request has at most \(max) batches."
    case .malformed(let what): what
    case .unknownProtocol(let version):
      "This server speaks version \(exchangeProtocolVersion), not \(version)."
    case .requestTimeout: "The body did not arrive in time."
    case .logMismatch:
      "What the store holds is no prefix of this log. Its operator knows which history goes on; your work "
        + "is safe where it is."
    case .logBehind(let behind): "\(behind.need.explanation) Until then it takes nothing in."
    case .clockInDoubt:
      "The server's clock has jumped, and it dates nothing until its operator has looked. Nothing was "
        + "taken in; your work is safe where it is."
    case .logDamaged:
      "The server's file of this log is damaged; nothing was taken in. Its operator repairs it with: "
        + "hashiya-server doctor --repair"
    case .storageFull: "The disk is full. Nothing was taken in; try again later."
    case .storageBusy: "Nothing was taken in; try again."
    case .interrupted(.logDamaged):
      "The server's file of this log is damaged. What was sent may be in the log already, and is not "
        + "taken in twice. Its operator repairs it with: hashiya-server doctor --repair"
    case .interrupted(.storageFull):
      "The disk is full. Some of what was sent may be in the log already, and is not taken in twice; "
        + "try again later."
    case .interrupted:
      "Some of what was sent may be in the log already, and is not taken in twice; try again."
    case .internalError: "The server's log says more."
    }
  }

  /// Retryable refusals are conflicts with what the log has so far; others are final.
  private static func status(for code: Refusal.Code) -> Int {
    switch code {
    case .malformed, .badChain, .badContext, .badAgainst, .badOperation, .unknownOperation: 400
    case .overLimit: 413
    case .wrongWorkspace, .wrongEpoch, .unknownRules, .predecessorMissing, .contextMissing, .fork,
      .inviteUnknown,
      .lastAdmin, .unknownMember:
      409
    case .unknownReplica, .revoked, .notPermitted, .badSignature, .badCertificate, .inviteSpent,
      .inviteWithdrawn, .inviteExpired:
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
  /// Why a log takes nothing in, the leaves that it has, and those that it signed.
  var reason: String?
  var treeSize: UInt64?
  var signedSize: UInt64?

  enum CodingKeys: String, CodingKey {
    case type, title, status, detail, code, supported, checkpoint, counter, reason
    case treeSize = "tree_size"
    case signedSize = "signed_size"
  }

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
    if case .logBehind(let behind) = problem {
      reason = behind.need.reason
      (treeSize, signedSize) = (behind.sizes?.tree, behind.sizes?.signed)
    }
  }

  /// The document's bytes.
  var encoded: [UInt8] { jsonBytes(self) }
}
