import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// Who sends a request, as far as the log knows.
enum Sender: Equatable, Sendable {
  /// An enrolled replica of the member with this id.
  case member([UInt8])
  /// A replica that has been revoked.
  case revoked
  case stranger
}

extension HostedWorkspace {
  /// Which workspace this is, nil while its slot is empty; and whose a replica is there, as far as that
  /// can be read.
  ///
  /// Throws what tells that neither can be said, such as ``Problem/logBehind(_:)``.
  func lookUp(
    _ replica: ReplicaID
  ) throws -> (workspace: Digest256?, sender: Result<Sender, any Error>) {
    guard isInPlace else { throw Problem.logBehind(LogBehind(need: .fileReplaced, sizes: nil)) }
    return (try workspaceID(), Result { try sender(replica) })
  }

  /// Whose a replica is.
  ///
  /// For one that the log does not have, a single look-up.
  func sender(_ replica: ReplicaID) throws -> Sender {
    try log.read { db in
      guard try LogReader(unverified: db).chainHead(of: replica) != nil,
        let enrolled = try LogReader(db).membership.replica(replica)
      else { return .stranger }
      return enrolled.isRevoked ? .revoked : .member(enrolled.member)
    }
  }

  /// Whether a secret publishes into this slot, which is still empty.
  func mayPublish(_ claim: [UInt8]) throws -> Bool {
    try isRight(claim) && log.read { try LogReader(unverified: $0).treeSize } == 0
  }

  /// Throws ``Problem`` for a request that is not to be served: of somebody unknown or revoked, or of
  /// a store that does not hold a prefix of the log.
  func admit(_ request: ExchangeRequest, by replica: ReplicaID, _ reader: LogReader) throws {
    guard let enrolled = reader.membership.replica(replica) else {
      return try admitStranger(request, reader)
    }
    guard !enrolled.isRevoked else { throw Problem.revoked }
    switch try reader.standing(of: request.opening, logKey: logKey) {
    case .prefix: return
    case .ahead: throw try ahead(reader)
    case .mismatch:
      throw Problem.logMismatch(checkpoint: try reader.checkpoint(ofAtMost: reader.treeSize)?.note)
    }
  }

  /// Lets strangers publish with the claim, or enrol.
  ///
  /// Whoever has neither claim, invite nor this log's signature learns no more here than where nothing
  /// is: ``Problem/toStranger(_:)``.
  private func admitStranger(_ request: ExchangeRequest, _ reader: LogReader) throws {
    let opening = request.opening
    guard opening.claim.isEmpty else {
      guard isRight(opening.claim) else { throw Problem.claimWrong }
      guard reader.treeSize == 0 else { throw Problem.slotTaken }
      guard !request.batches.isEmpty else { throw Problem.slotEmpty }
      // Whoever publishes begins the log, and so has seen nothing of it.
      guard !opening.showsLog else { throw Problem.logMismatch(checkpoint: nil) }
      return
    }
    if opening.showsLog {
      guard signedHere(opening.checkpoint) != nil else { throw Problem.toStranger(opening) }
      // The enrolment of whoever holds the log's signature may itself be among the lost leaves.
      if let need = try recoveryNeed(reader) { throw behind(need, reader) }
      switch try reader.standing(of: opening, logKey: logKey) {
      case .prefix: break
      case .ahead: throw try ahead(reader)
      case .mismatch: throw Problem.logMismatch(checkpoint: nil)
      }
    }
    guard reader.treeSize > 0, !request.batches.isEmpty else { throw Problem.notEnrolled }
  }

  /// What a note over more leaves than the log has comes to.
  private func ahead(_ reader: LogReader) throws -> Problem {
    .logBehind(LogBehind(need: try recoveryNeed(reader) ?? .noRecord, sizes: nil))
  }

  private func isRight(_ claim: [UInt8]) -> Bool {
    !claim.isEmpty && self.claim != nil && self.claim == WorkspaceFolder.claimHash(claim)
  }

  /// Judges a stranger's enrolment against the log as it is, so that only one that would be accepted
  /// waits for its turn to write.
  ///
  /// Throws ``Problem``. What is wrong with it is told to those alone who name the workspace that is
  /// here, which nobody can guess.
  func checkEnrolment(_ request: ExchangeRequest, by replica: ReplicaID, now: Int64) throws {
    try markingBehind(request, replica) { try judgeEnrolment(request, by: replica, now: now) }
  }

  private func judgeEnrolment(_ request: ExchangeRequest, by replica: ReplicaID, now: Int64) throws
  {
    try log.read { db in
      // Membership is read for those alone who have got so far.
      let end = try LogReader(unverified: db)
      try admitStranger(request, end)
      guard let batch = request.batches.first, request.batches.count == 1,
        let outline = try? BatchOutline(of: batch), outline.header.workspace == end.workspace,
        outline.header.replica == replica
      else { throw Problem.notEnrolled }
      do {
        if let key = outline.broughtKey, !outline.isSigned(by: key) {
          throw Refusal(.badSignature, nil, "the enrolment is not signed by its own key")
        }
        _ = try replay.append(ReceivedBatch(decoding: batch), to: LogReader(db), time: now)
      } catch let refusal as Refusal {
        throw Problem.refused(refusal)
      }
    }
  }

  /// Refuses a stranger who brings nothing.
  func refuseStranger(_ request: ExchangeRequest, _ replica: ReplicaID) throws -> Never {
    try markingBehind(request, replica) {
      try log.read { try admitStranger(request, LogReader(unverified: $0)) }
    }
    throw Problem.notEnrolled
  }
}

extension ExchangeOpening {
  /// Whether it says anything about a log that its sender has.
  fileprivate var showsLog: Bool { context.treeSize > 0 || !checkpoint.isEmpty }
}

extension Problem {
  /// What somebody is told who may as well be guessing: the same whether there is such a slot, whether
  /// anything is published in it, and whether what was guessed is right.
  static func toStranger(_ opening: ExchangeOpening) -> Problem {
    if !opening.claim.isEmpty { return .claimWrong }
    return opening.showsLog ? .logMismatch(checkpoint: nil) : .notEnrolled
  }
}
