import GRDB
import MergeCore
import SyncProtocol

/// Which of the store's pending changes no log would take in, as far as the log here tells
/// (ruling 30), and which need a batch of their own.
///
/// A log says of a batch only which change is wrong first. All who hold the log judge alike, so the
/// store finds the others itself, and sets all of them aside under one successor.
struct PendingJudgement {
  /// What would be refused, whatever it is sealed with.
  private(set) var refusals: [Dot: Refusal] = [:]
  /// The changes before which a batch has to end, since what is before them and they are more together
  /// than one leaf may come to.
  private(set) var cuts = Set<Dot>()

  private let db: Database
  private let pending: PendingChanges
  private let keys: [OwnReplica]
  private var prospect: ProspectiveLog
  /// What a leaf since the last cut comes to.
  private var cost = LeafCost()

  /// Judges the changes in the order of making, each on what the ones before it leave that may stand.
  ///
  /// Cost: sealing, judging and merging each change alone.
  init(_ db: Database, on log: LogReader) throws {
    self.db = db
    pending = PendingChanges(db)
    prospect = try ProspectiveLog(db, on: log)
    keys = try OwnReplica.all(db)
    for row in try pending.rows() { _ = try judge(row) }
  }

  /// Judges a change that became pending after all that were judged, and returns why it may not stand;
  /// nil where it may.
  ///
  /// One that may not can give way to another under the same dot.
  mutating func judge(_ row: PendingRow) throws -> Refusal? {
    refusals[row.dot] = nil
    guard let key = keys.first(where: { $0.id == row.dot.replica }) else { return nil }
    do {
      guard let leaf = try prospect.leaf(of: row, by: key) else { return nil }
      prospect.append(leaf)
      count(leaf.cost, at: row.dot)
    } catch let refusal as Refusal {
      try take(refusal, of: row)
    }
    return refusals[row.dot]
  }

  private mutating func count(_ next: LeafCost, at dot: Dot) {
    var sum = cost
    sum.add(next)
    if sum.isWithinLimits {
      cost = sum
    } else {
      cuts.insert(dot)
      cost = next
    }
  }

  private mutating func take(_ refusal: Refusal, of row: PendingRow) throws {
    guard row.acknowledged == nil else {
      // What the server proved to be logged stands, whatever this store makes of it.
      let lineage = try OwnReplica.lineage(of: row.dot.replica, db) ?? VersionVector()
      return try prospect.assume(pending.decode(row), lineage: lineage)
    }
    // An enrolment is no work that could be set aside.
    guard refusal.code.setsChangeAside, try !row.isEnrolment() else { return }
    refusals[row.dot] = refusal
  }
}
