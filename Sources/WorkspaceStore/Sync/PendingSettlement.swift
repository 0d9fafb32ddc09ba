import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore
import SwiftProtobuf
package import SyncProtocol

/// What became of work that a log refused.
package struct SetAside: Sendable {
  /// Out of the state now.
  package var refusals: [Dot: Refusal] = [:]
  /// The changes that begin a batch from now on: none of them is refused, only what they were sealed
  /// with.
  package var cuts: Set<Dot> = []
  /// How many changes were made anew to take back what others took back before, which had to go.
  package var undoneAnew = 0
}

/// Brings the pending changes back in step with the log after it has grown.
struct PendingSettlement {
  let db: Database
  let machine: Machine

  /// Folds the pending changes of the touched records anew; where the log holds other work under an
  /// own dot, goes on under a successor and brings unlogged work again (rulings 11, 12).
  func settle(touched: Set<RecordID>, othersWork: Bool, log: LogReader) throws {
    let pending = PendingChanges(db)
    guard try hasFork() else {
      if othersWork { try continueAfterOthersWork(log) }
      try pending.rebuild(touched, on: log)
      return
    }
    let reissued = try reissue(settingAside: [:], log: log)
    try pending.rebuild(touched.union(reissued.records), on: log)
    try db.tell(
      "The log had other work under this store's numbers: a copy of it has been at work. "
        + "What you did here was brought again under a successor; nothing is lost.",
      machine: machine)
  }

  /// Takes refused changes out of the state, with all others that the log would refuse too, and brings
  /// the rest again, once (rulings 16, 30).
  ///
  /// What would stand in a batch of its own is not taken out: then batches are to be cut. What is not
  /// pending any more stays as it is: another process has seen to it.
  ///
  /// - Parameter alone: those that had a batch of their own, which cannot be cut: the log's refusal of
  ///   it stands, whatever the change might come to after the others here.
  func quarantine(
    _ refusals: [Dot: Refusal], alone: Set<Dot>, log: LogReader
  ) throws -> SetAside {
    var aside: [Dot: Refusal] = [:]
    for row in try PendingChanges(db).rows() where row.acknowledged == nil {
      aside[row.dot] = refusals[row.dot]
    }
    guard !aside.isEmpty else { return SetAside() }
    let judgement = try PendingJudgement(db, on: log)
    // A batch is refused as a whole: it is some change's fault only where that one alone is refused.
    if !judgement.refusals.isEmpty {
      aside = judgement.refusals
    } else if aside.values.contains(where: { $0.code == .overLimit }) {
      aside = aside.filter { alone.contains($0.key) }
      guard !aside.isEmpty else { return SetAside(cuts: judgement.cuts) }
    }
    let reissued = try reissue(
      settingAside: aside, ifJudgedAgain: Set(judgement.refusals.keys), log: log)
    try PendingChanges(db).rebuild(reissued.records, on: log)
    try tell(reissued)
    return SetAside(refusals: reissued.aside, undoneAnew: reissued.undoneAnew)
  }

  private func tell(_ reissued: Reissued) throws {
    var sentences: [String] = []
    if !reissued.aside.isEmpty {
      let count = reissued.aside.count
      let what = count == 1 ? "One of your changes was" : "\(count) of your changes were"
      sentences.append("\(what) refused, and kept: see hashiya quarantine. The rest went on.")
    }
    if reissued.undoneAnew > 0 {
      sentences.append(
        "What you had undone was undone anew, since what that brought back is not there any more.")
    }
    try db.tell(sentences.joined(separator: " "), machine: machine)
  }

