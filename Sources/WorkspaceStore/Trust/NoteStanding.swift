package import SyncProtocol
package import TransparencyLog

/// How a note that the log's key signed stands to what is here.
package enum NoteStanding: Sendable {
  /// The log here continues it: an older answer, or the newest.
  case prefix(size: UInt64)
  /// It is of more leaves than are here: only the log's own hashes can tell whether it continues them.
  case ahead(size: UInt64)
  /// No log continues both it and what is here.
  case fork(ForkEvidence)
}

extension LogReader {
  /// Opens a note; nil unless the pinned key signed it for this log.
  func signedCheckpoint(_ note: [UInt8]) -> SignedCheckpoint? {
    guard let logKey, !note.isEmpty else { return nil }
    return try? SignedCheckpoint(opening: note, origin: logKey.name.line, logKey: logKey)
  }

  /// Compares a signed note with the leaves here.
  func standing(ofNote signed: SignedCheckpoint) throws -> NoteStanding {
    let size = signed.checkpoint.size.rawValue
    guard let own = try checkpoint(ofAtMost: treeSize).flatMap({ signedCheckpoint($0.note) }),
      size <= own.checkpoint.size.rawValue
    else { return size == 0 ? .prefix(size: 0) : .ahead(size: size) }
    return try ForkEvidence(signed, own, tree: tree).map { .fork($0) } ?? .prefix(size: size)
  }
}

extension WorkspaceReader {
  /// Compares a note with the leaves here and with the largest checkpoint that this store has seen; nil
  /// unless the pinned key signed it.
  package func standing(ofNote note: [UInt8]) throws -> NoteStanding? {
    guard let signed = log.signedCheckpoint(note) else { return nil }
    let standing = try log.standing(ofNote: signed)
    guard case .ahead = standing, let seen = log.signedCheckpoint(try largestCheckpoint()),
      seen.checkpoint.size == signed.checkpoint.size,
      let fork = try ForkEvidence(signed, seen, tree: log.tree)
    else { return standing }
    return .fork(fork)
  }

  /// The signed notes that a log shown to this store has to continue, the smallest first: that of the
  /// leaves here, and the largest seen.
  package func notesHeld() throws -> [SignedCheckpoint] {
    let held = try log.checkpoint(ofAtMost: log.treeSize).flatMap { log.signedCheckpoint($0.note) }
    let seen = log.signedCheckpoint(try largestCheckpoint())
    return [held, seen == held ? nil : seen].compactMap { $0 }
  }
}
