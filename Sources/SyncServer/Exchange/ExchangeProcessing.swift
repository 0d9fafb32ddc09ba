import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// What an exchange came to, once everything in it is durable and signed: all that the answer needs.
struct ExchangeAnswer: Sendable {
  var mode: ExchangeMode
  var workspace: Digest256
  /// The prefix that the store has.
  var from: UInt64
  /// The size of the checkpoint that the store has seen; 0 when it showed none.
  var shown: UInt64
  /// The signed size that the answer leads to.
  var treeSize: UInt64
  var outcomes: [BatchVerdict] = []
  /// Which batch of the request a leaf's is, by leaf.
  var batchByLeaf: [UInt64: UInt32] = [:]
}

extension HostedWorkspace {
  /// Does what a request asks for, without HTTP: checks, appends, commits, signs.
  ///
  /// Throws ``Problem`` for what the whole request is refused for; then nothing was appended.
  ///
  /// - Parameters:
  ///   - replica: whose key signed the request.
  ///   - now: milliseconds since 1970.
  func processExchange(_ request: ExchangeRequest, by replica: ReplicaID, now: Int64) throws
    -> ExchangeAnswer
  {
    do {
      guard !request.batches.isEmpty else { return try answerWithoutBatches(request, replica) }
      return try append(request, replica, now)
    } catch let problem as Problem {
      if case .logBehind = problem { try markBehind(request.opening.checkpoint) }
      throw problem
    }
  }

  private func answerWithoutBatches(_ request: ExchangeRequest, _ replica: ReplicaID) throws
    -> ExchangeAnswer
  {
    try log.read { db in
      let reader = try LogReader(db)
      guard let workspace = reader.workspace else { throw Problem.slotEmpty }
      try checkPlace(request.opening, replica, reader)
      try checkMembership(of: replica, in: reader, mayEnrol: false)
      try check(request.opening, against: reader)
      return ExchangeAnswer(
        mode: request.opening.mode, workspace: workspace, from: request.opening.context.treeSize,
        shown: try shownSize(request.opening), treeSize: try reader.signedSize())
    }
  }

  private func append(_ request: ExchangeRequest, _ replica: ReplicaID, _ now: Int64) throws
    -> ExchangeAnswer
  {
    let (answer, prefixes) = try log.write { db in
      let writer = try LogWriter(db)
      guard try !isBehind(writer.reader) else { throw Problem.logBehind }
      try checkClaim(request.opening, replica, writer.reader)
      try checkPlace(request.opening, replica, writer.reader)
      try checkMembership(of: replica, in: writer.reader, mayEnrol: true)
      try check(request.opening, against: writer.reader)
      var acceptance = BatchAcceptance(writer, replay: replay, time: now)
      for batch in request.batches { try acceptance.append(batch) }
      try acceptance.markForSigning()
      let reader = acceptance.writer.reader
      // Whoever is not enrolled by now had no business here: everything is undone.
      if reader.membership.replica(replica) == nil {
        throw Self.enrolmentProblem(request.batches, acceptance.outcomes, replica)
      }
      guard let workspace = reader.workspace else { throw Problem.slotEmpty }
      let answer = ExchangeAnswer(
        mode: request.opening.mode, workspace: workspace, from: request.opening.context.treeSize,
        shown: try shownSize(request.opening), treeSize: reader.treeSize,
        outcomes: acceptance.outcomes,
        batchByLeaf: acceptance.batchByLeaf)
      return (answer, acceptance.prefixes)
    }
    try sign(prefixes)
    try signEnd()
    return answer
  }

  /// Why a replica is still not enrolled: the refusal of its own enrolment, where it brought one.
  private static func enrolmentProblem(
    _ batches: [[UInt8]], _ outcomes: [BatchVerdict], _ replica: ReplicaID
  ) -> Problem {
    for (bytes, outcome) in zip(batches, outcomes) {
      guard case .refused(let refusal, _) = outcome,
        let batch = try? ReceivedBatch(decoding: bytes), batch.header.replica == replica,
        batch.header.first == 1
      else { continue }
      return .refused(refusal)
    }
    return .notEnrolled
  }
}

// MARK: - Checks of the whole request

extension HostedWorkspace {
  /// An empty slot is published into with its claim; a published one needs none, and ignores that of
  /// its founder, whose answer may have been lost.
  private func checkClaim(
    _ opening: ExchangeOpening, _ replica: ReplicaID, _ reader: LogReader
  ) throws(Problem) {
    let isRight = claim != nil && claim == WorkspaceFolder.claimHash(opening.claim)
    if reader.treeSize == 0 {
      guard !opening.claim.isEmpty else { throw .slotEmpty }
      guard isRight else { throw .claimWrong }
    } else if !opening.claim.isEmpty, reader.membership.replica(replica) == nil {
      throw isRight ? .slotTaken : .claimWrong
    }
  }

  /// A stranger who holds leaves of another log has come to the wrong server: that is told before
  /// anything about membership, and without this log's own checkpoint.
  private func checkPlace(
    _ opening: ExchangeOpening, _ replica: ReplicaID, _ reader: LogReader
  ) throws {
    guard reader.membership.replica(replica) == nil, opening.context.treeSize > 0 else { return }
    if case .mismatch = try reader.standing(of: opening, logKey: logKey) {
      throw Problem.logMismatch(checkpoint: nil)
    }
  }

  private func checkMembership(
    of replica: ReplicaID, in reader: LogReader, mayEnrol: Bool
  ) throws(Problem) {
    guard let enrolled = reader.membership.replica(replica) else {
      if mayEnrol { return }
      throw .notEnrolled
    }
    guard !enrolled.isRevoked else { throw .revoked }
  }

  /// Refuses a store that does not hold a prefix of the log.
  private func check(_ opening: ExchangeOpening, against reader: LogReader) throws {
    switch try reader.standing(of: opening, logKey: logKey) {
    case .prefix: return
    case .behind: throw Problem.logBehind
    case .mismatch:
      throw Problem.logMismatch(checkpoint: try reader.checkpoint(ofAtMost: reader.treeSize)?.note)
    }
  }

  /// The size of the checkpoint that an opening shows, which has been checked to be of this log.
  private func shownSize(_ opening: ExchangeOpening) throws -> UInt64 {
    guard !opening.checkpoint.isEmpty else { return 0 }
    return try SignedCheckpoint(
      opening: opening.checkpoint, origin: logKey.name.line, logKey: logKey
    ).checkpoint.size.rawValue
  }

  /// Whether a replica is enrolled and not revoked.
  func isMember(_ replica: ReplicaID) throws -> Bool {
    try log.read { try LogReader($0).membership.replica(replica)?.isRevoked == false }
  }

  /// Whether a replica may read the log: it is enrolled and not revoked.
  func checkReader(_ replica: ReplicaID) throws {
    try log.read { db in
      try checkMembership(of: replica, in: try LogReader(db), mayEnrol: false)
    }
  }
}