  /// Brings quarantined changes again, the oldest first (ruling 16): as pending changes of the
  /// replica that writes now, with their original bytes, so that any other copy of them is absorbed.
  ///
  /// Throws ``AuthoringRefusal/refusedByAll(_:_:)`` for one that the log here would refuse again, and
  /// then none is brought: each refusal costs a successor.
  func release(_ rows: [QuarantinedRow], log: LogReader) throws {
    let replica = try OwnReplica.active(db)
    let pending = PendingChanges(db)
    let end = try ChainEnd(of: replica.id, db, log).counter
    var records = Set<RecordID>()
    for row in rows {
      let change = try pending.decode(row.change)
      var names = try RenamedDots(
        db, of: [row.change.dot.replica], since: row.renamed, by: replica)
      records.formUnion(change.records)
      let dot = try again(row.change, change, names, by: replica, log)
      try names.rename(row.change.dot, to: dot)
      if let undone = change.undoes { try db.noteUndone(undone, true) }
      try Quarantine(db).remove(row)
    }
    let again = try PendingJudgement(db, on: log).refusals.filter {
      $0.key.replica == replica.id && $0.key.counter > end
    }
    if let (_, refusal) = again.min(by: { $0.key < $1.key }) {
      throw AuthoringRefusal.refusedByAll(refusal, nil)
    }
    try pending.rebuild(records, on: log)
  }

  /// Whether a pending change's dot is taken by other bytes.
  private func hasFork() throws -> Bool {
    try Int.fetchOne(
      db,
      sql: """
        SELECT 1 FROM pending JOIN change USING (replica, counter)
        WHERE change.chain <> pending.chain LIMIT 1
        """) != nil
  }

  /// The server knew more of this replica than the store did: another copy of it writes, or wrote.
  private func continueAfterOthersWork(_ log: LogReader) throws {
    let replica = try OwnReplica.active(db)
    guard let head = try log.chainHead(of: replica.id) else { return }
    try db.mintSuccessor(of: replica, after: (head.counter, head.chain), machine: machine)
    try db.tell(
      "The server knew changes of this store that it did not have: it is a copy, or was restored. "
        + "It goes on as a successor; nothing is lost.", machine: machine)
  }
}

// MARK: - Bringing work again

extension PendingSettlement {
  /// What bringing work again came to.
  private struct Reissued {
    /// The records that the work is on.
    var records = Set<RecordID>()
    /// What was set aside.
    var aside: [Dot: Refusal] = [:]
    /// How many changes were taken back by another change than before.
    var undoneAnew = 0
  }

  /// Brings all unlogged work again, in the order of making, by a new successor of the last logged
  /// change.
  ///
  /// Enrolments of abandoned successors go; other membership acts are made anew. So is what takes a
  /// change back, where it does not hold without what is set aside; it is set aside where there is
  /// nothing to take back any more, or something else in its place.
  ///
  /// - Parameter judged: those of the refused changes that this store refuses itself, on what the ones
  ///   before them leave: they are judged again on what those that are made anew leave.
  private func reissue(
    settingAside refusals: [Dot: Refusal], ifJudgedAgain judged: Set<Dot> = [], log: LogReader
  ) throws -> Reissued {
    let pending = PendingChanges(db)
    let rows = try pending.rows().filter { $0.acknowledged == nil }
    guard let first = rows.first else { return Reissued() }
    let decoded = try rows.map { ($0, try pending.decode($0)) }
    let (predecessor, counter, chain) = try lastLogged(before: first, log)
    try db.execute(sql: "DELETE FROM pending WHERE acknowledged IS NULL")
    let successor = try db.mintSuccessor(
      of: predecessor, after: (counter, chain), machine: machine)
    let renamed = try RenamedDots.end(db)
    var names = try RenamedDots(
      db, of: Set(rows.map(\.dot.replica)), since: renamed, by: successor)
    var reissued = Reissued(records: Set(decoded.flatMap(\.1.records)))
    // Where nothing is set aside, nothing is missing from under what takes a change back.
    let mayLackSomething = !refusals.isEmpty && decoded.contains { $0.1.undoes != nil }
    var judgement = try mayLackSomething ? PendingJudgement(db, on: log) : nil

    for (row, change) in decoded {
      if try row.isEnrolment() { continue }
      var refusal = refusals[row.dot]
      // What takes a change back is judged where it stands now: something may have been made anew below.
      if refusal == nil || (change.undoes != nil && judged.contains(row.dot)) {
        let dot = try again(row, change, names, by: successor, log)
        refusal = try judgement?.judge(pending.made(dot))
        if change.undoes == nil { refusal = nil }
        if refusal != nil { try pending.remove(dot) }
        if refusal?.code == .badOperation,
          try undoAnew(change, by: successor, reissued.records, log, judging: &judgement)
        {
          refusal = nil
          reissued.undoneAnew += 1
        }
        if refusal == nil { try names.rename(row.dot, to: dot) }
      }
      guard let refusal else { continue }
      try Quarantine(db).keep(row, refusal, renamed: renamed)
      if let undone = change.undoes { try db.noteUndone(undone, false) }
      reissued.aside[row.dot] = refusal
    }
    return reissued
  }

