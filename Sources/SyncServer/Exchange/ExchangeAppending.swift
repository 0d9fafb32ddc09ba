import MergeCore
import SyncProtocol
import WorkspaceStore

/// A request's batches on their way into the log, over as many turns as they need.
struct ExchangeAppending: Sendable {
  let request: ExchangeRequest
  let replica: ReplicaID
  /// Milliseconds since 1970: what the leaves are dated.
  let now: Int64
  private let batches: [OpenedBatch]
  private let isGone: @Sendable () -> Bool
  private(set) var accepted = AcceptedBatches()
  private var position = 0
  private var end: ExchangeAnswer?

  /// - Parameters:
  ///   - batches: those of the request, opened.
  ///   - isGone: whether nobody waits for the answer any more; asked before each batch.
  init(
    _ request: ExchangeRequest, _ batches: [OpenedBatch], by replica: ReplicaID, now: Int64,
    isGone: @escaping @Sendable () -> Bool = { false }
  ) {
    self.request = request
    self.batches = batches
    self.replica = replica
    self.now = now
    self.isGone = isGone
  }

  var isFirstTurn: Bool { position == 0 }

  var isDone: Bool { position == batches.count }

  /// What the request came to; only when it is done.
  func answer() throws -> ExchangeAnswer {
    guard isDone, let end else { preconditionFailure("an answer is given when all is judged") }
    return end
  }

  /// Appends at least one batch, and more until the turn is over; returns the prefixes to sign.
  mutating func append(
    to acceptance: consuming BatchAcceptance, shown: UInt64, until isOver: () -> Bool
  ) throws -> [HostedWorkspace.SignedPrefix] {
    repeat {
      guard !isGone() else { throw SenderGone() }
      try acceptance.append(batches[position])
      position += 1
    } while !isDone && !isOver()
    try acceptance.markForSigning()
    let reader = acceptance.writer.reader
    accepted = acceptance.accepted
    // Whoever is not enrolled by now had no business here: everything is undone.
    guard reader.membership.replica(replica) != nil else { throw enrolmentProblem() }
    guard let workspace = reader.workspace else { throw Problem.notEnrolled }
    end = ExchangeAnswer(
      mode: request.opening.mode, workspace: workspace, from: request.opening.context.treeSize,
      shown: shown, treeSize: reader.treeSize, outcomes: accepted.outcomes,
      batchByLeaf: accepted.batchByLeaf, bytesMax: request.opening.answerBytesMax)
    return acceptance.prefixes
  }

  /// Why a replica is still not enrolled: the refusal of its own enrolment, where it brought one.
  private func enrolmentProblem() -> Problem {
    for (batch, outcome) in zip(request.batches, accepted.outcomes) {
      guard case .refused(let refusal, _) = outcome,
        let header = try? BatchOutline(of: batch).header, header.replica == replica,
        header.first == 1
      else { continue }
      return .refused(refusal)
    }
    return .notEnrolled
  }
}
