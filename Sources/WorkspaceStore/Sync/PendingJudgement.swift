import GRDB
import MergeCore
import SyncProtocol

/// Which of the store's pending changes no log would take in, as far as the log here tells
/// (ruling 30).
///
/// A log says of a batch only which change is wrong first. All who hold the log judge alike, so the
/// store finds the others itself, and sets all of them aside under one successor.
struct PendingJudgement {
  private let db: Database
  private let log: LogReader
  private let pending: PendingChanges
  private var membership: MembershipState
  /// The records as the changes judged so far leave them.
  private var states: [RecordID: RecordState] = [:]
  private var seen: Set<ChangeIdentity> = []
  private var lineages: [ReplicaID: VersionVector] = [:]

  init(_ db: Database, on log: LogReader) {
    self.db = db
    self.log = log
    pending = PendingChanges(db)
    membership = log.membership
  }

  /// Judges the changes in the order of making, each on what the ones before it leave that may stand.
  ///
  /// - Parameter aside: changes that are known to be refused, and that leave nothing.
  ///
  /// Cost: one merge of each change.
  mutating func refusals(besides aside: [Dot: Refusal] = [:]) throws -> [Dot: Refusal] {
    var refusals: [Dot: Refusal] = [:]
    for row in try pending.rows() where aside[row.dot] == nil {
      do {
        try judge(row)
      } catch let refusal as Refusal where !refusal.code.isRetryable {
        // What the server proved to be logged stands, whatever this store makes of it, and an
        // enrolment is no work that could be set aside.
        if row.acknowledged == nil, try !row.isEnrolment() { refusals[row.dot] = refusal }
      } catch is Refusal {
        continue
      }
    }
    return refusals
  }

  private mutating func judge(_ row: PendingRow) throws {
    let change = try pending.decode(row)
    let replica = row.dot.replica
    if let act = change.act {
      guard let workspace = try pending.workspace(log) else { return }
      let context = ActContext(
        workspace: workspace, author: replica, leafIndex: log.treeSize,
        leafTime: log.lastLeafTime)
      return try membership.apply(act, at: context) { try pending.chainHash(at: $0, log) }
    }
    // Nobody is known for a replica whose invite the log here lacks.
    try membership.member(of: replica)?.checkMayEdit(at: row.dot.counter)
    try merge(change, by: replica)
  }

  private mutating func merge(_ change: DecodedChange, by replica: ReplicaID) throws {
    let lineage = try lineages[replica] ?? OwnReplica.lineage(of: replica, db) ?? VersionVector()
    lineages[replica] = lineage
    var run = MergeRun(stateDigest: .zero, citations: .lenient)
    try run.merge(
      change.change(at: .pending, lineage: lineage),
      isKnown: seen.contains(change.identity) || log.contains(change.identity)
    ) {
      try states[$0] ?? log.state(of: $0)
    } history: {
      try log.partOperations(on: $0, $1, dotsMax: $2)
    }
    try run.checkLimits(
      after: change, placedBy: membership.replicas(sharingMemberWith: replica))
    states.merge(run.states) { $1 }
    seen.insert(change.identity)
  }
}
