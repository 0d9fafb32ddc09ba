import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// Where one of the store's own changes is on its way to the log.
package struct PendingReport: Sendable {
  package enum State: Sendable {
    /// No server has said that it has it.
    case waiting
    /// The server proved that a leaf has it; the next pull brings it.
    case acknowledged(leaf: UInt64)
    /// The server refused it: it is out of the state, and kept.
    case refused(code: String, reason: String)
  }

  package var dot: Dot
  /// The author's claimed time, milliseconds since 1970.
  package var time: Int64
  package var state: State
}

/// How many changes of one analyst a sync brought.
package struct BroughtChanges: Sendable {
  package var analyst: String
  package var count: Int
}

/// What a server sent and was refused, since which no exchange has ended well.
package struct RefusedAnswer: Sendable {
  /// Milliseconds since 1970.
  package var time: Int64
  package var reason: String
}

extension WorkspaceReader {
  /// The last answer, if it was refused; nil once an exchange has ended well.
  package func refusedAnswer() throws -> RefusedAnswer? {
    guard let text = try setting(.refused) else { return nil }
    let parts = text.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let time = Int64(parts[0]) else {
      throw StoreFailure.corrupt("the setting refused does not decode")
    }
    return RefusedAnswer(time: time, reason: String(parts[1]))
  }

  /// Every own change that the state does not have from the log, the oldest first, and then those
  /// that were refused.
  package func pendingReports() throws -> [PendingReport] {
    let pending = PendingChanges(db)
    let waiting = try pending.rows().map { row in
      PendingReport(
        dot: row.dot, time: try pending.decode(row).time,
        state: row.acknowledged.map { .acknowledged(leaf: $0) } ?? .waiting)
    }
    let refused = try Quarantine(db).rows().map { row in
      PendingReport(
        dot: row.change.dot, time: try pending.decode(row.change).time,
        state: .refused(code: row.code, reason: row.reason))
    }
    return waiting + refused
  }

  /// What others did that the last sync which brought anything brought: analyst by analyst, in the
  /// order of their names' bytes.
  package func broughtByLastSync() throws -> [BroughtChanges] {
    guard let from = try setting(.broughtFrom).flatMap({ Int64($0) }) else { return [] }
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT replica, SUM(last - first + 1) AS changes FROM leaf
        WHERE position >= ? AND replica NOT IN (SELECT id FROM own_replica) GROUP BY replica
        """, arguments: [from])
    var counts: [String: Int] = [:]
    for row in rows {
      let analyst = membership.analyst(of: try row.replica("replica"))
      counts[analyst, default: 0] += Int(try row.number("changes"))
    }
    return counts.map { BroughtChanges(analyst: $0.key, count: $0.value) }
      .sorted { Array($0.analyst.utf8).lexicographicallyPrecedes(Array($1.analyst.utf8)) }
  }
}
