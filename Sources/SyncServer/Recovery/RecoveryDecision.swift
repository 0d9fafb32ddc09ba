import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// What the operator decides of a log that takes nothing in.
package enum RecoveryDecision: Sendable {
  /// The leaves of the largest head that was shown were lost: take them back.
  case heal
  /// Whoever signed the larger head has stolen the key: go on from what the log has.
  case keyStolen
  /// There is nothing to wait for.
  case nothingLost
}

/// Why a decision does not fit; nothing was changed.
package enum RecoveryRefusal: Error, Sendable {
  /// The log may grow.
  case nothingToDecide
  /// Nobody has shown more leaves than the log has.
  case nothingShown(treeSize: UInt64)
  /// More leaves than the log has are known to be signed.
  case moreSigned(size: UInt64, treeSize: UInt64)
  /// The log has no leaf left of what was published.
  case nothingLeft
  /// No decision helps.
  case undecidable(RecoveryNeed)
}

extension HostedWorkspace {
  /// Carries a decision out; a process that serves the log goes by it at once.
  ///
  /// Throws ``RecoveryRefusal``.
  package func recover(_ decision: RecoveryDecision) throws -> HealingStanding {
    do {
      return try carryOut(decision)
    } catch Problem.logBehind(let behind) {
      // It became known only meanwhile, such as that the file was taken away.
      throw RecoveryRefusal.undecidable(behind.need)
    }
  }

  private func carryOut(_ decision: RecoveryDecision) throws -> HealingStanding {
    var stored: [UInt8]?
    try log.write { db in
      let writer = try LogWriter(db)
      guard let need = try recoveryNeed(writer.reader) else {
        throw RecoveryRefusal.nothingToDecide
      }
      switch decision {
      case .heal: stored = try decideToHeal(need, writer)
      case .keyStolen: stored = try decideThatKeyWasStolen(need, writer)
      case .nothingLost: stored = try decideThatNothingIsLost(need, writer)
      }
    }
    try finishWrite(stored)
    try takeIn()
    try signEnd()
    return try healingStanding()
  }

  private func decideToHeal(_ need: RecoveryNeed, _ writer: LogWriter) throws -> [UInt8]? {
    switch need {
    case .leaves: return nil
    case .decision(let shown):
      return try adopt(writer) { $0.awaited = SigningRecord.Head(shown) }
    case .noRecord, .recordDamaged, .otherCopy:
      throw RecoveryRefusal.nothingShown(treeSize: writer.reader.treeSize)
    case .otherHistory, .fileReplaced, .keyLost: throw RecoveryRefusal.undecidable(need)
    }
  }

  private func decideThatKeyWasStolen(_ need: RecoveryNeed, _ writer: LogWriter) throws
    -> [UInt8]?
  {
    let size = writer.reader.treeSize
    switch need {
    case .decision: break
    case .leaves(let prefix):
      // What is waited for may be there on a word that the operator takes back now.
      let signed = try signingRecord()?.signed?.size ?? 0
      guard signed <= size else {
        throw RecoveryRefusal.moreSigned(size: prefix.size, treeSize: size)
      }
    case .noRecord, .recordDamaged, .otherCopy:
      throw RecoveryRefusal.nothingShown(treeSize: size)
    case .otherHistory, .fileReplaced, .keyLost: throw RecoveryRefusal.undecidable(need)
    }
    try checkSomethingIsLeft(writer.reader)
    try writer.reader.stage.removeAll()
    return try adopt(writer) { record in
      record.awaited = nil
      record.isKeyStolen = true
    }
  }

  private func decideThatNothingIsLost(_ need: RecoveryNeed, _ writer: LogWriter) throws
    -> [UInt8]?
  {
    switch need {
    case .noRecord, .recordDamaged, .otherCopy: break
    case .leaves(let prefix), .decision(let prefix):
      throw RecoveryRefusal.moreSigned(size: prefix.size, treeSize: writer.reader.treeSize)
    case .otherHistory, .fileReplaced, .keyLost: throw RecoveryRefusal.undecidable(need)
    }
    try checkSomethingIsLeft(writer.reader)
    return try adopt(writer) { _ in }
  }

  private func checkSomethingIsLeft(_ reader: LogReader) throws {
    guard try reader.treeSize > 0 || !isPublished(reader) else {
      throw RecoveryRefusal.nothingLeft
    }
  }

  /// Makes the folder the one that this machine goes on with, and the record what `change` makes of it.
  private func adopt(
    _ writer: LogWriter, _ change: (inout SigningRecord) -> Void
  ) throws -> [UInt8] {
    let size = writer.reader.treeSize
    let next = randomBytes(16)
    let current = try writer.reader.servedNonce() ?? next
    var record = try signingRecord() ?? SigningRecord(current: "", next: "")
    (record.current, record.next) = (hexText(current), hexText(next))
    record.workspace = writer.reader.workspace?.hex ?? record.workspace
    if size > record.signed?.size ?? 0 {
      record.signed = SigningRecord.Head(
        SignedPrefix(size: size, root: try writer.reader.root(ofSize: size)))
    }
    change(&record)
    try write(record)
    try writer.setServedNonce(next)
    return next
  }
}
