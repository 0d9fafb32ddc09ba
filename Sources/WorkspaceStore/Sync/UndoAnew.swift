import GRDB
import MergeCore
import SyncProtocol

extension PendingSettlement {
  /// Takes a change back anew where what took it back does not hold any more, since something that it
  /// counted on was set aside: the undone change then took something else away, or nothing.
  ///
  /// Its author wanted it gone, and so it goes, as far as `undo` would let it go now. What comes back is
  /// what stands under it without the rest. Returns false, and changes nothing, where the undone change
  /// was set aside too, or others have worked there since.
  ///
  /// - Parameters:
  ///   - former: the change that took it back; its time stays.
  ///   - records: those that pending changes are on.
  func undoAnew(
    _ former: DecodedChange, by author: OwnReplica, _ records: Set<RecordID>, _ log: LogReader,
    judging judgement: inout PendingJudgement?
  ) throws -> Bool {
    let pending = PendingChanges(db)
    guard let identity = former.undoes, let undone = try standing(identity, log) else {
      return false
    }
    // What the changes before it make of the records is what it is planned on.
    try pending.rebuild(records, on: log)
    let reader = try WorkspaceReader(db)
    var reversal = Reversal(of: undone, reader: reader, own: try reader.ownReplicas())
    do {
      try reversal.plan()
    } catch is AuthoringRefusal {
      return false
    }
    guard !reversal.operations.isEmpty else { return false }
    let new = try NewPendingChange(
      DraftChange(
        context: nil, time: former.time, operations: reversal.operations, undoes: identity),
      by: author, after: ChainEnd(of: author.id, db, log), context: log.currentContext())
    _ = try new.insert(db)
    guard try judgement?.judge(pending.made(new.dot)) == nil else {
      try pending.remove(new.dot)
      return false
    }
    return true
  }

  /// A change that is in the log or pending; nil where it is neither.
  private func standing(_ identity: ChangeIdentity, _ log: LogReader) throws -> DecodedChange? {
    if let carrier = try log.carriers(of: identity).first {
      return try ChangeReader(WorkspaceReader(db)).change(carrier.dot, at: carrier.position)
    }
    let pending = PendingChanges(db)
    return try pending.rows().lazy.map(pending.decode).first { $0.identity == identity }
  }
}
