import GRDB
import MergeCore
package import SyncProtocol

/// Leaves that follow each other and whose dates do not fit those around them: the server's clock was
/// wrong when it made them.
package struct OddDates: Hashable, Sendable {
  /// The first and the last of the leaves.
  package var leaves: ClosedRange<UInt64>
  /// What the first states.
  package var date: Timestamp
  /// Whether they are dated later than what came after them, and not earlier than what came before.
  package var isAhead: Bool
  /// Whose work they hold, in the order of the log, each name once.
  package var analysts: [String]

  /// By how much a leaf may be dated before the one before it without being odd, in milliseconds: an
  /// hour, as far as a server lets its clock be set.
  static let toleranceMilliseconds: Int64 = 3_600_000

  /// Whether a leaf's time is oddly far before that of the leaf before it; milliseconds since 1970.
  static func goesBack(from earlier: Int64, to later: Int64) -> Bool {
    let (difference, isHuge) = earlier.subtractingReportingOverflow(later)
    return isHuge ? later < earlier : difference > toleranceMilliseconds
  }
}

extension LogReader {
  /// The odd dates of the log, the oldest first: at most those around the newest ``stepsMax`` leaves
  /// that go back.
  ///
  /// Where the dates go back, either those before are ahead or those after are behind: the shorter run
  /// of leaves counts as odd. The cost follows that run, never the log.
  package func oddDates() throws -> [OddDates] {
    let steps = try Row.fetchAll(
      db, sql: "SELECT position FROM leaf WHERE went_back = 1 ORDER BY position DESC LIMIT ?",
      arguments: [Self.stepsMax])
    var found: [OddDates] = []
    for row in steps.reversed() {
      let step = try row.size("position")
      if let last = found.last, last.leaves.contains(step) { continue }
      guard step > 0, let dates = try oddDates(around: step) else { continue }
      found.append(dates)
    }
    return found
  }

  private static var stepsMax: Int { 16 }

  private func oddDates(around step: UInt64) throws -> OddDates? {
    guard let before = try stated(at: step - 1), let after = try stated(at: step) else {
      return nil
    }
    var (first, end) = (step - 1, step + 1)
    while true {
      // One leaf further in both directions at a time: whichever run ends first is the shorter.
      guard first > 0, let earlier = try stated(at: first - 1),
        OddDates.goesBack(from: earlier.time.milliseconds, to: after.time.milliseconds)
      else { return try oddDates(first...(step - 1), isAhead: true) }
      guard end < treeSize, let later = try stated(at: end),
        OddDates.goesBack(from: before.time.milliseconds, to: later.time.milliseconds)
      else {
        // A run that goes on to the log's end may yet grow, and says nothing.
        if end < treeSize { return try oddDates(step...(end - 1), isAhead: false) }
        first -= 1
        continue
      }
      (first, end) = (first - 1, end + 1)
    }
  }

  private func oddDates(_ leaves: ClosedRange<UInt64>, isAhead: Bool) throws -> OddDates? {
    guard let first = try stated(at: leaves.lowerBound) else { return nil }
    var analysts: [String] = []
    for index in leaves.prefix(Self.namedMax) {
      guard let leaf = try stated(at: index) else { continue }
      let name = membership.analyst(of: leaf.replica)
      if !analysts.contains(where: { Array($0.utf8) == Array(name.utf8) }) { analysts.append(name) }
    }
    return OddDates(leaves: leaves, date: first.time, isAhead: isAhead, analysts: analysts)
  }

  /// How many leaves of a run are looked at for whose work they hold.
  private static var namedMax: Int { 1_000 }

  private func stated(at index: UInt64) throws -> (time: Timestamp, replica: ReplicaID)? {
    guard let bytes = try leafBytes(from: index, count: 1).first, let leaf = Leaf(encoded: bytes),
      let time = Timestamp(leaf.time), let replica = ReplicaID(hex: leaf.replica)
    else { return nil }
    return (time, replica)
  }
}
