import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// How what a store holds stands to the log.
enum LogStanding {
  /// The store holds a prefix of the log.
  case prefix
  /// The store holds something else.
  case mismatch
  /// The store holds the log's own signature over leaves that the log does not have: the log lost
  /// them, or signed two branches (ruling 24).
  case behind
}

extension LogReader {
  /// Compares what an opening shows with the log; reads O(log n) hashes.
  func standing(of opening: ExchangeOpening, logKey: VerifierKey) throws -> LogStanding {
    if !opening.checkpoint.isEmpty {
      let standing = try standing(ofCheckpoint: opening.checkpoint, logKey: logKey)
      guard case .prefix = standing else { return standing }
    }
    let context = opening.context
    guard let root = context.root else { return .prefix }
    guard context.epoch == 1, context.treeSize <= treeSize,
      try self.root(ofSize: context.treeSize) == root
    else { return .mismatch }
    return .prefix
  }

  /// Compares a signed note with the log; whoever shows it, the signature is what counts.
  func standing(ofCheckpoint note: [UInt8], logKey: VerifierKey) throws -> LogStanding {
    guard
      let signed = try? SignedCheckpoint(
        opening: note, origin: logKey.name.line, logKey: logKey)
    else { return .mismatch }
    let checkpoint = signed.checkpoint
    guard checkpoint.size.rawValue <= treeSize,
      try root(ofSize: checkpoint.size.rawValue).bytes == checkpoint.root.bytes
    else { return .behind }
    return .prefix
  }
}
