import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

extension HostedWorkspace {
  /// Whether leaves are missing that the log has signed; ends when a newer backup brings them back.
  ///
  /// Whoever appends or signs asks within the transaction that does it: a mark is made under the same
  /// lock, so none can come between.
  func isBehind(_ reader: LogReader) throws -> Bool { try lostCheckpoint(reader) != nil }

  /// The largest of the log's own checkpoints that a store showed and that the log does not reach.
  func lostCheckpoint() throws -> Checkpoint? {
    try log.read { try lostCheckpoint(LogReader(unverified: $0)) }
  }

  /// The same, within a transaction.
  ///
  /// Throws ``ServerFailure/damagedFile(path:what:)`` when the mark is not readable: a log that may have lost leaves does not go on as if it had none.
  private func lostCheckpoint(_ reader: LogReader) throws -> Checkpoint? {
    guard let note = try folder.behind() else { return nil }
    guard let shown = signedHere(note) else {
      throw ServerFailure.damagedFile(
        path: folder.path + "/behind", what: "it is no checkpoint of this log")
    }
    if case .behind = try reader.standing(of: shown) { return shown }
    return nil
  }

  /// Remembers, over restarts, that leaves are missing: by the largest checkpoint that shows it.
  ///
  /// Does nothing for a note that does not show it.
  func markBehind(_ note: [UInt8]) throws {
    guard let shown = signedHere(note) else { return }
    try log.write { db in
      let reader = try LogReader(unverified: db)
      guard case .behind = try reader.standing(of: shown) else { return }
      if let known = try lostCheckpoint(reader), known.size >= shown.size { return }
      try folder.keep(behind: note)
    }
  }

  /// The checkpoint of a note that this log signed; nil for any other.
  func signedHere(_ note: [UInt8]) -> Checkpoint? {
    do {
      return try SignedCheckpoint(opening: note, origin: logKey.name.line, logKey: logKey)
        .checkpoint
    } catch {
      return nil
    }
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
    return try standing(of: signed.checkpoint)
  }

  /// Compares a checkpoint that the log signed with the log.
  func standing(of checkpoint: Checkpoint) throws -> LogStanding {
    guard checkpoint.size.rawValue <= treeSize,
      try root(ofSize: checkpoint.size.rawValue).bytes == checkpoint.root.bytes
    else { return .behind }
    return .prefix
  }
}
