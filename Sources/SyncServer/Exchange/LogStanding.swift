import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

extension HostedWorkspace {
  /// Whether leaves are missing that the log has signed; ends when a newer backup brings them back.
  func isBehind() throws -> Bool { try lostCheckpoint() != nil }

  /// The largest of the log's own checkpoints that a store showed and that the log does not reach.
  func lostCheckpoint() throws -> Checkpoint? {
    guard let note = try folder.behind(), try isAhead(note) else { return nil }
    return try SignedCheckpoint(opening: note, origin: logKey.name.line, logKey: logKey).checkpoint
  }

  /// Whether a note is signed by this log over leaves that it does not have.
  func isAhead(_ note: [UInt8]) throws -> Bool {
    try log.read { db in
      let standing = try LogReader(unverified: db).standing(ofCheckpoint: note, logKey: logKey)
      if case .behind = standing { return true } else { return false }
    }
  }

  /// Remembers, over restarts, that leaves are missing: by the largest checkpoint that shows it.
  func markBehind(_ note: [UInt8]) throws {
    let shown = try SignedCheckpoint(opening: note, origin: logKey.name.line, logKey: logKey)
    if let known = try lostCheckpoint(), known.size >= shown.checkpoint.size { return }
    try folder.keep(behind: note)
  }
}

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
