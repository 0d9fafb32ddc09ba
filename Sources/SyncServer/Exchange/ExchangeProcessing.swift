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
  /// Bytes of entries after which the answer ends at the next checkpoint.
  var bytesMax = Limits.responseBytesMax
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
    guard !request.batches.isEmpty else { return try answerWithoutBatches(request, by: replica) }
    let opened = try open(request.batches)
    let run = try append(ExchangeAppending(request, opened, by: replica, now: now)) { false }
    return try run.answer()
  }

  /// What a store that brings nothing gets.
  func answerWithoutBatches(_ request: ExchangeRequest, by replica: ReplicaID) throws
    -> ExchangeAnswer
  {
    try markingBehind(request, replica) {
      try log.read { db in
        let reader = try LogReader(db)
        try admit(request, by: replica, reader)
        guard let workspace = reader.workspace else { throw Problem.notEnrolled }
        return ExchangeAnswer(
          mode: request.opening.mode, workspace: workspace,
          from: request.opening.context.treeSize, shown: try shownSize(request.opening),
          treeSize: try reader.signedSize(), bytesMax: request.opening.answerBytesMax)
      }
    }
  }

  /// Appends batches until all are judged or the turn is over, in one transaction, and signs.
  ///
  /// A request that has more goes on in another turn, so that none makes the others wait for all of it;
  /// what it has appended by then stays, and is known when it is sent again. Throws ``Problem`` or
  /// ``SenderGone``; then this turn appended nothing.
  ///
  /// - Parameter isOver: asked after each batch.
  func append(_ run: ExchangeAppending, until isOver: () -> Bool) throws -> ExchangeAppending {
    try markingBehind(run.request, run.replica) {
      let (run, prefixes) = try grow { writer in
        if run.isFirstTurn { try admit(run.request, by: run.replica, writer.reader) }
        var next = run
        let prefixes = try next.append(
          to: BatchAcceptance(writer, replay: replay, time: run.now, after: run.accepted),
          shown: try shownSize(run.request.opening), until: isOver)
        return (next, prefixes)
      }
      try sign(prefixes)
      if run.isDone { try signEnd() }
      return run
    }
  }

  /// Runs `body`; what shows that the log lost leaves is remembered, and told to those who may know.
  func markingBehind<Value>(
    _ request: ExchangeRequest, _ replica: ReplicaID, _ body: () throws -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch Problem.logBehind {
      try keepShown(request.opening.checkpoint)
      throw try log.read { try problemOfLog(LogReader($0), request.opening, replica) }
    }
  }

  /// What a log that cannot answer tells: sizes only to those who may read it, or hold its signature.
  private func problemOfLog(
    _ reader: LogReader, _ opening: ExchangeOpening, _ replica: ReplicaID
  ) throws -> Problem {
    guard let need = try recoveryNeed(reader) ?? unproved(opening.checkpoint, reader) else {
      // Its tree is refuted, or the operator said that the key was stolen: a larger note is of another
      // history.
      return .logMismatch(checkpoint: try reader.checkpoint(ofAtMost: reader.treeSize)?.note)
    }
    let isHolder =
      signedHere(opening.checkpoint) != nil || reader.membership.replica(replica) != nil
    return isHolder ? behind(need, reader) : .logBehind(LogBehind(need: need, sizes: nil))
  }

  /// The size of the checkpoint that an opening shows, which has been checked to be of this log.
  private func shownSize(_ opening: ExchangeOpening) throws -> UInt64 {
    guard !opening.checkpoint.isEmpty else { return 0 }
    return try SignedCheckpoint(
      opening: opening.checkpoint, origin: logKey.name.line, logKey: logKey
    ).checkpoint.size.rawValue
  }
}
