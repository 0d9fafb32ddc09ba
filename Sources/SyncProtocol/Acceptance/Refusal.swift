package import MergeCore

/// Why a batch is refused: it changes nothing, and the reason has a stable code.
///
/// `Protocol/README.md` lists the codes with what the receiver of each does.
package struct Refusal: Error, Hashable, Sendable {
  package enum Code: String, CaseIterable, Sendable {
    case malformed
    case overLimit = "over-limit"
    case wrongWorkspace = "wrong-workspace"
    case wrongEpoch = "wrong-epoch"
    case unknownRules = "unknown-rules"
    case unknownReplica = "unknown-replica"
    case revoked
    case notPermitted = "not-permitted"
    case badSignature = "bad-signature"
    case badChain = "bad-chain"
    case predecessorMissing = "predecessor-missing"
    case fork
    case badContext = "bad-context"
    case contextMissing = "context-missing"
    case badAgainst = "bad-against"
    case unknownOperation = "unknown-operation"
    case badOperation = "bad-operation"
    case badCertificate = "bad-certificate"
    case inviteUnknown = "invite-unknown"
    case inviteSpent = "invite-spent"
    case inviteWithdrawn = "invite-withdrawn"
    case inviteExpired = "invite-expired"
    case lastAdmin = "last-admin"
    case unknownMember = "unknown-member"
  }

  package var code: Code
  /// The change at fault; nil when it is the batch.
  package var counter: Counter?
  /// One sentence: what is wrong with what.
  package var detail: String

  package init(_ code: Code, _ counter: Counter? = nil, _ detail: String) {
    self.code = code
    self.counter = counter
    self.detail = detail
  }
}

extension Refusal.Code {
  /// Whether the batch says what this program does not know: one that does may accept it.
  package var isNewer: Bool {
    switch self {
    case .unknownOperation, .unknownRules, .wrongEpoch: true
    case .malformed, .overLimit, .wrongWorkspace, .unknownReplica, .revoked, .notPermitted,
      .badSignature, .badChain, .predecessorMissing, .fork, .badContext, .contextMissing,
      .badAgainst, .badOperation, .badCertificate, .inviteUnknown, .inviteSpent, .inviteWithdrawn,
      .inviteExpired, .lastAdmin, .unknownMember:
      false
    }
  }

  /// Whether the same bytes may be accepted later: something has to reach the log first.
  package var isRetryable: Bool {
    switch self {
    case .predecessorMissing, .inviteUnknown, .contextMissing: true
    case .malformed, .overLimit, .wrongWorkspace, .wrongEpoch, .unknownRules, .unknownReplica,
      .revoked, .notPermitted, .badSignature, .badChain, .fork, .badContext, .badAgainst,
      .unknownOperation, .badOperation, .badCertificate, .inviteSpent, .inviteWithdrawn,
      .inviteExpired,
      .lastAdmin, .unknownMember:
      false
    }
  }

  /// Whether the author sets the change aside and brings the rest again, as `Protocol/README.md` §15
  /// has it; what stops a whole replica, or is settled by a pull, is nobody's change's fault.
  package var setsChangeAside: Bool {
    switch self {
    case .malformed, .overLimit, .notPermitted, .badSignature, .badChain, .badContext, .badAgainst,
      .unknownOperation, .badOperation, .lastAdmin, .unknownMember:
      true
    case .wrongWorkspace, .wrongEpoch, .unknownRules, .unknownReplica, .revoked,
      .predecessorMissing, .fork, .contextMissing, .badCertificate, .inviteUnknown, .inviteSpent,
      .inviteWithdrawn, .inviteExpired:
      false
    }
  }
}
