import GRDB
import MergeCore
package import SyncProtocol
import TransparencyLog

/// Where a workspace's log is: what a claim code says, and what an unfinished publication takes back.
package struct ServerAddress: Sendable {
  fileprivate var url: String?
  fileprivate var slot: String?
  fileprivate var claim: String?
  fileprivate var logKey: String?
}

/// Why a store is not pointed at another server.
package enum PublicationRefusal: Error, Sendable {
  /// It has a log already, on this server in this slot.
  case alreadyPublished(url: String, slot: String)
  /// It joined a workspace that somebody else founded, and waits for its first sync.
  case notFounder
}

extension Workspace {
  /// Points the store at the slot that a claim code names; returns where it pointed before.
  ///
  /// A store that has a log goes on with that log alone: a code of the same log moves its address, and
  /// any other is a ``PublicationRefusal``.
  @discardableResult
  package func setServer(_ code: ShareCode) throws -> ServerAddress {
    let key = try VerifierKey(code.logKey)
    return try write { db in
      let log = try LogReader(db)
      let earlier = try db.serverAddress(log)
      if log.treeSize > 0, key.text != earlier.logKey {
        throw PublicationRefusal.alreadyPublished(
          url: earlier.url ?? "", slot: earlier.slot ?? "")
      }
      let isInvited = earlier.url != nil && earlier.claim == nil
      if log.treeSize == 0, isInvited { throw PublicationRefusal.notFounder }
      try db.set(
        ServerAddress(
          url: code.url, slot: code.slot,
          claim: log.treeSize == 0 ? hexText(code.secret) : nil, logKey: key.text))
      return earlier
    }
  }

  /// What the server's clock shows now, as far as the last sync told; milliseconds since 1970.
  package func serverTime() throws -> Int64 {
    machine.now() + (try read { try $0.clockOffset() }) * 1_000
  }

  /// Takes an unfinished publication back, unless the log came to this store after all.
  package func restoreServer(_ earlier: ServerAddress) throws {
    try write { db in
      let isPublished = try LogReader(db).treeSize > 0
      if !isPublished || earlier.logKey != nil { try db.set(earlier) }
    }
  }
}

extension Database {
  fileprivate func serverAddress(_ log: LogReader) throws -> ServerAddress {
    ServerAddress(
      url: try setting(.url), slot: try setting(.slot), claim: try setting(.claim),
      logKey: try String.fetchOne(self, sql: "SELECT log_key FROM log"))
  }

  fileprivate func set(_ address: ServerAddress) throws {
    try set(.url, address.url)
    try set(.slot, address.slot)
    try set(.claim, address.claim)
    try execute(sql: "UPDATE log SET log_key = ?", arguments: [address.logKey])
  }
}