  /// The last logged change of this store's own chain, across replicas it abandoned.
  private func lastLogged(before row: PendingRow, _ log: LogReader) throws -> (
    OwnReplica, Counter, Digest256
  ) {
    let own = try OwnReplica.all(db)
    var replica = row.dot.replica
    var end = (counter: Counter(row.dot.counter.rawValue - 1), chain: row.previous)
    while let key = own.first(where: { $0.id == replica }) {
      if end.counter > 0, try isLogged(Dot(replica, end.counter), end.chain, log) {
        return (key, end.counter, end.chain)
      }
      guard let succession = key.succession else { break }
      replica = succession.predecessor
      end = (succession.counter, succession.chain)
    }
    throw StoreFailure.corrupt("none of this store's changes is in the log: join again")
  }

  /// Whether the log has this change: here, or as the server proved it when it was pushed.
  private func isLogged(_ dot: Dot, _ chain: Digest256, _ log: LogReader) throws -> Bool {
    if let logged = try log.chainHash(at: dot) { return logged == chain }
    let row = try PendingChanges(db).row(at: dot)
    return row?.chain == chain && row?.acknowledged != nil
  }

  /// Brings one change again: an act anew, an edit with its original bytes, salts, context and time;
  /// returns its new dot.
  func again(
    _ row: PendingRow, _ change: DecodedChange, _ names: RenamedDots, by replica: OwnReplica,
    _ log: LogReader
  ) throws -> Dot {
    if let act = change.act {
      let skeleton = DraftChange(context: nil, time: machine.now(), act: act).skeleton
      return try insert(skeleton, [], isAct: true, by: replica, log)
    }
    var skeleton = WireSkeleton()
    if row.isReissue {
      skeleton.reissue = change.received.skeleton.reissue
    } else {
      skeleton.reissue.originReplica = row.dot.replica.blob
      skeleton.reissue.originCounter = row.dot.counter.rawValue
      skeleton.reissue.precedingHash = row.previous.blob
      skeleton.reissue.skeleton = Data(change.received.skeletonBytes)
      skeleton.reissue.context = change.context.wire
    }
    skeleton.reissue.against = change.operations.compactMap(\.against)
      .map { names.translated($0).wire }
    return try insert(
      skeleton.serializedBytes(), change.received.contents, isAct: false, by: replica, log)
  }

  private func insert(
    _ skeleton: [UInt8], _ contents: [ReceivedContent], isAct: Bool, by replica: OwnReplica,
    _ log: LogReader
  ) throws -> Dot {
    let end = try ChainEnd(of: replica.id, db, log)
    let dot = Dot(replica.id, end.counter.next)
    _ = try NewPendingChange(
      dot: dot, previous: end.hash, skeleton: skeleton, contents: contents, isAct: isAct,
      isReissue: !isAct, context: end.context
    ).insert(db)
    return dot
  }
}
