package import MergeCore
package import SyncProtocol
package import WorkspaceStore

/// What an operator's `bundle apply` did.
package struct BundleApplication: Sendable {
  /// Leaves that the log had lost and has back.
  package var healed: UInt64 = 0
  /// Batches that are in the log now and were not before.
  package var appended = 0
  /// Batches that the log had.
  package var known = 0
  /// Batches that changed nothing, by their author.
  package var refused: [(replica: ReplicaID?, refusal: Refusal)] = []
  package var treeSize: UInt64 = 0
}

/// Why a bundle is not looked into.
package enum BundleRejection: Error, Sendable {
  case unreadable(BundleError)
  case otherWorkspace(Digest256)
  /// The slot is empty: a workspace is published by its founder, never by a bundle.
  case slotEmpty
  /// Its checkpoint is not of this log.
  case otherLog
  /// It proves that the log's key signed another history; they part at a leaf, where that is known.
  case fork(leaf: UInt64?, ShownNotes.Shown)
  /// The log takes nothing in before something has happened; what the bundle holds of leaves that it
  /// lost was kept.
  case logBehind(RecoveryNeed, HealingStanding)
  /// What waits to be taken back has no room for more: ``ServerLimits/stagedBytesMax``.
  case stageFull
  /// It begins after the last leaf that the log has.
  case gap(from: UInt64, have: UInt64)
}

extension HostedWorkspace {
  /// Gives a log that lost leaves those of the bundle back, and appends its pending batches, as if their
  /// authors had pushed them.
  ///
  /// Each batch is signed by its author, so it does not matter who brings it. Throws
  /// ``BundleRejection``, ``StoreFailure``, or what `time` throws; then no pending batch was appended, and
  /// leaves that came back by then stay.
  ///
  /// - Parameters:
  ///   - time: milliseconds since 1970; asked only where there is something to append, so that a log
  ///     heals while its clock is in doubt.
  ///   - progress: is told how many batches of how many are judged.
  package func apply(
    bundle bytes: [UInt8], time: () throws -> Int64,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> BundleApplication {
    let bundle: Bundle
    do throws(BundleError) {
      bundle = try Bundle(decoding: bytes)
    } catch {
      throw BundleRejection.unreadable(error)
    }
    do {
      let healed = try heal(bundle)
      var application = try append(bundle, bundle.pending.isEmpty ? 0 : time(), progress)
      application.healed = healed
      return application
    } catch let problem as Problem {
      throw try BundleRejection(problem) { try healingStanding() } ?? problem
    }
  }

  private func append(_ bundle: Bundle, _ now: Int64, _ progress: (Int, Int) -> Void) throws
    -> BundleApplication
  {
    let (application, prefixes) = try grow { writer in
      guard let workspace = writer.reader.workspace else { throw BundleRejection.slotEmpty }
      guard workspace == bundle.workspace else {
        throw BundleRejection.otherWorkspace(bundle.workspace)
      }
      try check(bundle.checkpoint, writer.reader)
      var acceptance = BatchAcceptance(writer, replay: replay, time: now)
      for (position, batch) in bundle.pending.enumerated() {
        try acceptance.append(batch)
        progress(position + 1, bundle.pending.count)
      }
      try acceptance.markForSigning()
      var application = BundleApplication()
      for (batch, verdict) in zip(bundle.pending, acceptance.outcomes) {
        switch verdict {
        case .accepted(_, known: true): application.known += 1
        case .accepted(_, known: false): application.appended += 1
        case .refused(let refusal, _):
          let author = (try? ReceivedBatch(decoding: batch))?.header.replica
          application.refused.append((author, refusal))
        }
      }
      application.treeSize = acceptance.writer.reader.treeSize
      return (application, acceptance.prefixes)
    }
    try sign(prefixes)
    try signEnd()
    return application
  }

  private func check(_ checkpoint: [UInt8], _ reader: LogReader) throws {
    guard !checkpoint.isEmpty else { return }
    switch try reader.standing(ofCheckpoint: checkpoint, logKey: logKey) {
    case .prefix: return
    case .mismatch, .ahead: throw BundleRejection.otherLog
    }
  }
}
