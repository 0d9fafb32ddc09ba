import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// What has to happen before a log may grow again; reads go on meanwhile.
package enum RecoveryNeed: Hashable, Sendable {
  /// This machine signed more leaves than the log has; it takes them back from their holders by itself.
  case leaves(upTo: HostedWorkspace.SignedPrefix)
  /// Somebody showed the log's signature over more leaves, of which this machine has no record: it was
  /// restored as a whole, or the key was stolen. The operator decides.
  case decision(over: HostedWorkspace.SignedPrefix)
  /// The machine has no record of a log that was published: the folder was moved, or the record lost.
  case noRecord
  /// The machine's record of the log cannot be read, so that it may have lost leaves.
  case recordDamaged
  /// The folder is not the one that was written to last on this machine, though it has all that is
  /// known to be signed.
  case otherCopy
  /// The folder holds another history than the one that this machine signed.
  case otherHistory(signed: HostedWorkspace.SignedPrefix)
  /// The log's file was removed or replaced while it was open.
  case fileReplaced
  /// The log's secret key is missing or damaged.
  case keyLost
}

extension RecoveryNeed {
  /// A stable word for programs.
  package var reason: String {
    switch self {
    case .leaves: "leaves-lost"
    case .decision: "larger-checkpoint"
    case .noRecord: "no-record"
    case .recordDamaged: "record-damaged"
    case .otherCopy: "other-copy"
    case .otherHistory: "other-history"
    case .fileReplaced: "file-replaced"
    case .keyLost: "key-lost"
    }
  }

  /// Every word that ``reason`` may be.
  static let reasons = [
    "leaves-lost", "larger-checkpoint", "no-record", "record-damaged", "other-copy",
    "other-history", "file-replaced", "key-lost",
  ]

  /// The head that the log has to reach; nil where it is not known.
  package var awaited: HostedWorkspace.SignedPrefix? {
    switch self {
    case .leaves(let prefix), .decision(let prefix), .otherHistory(let prefix): prefix
    case .noRecord, .recordDamaged, .otherCopy, .fileReplaced, .keyLost: nil
    }
  }

  /// What happened, for members and operators: whole sentences.
  package var explanation: String {
    switch self {
    case .leaves(let prefix):
      "The server was restored from an old copy: it lacks some of the \(prefix.size) leaves that it "
        + "has signed. It takes them back from everyone who holds them."
    case .decision(let prefix):
      "Somebody showed this log's signature over \(prefix.size) leaves, more than the server has or "
        + "has a record of. Either the whole server was restored from an old copy, or its key was "
        + "stolen: its operator has to say which."
    case .noRecord:
      "The server is on a machine that has no record of what it signed: it was moved, or restored "
        + "from an old copy. Its operator has to say that nothing is missing."
    case .recordDamaged:
      "The server's record of what it signed is damaged, so it cannot tell whether its log lost leaves. "
        + "Its operator has to say that nothing is missing."
    case .otherCopy:
      "The server's data folder is not the one that was in use last: it was restored or copied. Its "
        + "operator has to say that nothing is missing."
    case .otherHistory(let prefix):
      "The server's data folder holds another history than the one of \(prefix.size) leaves that it "
        + "has signed. Its operator has to bring the right one back."
    case .fileReplaced:
      "The log's file was removed or replaced while the server ran. Its operator has to restart it."
    case .keyLost:
      "The server lost the secret key of this log, so it can sign nothing. Its operator has to bring "
        + "the key back."
    }
  }
}

/// A log that takes nothing in, as it is told.
struct LogBehind: Sendable {
  var need: RecoveryNeed
  /// The leaves that the log has, and those that it signed as far as known; nil for strangers.
  var sizes: (tree: UInt64, signed: UInt64)?
}

