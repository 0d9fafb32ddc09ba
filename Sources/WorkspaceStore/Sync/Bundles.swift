import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol
import TransparencyLog

/// What applying a bundle came to.
package struct BundleOutcome: Sendable {
  package var ingest: IngestOutcome
  /// Batches of others that this store now carries to the server.
  package var mail: Int
}

/// Why a bundle is not applied; the store is unchanged.
package enum BundleRefusal: Error, Sendable {
  case unreadable(BundleError)
  case otherWorkspace(Digest256)
  /// It starts after the last leaf that this store has.
  case gap(from: UInt64, have: UInt64)
  /// A batch in it is not whole, or not signed by its author.
  case badBatch(Refusal)
  /// It has another leaf or batch than the log here, and nothing signed that makes it another history.
  case altered(leaf: UInt64)
  /// With its batches this store would carry more than ``Limits/mailBatchesMax`` or
  /// ``Limits/mailBytesMax`` allow.
  case tooMuchMail(batches: Int, bytes: Int)
}

extension Workspace {
  /// A bundle of the log from leaf `since` on, this store's pending batches, and the mail that it
  /// carries.
  ///
  /// - Parameter progress: is told how many leaves of how many are read.
  package func makeBundle(
    since: UInt64, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> [UInt8] {
    try read { reader in
      let size = reader.log.treeSize
      let from = min(since, size)
      var entries: [ReceivedEntry] = []
      while from + UInt64(entries.count) < size {
        let leaves = try reader.log.leaves(
          from: from + UInt64(entries.count), countMax: 256, bytesMax: .max)
        guard !leaves.isEmpty else { throw StoreFailure.corrupt("a leaf is missing") }
        entries += leaves.map {
          ReceivedEntry(index: $0.index, leaf: $0.leafBytes, batch: $0.batchBytes)
        }
        progress(entries.count, Int(clamping: size - from))
      }
      // Whoever carries them has no word in what stands together: they are cut before they leave.
      let cuts = try PendingJudgement(reader.db, on: reader.log).cuts
      let pending = try reader.sealPending(bytesMax: .max, batchesMax: .max, cutBefore: cuts)
        .batches.map(\.bytes)
      return Bundle(
        workspace: try reader.workspaceID(), from: from, to: size, entries: entries,
        checkpoint: try reader.log.checkpoint(ofAtMost: size)?.note ?? [],
        pending: pending
          + (try reader.mail(after: 0, countMax: .max, bytesMax: .max).map(\.bytes)),
        held: try reader.heldFrames()
      ).encoded
    }
  }

  /// Advances along the log by a bundle, verified by its checkpoint, and keeps its pending batches
  /// as mail, in one transaction; they enter nobody's state before the log has them.
  ///
  /// Throws ``BundleRefusal`` or ``IngestFailure``; then the store is unchanged.
  ///
  /// - Parameter progress: is told how many leaves of how many are taken in.
  package func apply(
    bundle bytes: [UInt8], progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> BundleOutcome {
    let bundle: Bundle
    do throws(BundleError) {
      bundle = try Bundle(decoding: bytes)
    } catch {
      throw BundleRefusal.unreadable(error)
    }
    let (workspace, size) = try read { (try $0.workspaceID(), $0.log.treeSize) }
    guard bundle.workspace == workspace else {
      throw BundleRefusal.otherWorkspace(bundle.workspace)
    }
    guard bundle.from <= size else { throw BundleRefusal.gap(from: bundle.from, have: size) }
    let batches = try checkedMail(bundle)
    do {
      return try write { db in
        var outcome = IngestOutcome()
        if bundle.to > size {
          outcome = try ingest(
            bundle.entries, checkpoint: bundle.checkpoint, in: db, progress: progress)
        } else {
          try LogReader(db).checkKnown(bundle)
        }
        try LogReader(db).checkContexts(of: batches)
        var mail = try MailIntake(db)
        try mail.keep(batches)
        return BundleOutcome(ingest: outcome, mail: mail.keptCount)
      }
    } catch let carried as CarriedFork {
      // A bundle is where people meet: what one of them was shown differently is kept.
      try keep(.fork(carried.evidence))
      throw IngestFailure.fork(size: carried.size)
    } catch let failure as IngestFailure {
      let failure = try explained(failure, bundle.entries, note: bundle.checkpoint)
      if case .altered(let leaf) = failure { throw BundleRefusal.altered(leaf: leaf) }
      throw failure
    }
  }

  private func checkedMail(_ bundle: Bundle) throws -> [ReceivedBatch] {
    try bundle.pending.map { bytes in
      let batch: ReceivedBatch
      do throws(Refusal) {
        batch = try ReceivedBatch(decoding: bytes)
      } catch {
        throw BundleRefusal.badBatch(error)
      }
      guard batch.header.workspace == bundle.workspace else {
        throw BundleRefusal.otherWorkspace(batch.header.workspace)
      }
      return batch
    }
  }
}

/// A note that the log signed for a batch's author, and that contradicts the log here.
private struct CarriedFork: Error {
  var evidence: ForkEvidence
  var size: UInt64
}

extension LogReader {
  /// Compares a bundle that brings no new leaf with the log: entries byte for byte, and the root that
  /// its checkpoint signs.
  fileprivate func checkKnown(_ bundle: Bundle) throws {
    for entry in bundle.entries {
      guard try leaf(at: entry.index)?.isSame(as: entry) == true else {
        throw IngestFailure.altered(leaf: entry.index)
      }
    }
    guard bundle.to > 0 else { return }
    guard let key = logKey else { throw IngestFailure.noLogKey }
    let signed: SignedCheckpoint
    do throws(SignedCheckpointError) {
      signed = try SignedCheckpoint(
        opening: bundle.checkpoint, origin: key.name.line, logKey: key)
    } catch {
      throw IngestFailure.badCheckpoint(error)
    }
    guard case .prefix = try standing(ofNote: signed) else {
      throw IngestFailure.wrongRoot(size: signed.checkpoint.size.rawValue)
    }
  }

  /// Compares the contexts of mail with the log: the note that the log signed for a batch's author is its
  /// statement; a context that it never signed is the author's alone.
  fileprivate func checkContexts(of batches: [ReceivedBatch]) throws {
    for batch in batches {
      if let signed = signedCheckpoint(batch.checkpoint),
        case .fork(let evidence) = try standing(ofNote: signed)
      {
        throw CarriedFork(evidence: evidence, size: signed.checkpoint.size.rawValue)
      }
      let context = batch.header.context
      guard context.treeSize > 0 else { continue }
      let signed = signedCheckpoint(batch.checkpoint)?.checkpoint
      // Without the log's word for it no server ever takes it in, and it would be carried for nothing.
      guard let signed, signed.size.rawValue == context.treeSize,
        Digest256(signed.root.bytes) == context.root,
        try context.treeSize > treeSize || root(ofSize: context.treeSize) == context.root
      else {
        let author = membership.analyst(of: batch.header.replica)
        throw BundleRefusal.badBatch(
          Refusal(
            .badContext, batch.header.last,
            "\(author)'s work was made on other leaves than the log has, or lacks its signature"))
      }
    }
  }
}
