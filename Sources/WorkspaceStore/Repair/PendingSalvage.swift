import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol

/// Takes over the pending changes of an old file that still hang together.
struct PendingSalvage {
  private let old: Database
  private let fresh: Database
  private let log: LogReader
  private var ends: [ReplicaID: (counter: Counter, chain: Digest256, context: SignedContext)] = [:]

  /// What came out.
  struct Outcome {
    /// Changes whose predecessor is lost, in the order of making.
    var cutOff: [PendingRow] = []
    var losses: [String] = []
  }

  init(old: Database, fresh: Database, log: LogReader) {
    self.old = old
    self.fresh = fresh
    self.log = log
  }

  /// - Parameter progress: is told how many of them are done.
  mutating func run(progress: (UInt64) -> Void = { _ in }) throws -> Outcome {
    var outcome = Outcome()
    let (rows, isWhole) = try RowCopy(old: old, fresh: fresh).rows(of: "pending")
    if !isWhole { outcome.losses.append("pending changes after the first \(rows.count) are lost") }
    // Of a replica whose key is gone nothing can be signed: its work is brought again by the next one.
    let own = Dictionary(
      uniqueKeysWithValues: try OwnReplica.all(fresh).map { ($0.id, $0.succession) })
    for (index, row) in rows.enumerated() {
      progress(UInt64(index) + 1)
      guard let change = try salvaged(row) else {
        let counter = (try? row.counter("counter")).map { " \($0.rawValue)" } ?? ""
        // The first change of a successor enrols it, and another successor takes its place.
        if (try? row.counter("counter")) == 1, (try? row.number("is_act")) == 1 { continue }
        let isAcknowledged = ((try? row.optionalSize("acknowledged")) ?? nil) != nil
        outcome.losses.append(
          isAcknowledged
            ? "your change\(counter) cannot be read any more: the server has it, and hashiya sync "
              + "brings it back"
            : "your change\(counter), which no server has, cannot be read any more: make it again")
        continue
      }
      if try log.chainHash(at: change.dot) == change.chain { continue }
      let end = try end(of: change.dot.replica)
      if own[change.dot.replica] != nil, change.dot.counter == end.counter.next,
        change.previous == end.chain, try stands(change, own)
      {
        try keep(change)
      } else {
        outcome.cutOff.append(change)
      }
    }
    return outcome
  }

  /// Whether a log could take the change in where it is: with the note of its context, and after the
  /// change that its replica continues.
  private func stands(_ change: PendingRow, _ own: [ReplicaID: Succession?]) throws -> Bool {
    if change.dot.counter == 1, let succession = own[change.dot.replica] ?? nil {
      let end = Dot(succession.predecessor, succession.counter)
      guard try PendingChanges(fresh).chainHash(at: end, log) == succession.chain else {
        return false
      }
    }
    return (try? log.signedNote(of: change.context)) != nil
  }

  /// The change of a row, whose bytes have to have their chain hash; what was altered beside them
  /// follows from them again.
  private func salvaged(_ row: Row) throws -> PendingRow? {
    guard var change = try? PendingRow(row, ofAnyTable: true),
      let received = try? change.received()
    else { return nil }
    if row.isSealed(in: "pending") { return change }
    change.isAct = received.skeleton.hasAct
    change.isReissue = received.skeleton.hasReissue
    // Whether a server has it is asked again by sending it: a server that has it says so.
    change.acknowledged = nil
    let inherited = try end(of: change.dot.replica).context
    change.context = inherited
    guard let decoded = try? PendingChanges(fresh).decode(change) else { return nil }
    change.context = decoded.chainContext
    return change
  }

  private func end(of replica: ReplicaID) throws -> (
    counter: Counter, chain: Digest256, context: SignedContext
  ) {
    if let end = ends[replica] { return end }
    guard let head = try log.chainHead(of: replica) else { return (0, .zero, .empty) }
    return (head.counter, head.chain, head.context)
  }

  private mutating func keep(_ change: PendingRow) throws {
    let decoded = try PendingChanges(fresh).decode(change)
    let sequence = try fresh.insertPending(change)
    for record in decoded.records {
      try fresh.execute(
        sql: "INSERT INTO pending_record_change VALUES (?, ?)", arguments: [record.blob, sequence])
    }
    try fresh.store(contentsOf: decoded.received.contents)
    ends[change.dot.replica] = (change.dot.counter, change.chain, change.context)
  }
}
