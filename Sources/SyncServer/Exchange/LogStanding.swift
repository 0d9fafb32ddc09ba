import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// How what a store shows stands to the log.
enum LogStanding {
  /// The store holds a prefix of the log.
  case prefix
  /// The store holds something else: another log, or another history of this one.
  case mismatch
  /// The store holds the log's own signature over more leaves than the log has, and nothing here
  /// contradicts it: the log lost them, or its key signs elsewhere (ruling 24).
  case ahead
}

extension LogReader {
  /// Compares what an opening shows with the log; reads O(log n) hashes.
  func standing(of opening: ExchangeOpening, logKey: VerifierKey) throws -> LogStanding {
    let context = opening.context
    if context.treeSize <= treeSize, let root = context.root {
      guard context.epoch == 1, try self.root(ofSize: context.treeSize) == root else {
        return .mismatch
      }
    }
    guard opening.checkpoint.isEmpty else {
      let standing = try standing(ofCheckpoint: opening.checkpoint, logKey: logKey)
      guard case .prefix = standing, context.treeSize > treeSize else { return standing }
      return .mismatch
    }
    return context.treeSize > treeSize ? .mismatch : .prefix
  }

  /// Compares a signed note with the log; whoever shows it, the signature is what counts.
  ///
  /// A note of a size that the log has, with another root, proves a fork: that is told to whoever
  /// brought it, and stops nobody else.
  func standing(ofCheckpoint note: [UInt8], logKey: VerifierKey) throws -> LogStanding {
    guard
      let signed = try? SignedCheckpoint(
        opening: note, origin: logKey.name.line, logKey: logKey)
    else { return .mismatch }
    let size = signed.checkpoint.size.rawValue
    guard size <= treeSize else { return .ahead }
    return try root(ofSize: size).bytes == signed.checkpoint.root.bytes ? .prefix : .mismatch
  }
}