extension HostedWorkspace {
  /// What has to happen before the log may grow; nil when it may.
  ///
  /// Whoever appends or signs asks within the transaction that does it. Reads one small file and
  /// O(log n) hashes.
  func recoveryNeed(_ reader: LogReader) throws -> RecoveryNeed? {
    guard isInPlace else { return .fileReplaced }
    guard signer != nil else { return .keyLost }
    let shown = try reader.shownNotes.largest(above: reader.treeSize)
      .map { SignedPrefix(size: $0.size, root: $0.root) }
    guard let record = try signingRecord() else {
      if let shown { return .decision(over: shown) }
      if try recordFile.isDamaged() { return .recordDamaged }
      return try isPublished(reader) ? .noRecord : nil
    }
    if let signed = record.signed?.prefix {
      if signed.size > reader.treeSize {
        return .leaves(upTo: largest(signed, record.awaited?.prefix))
      }
      guard try reader.root(ofSize: signed.size) == signed.root else {
        return .otherHistory(signed: signed)
      }
    }
    if let awaited = record.awaited?.prefix, awaited.size > reader.treeSize {
      return .leaves(upTo: awaited)
    }
    if let shown, !record.isKeyStolen { return .decision(over: shown) }
    if !hasWritten, try isPublished(reader), !record.holds(try reader.servedNonce()) {
      return .otherCopy
    }
    return nil
  }

  private func largest(_ signed: SignedPrefix, _ awaited: SignedPrefix?) -> SignedPrefix {
    guard let awaited, awaited.size > signed.size else { return signed }
    return awaited
  }

  /// Whether a workspace was published here, whatever became of the log since.
  func isPublished(_ reader: LogReader) throws -> Bool {
    try reader.treeSize > 0 || folder.publishedWorkspace() != nil
  }

  /// What has to happen before the log may grow, on a snapshot.
  package func recoveryNeed() throws -> RecoveryNeed? {
    try log.read { try recoveryNeed(LogReader(unverified: $0)) }
  }

  /// The problem that a log is for whoever would have it grow.
  func behind(_ need: RecoveryNeed, _ reader: LogReader) -> Problem {
    let size = reader.treeSize
    return .logBehind(
      LogBehind(need: need, sizes: (size, max(size, need.awaited?.size ?? 0))))
  }

  /// Remembers, over restarts, a checkpoint that this log's key signed over more leaves than it has.
  ///
  /// Does nothing for other notes, and for one that lies within what the machine knows it signed; nor
  /// once the key is proved to have signed another history: then a note stops nobody before its holder
  /// has proved that its tree continues the log, or anybody who is shown the other one could stop the
  /// log again with every note of it.
  func keepShown(_ note: [UInt8]) throws {
    guard let shown = signedHere(note) else { return }
    try writeInPlace { reader in
      guard try !reader.shownNotes.isForkProved() else { return }
      try keepShown(shown, reader)
    }
  }

  /// What the holder of a note over more leaves is told where that note stops nobody else: the holder
  /// has to prove where it belongs.
  ///
  /// Nil where that is known, and for what is no such note.
  func unproved(_ note: [UInt8], _ reader: LogReader) throws -> RecoveryNeed? {
    guard let shown = signedHere(note), shown.size > reader.treeSize,
      try signingRecord()?.isKeyStolen != true, try !reader.shownNotes.isRefuted(shown)
    else { return nil }
    return .decision(over: SignedPrefix(size: shown.size, root: shown.root))
  }

  /// Remembers a note, whose signature was verified, within a transaction, as ``keepShown(_:)`` does;
  /// whether the key is proved to have signed another history is for the caller to weigh.
  func keepShown(_ shown: ShownNotes.Shown, _ reader: LogReader) throws {
    if case .leaves(let prefix) = try recoveryNeed(reader), shown.size <= prefix.size { return }
    guard shown.size > reader.treeSize else { return }
    try reader.shownNotes.keep(shown)
  }

  /// The note, if this log's key signed it.
  func signedHere(_ note: [UInt8]) -> ShownNotes.Shown? {
    guard
      let signed = try? SignedCheckpoint(
        opening: note, origin: logKey.name.line, logKey: logKey),
      let root = Digest256(signed.checkpoint.root.bytes)
    else { return nil }
    return ShownNotes.Shown(size: signed.checkpoint.size.rawValue, root: root, note: note)
  }
}
