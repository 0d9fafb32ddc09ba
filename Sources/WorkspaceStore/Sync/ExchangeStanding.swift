import GRDB

/// How far a store has come with the log, as numbers: whatever a server says, a round that moves none
/// of them has brought nothing.
package struct ExchangeStanding: Hashable, Sendable {
  /// Leaves that the store has verified.
  package var treeSize: UInt64
  /// Own changes that the server has not acknowledged, but for the first of each replica: that one
  /// enrols it, and where changes are set aside another replica is enrolled to bring the rest.
  package var unlogged: Int
  /// Own changes that the server has proved to be in the log, and that no pull has brought yet.
  package var acknowledged: Int
  /// Batches of others that the store carries.
  package var mail: Int

  /// Whether anything has come or gone since `earlier`.
  package func hasAdvanced(since earlier: ExchangeStanding) -> Bool {
    treeSize > earlier.treeSize || unlogged < earlier.unlogged
      || acknowledged > earlier.acknowledged || mail < earlier.mail
  }
}

extension WorkspaceReader {
  /// Where the store stands.
  package func exchangeStanding() throws -> ExchangeStanding {
    func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
    return ExchangeStanding(
      treeSize: log.treeSize,
      unlogged: try count(
        "SELECT COUNT(*) FROM pending WHERE acknowledged IS NULL AND counter > 1"),
      acknowledged: try count("SELECT COUNT(*) FROM pending WHERE acknowledged IS NOT NULL"),
      mail: try count("SELECT COUNT(*) FROM mail"))
  }
}
