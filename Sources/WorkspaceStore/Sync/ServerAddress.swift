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

/// Where a store finds its log, as people ask for it.
package struct ServerSettings: Sendable {
  package var url: String
  package var slot: String
  /// The key that is pinned, as a C2SP vkey; nil before there is one.
  package var logKey: String?
  /// PEM of the authorities that alone vouch for the server's certificate; nil for the system's.
  package var authorities: String?
  /// What was found out about sizes on the way there.
  package var passingSizes: String?
}

extension WorkspaceReader {
  /// Where the log is; nil for a workspace that is on no server.
  package func serverSettings() throws -> ServerSettings? {
    guard let url = try setting(.url), let slot = try setting(.slot) else { return nil }
    return ServerSettings(
      url: url, slot: slot, logKey: log.logKey?.text, authorities: try setting(.authorities),
      passingSizes: try setting(.passingSizes))
  }
}

extension Workspace {
  /// Moves the store to another address of its server; slot, log and pinned key stay, so that the next
  /// exchange refuses any other log there.
  ///
  /// False, with nothing changed, for a workspace that is on no server.
  ///
  /// - Parameter authorities: replaces what the store remembers; nil leaves it.
  package func moveServer(to url: String, authorities: String??) throws -> Bool {
    try write { db in
      guard try db.setting(.url) != nil else { return false }
      try db.set(.url, url)
      try db.set(.passingSizes, nil)
      if let authorities { try db.set(.authorities, authorities) }
      return true
    }
  }

  /// Remembers whose certificates alone are believed for the server; nil changes nothing.
  package func remember(authorities: String?) throws {
    guard let authorities else { return }
    try write { try $0.set(.authorities, authorities) }
  }

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
      logKey: log.logKey?.text)
  }

  fileprivate func set(_ address: ServerAddress) throws {
    try set(.url, address.url)
    try set(.slot, address.slot)
    try set(.claim, address.claim)
    try setLogKey(address.logKey)
  }
}
