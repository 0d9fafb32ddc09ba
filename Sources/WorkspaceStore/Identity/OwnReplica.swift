package import Crypto
import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol

/// A replica that this store is, or was: its keys, and whom it continues.
package struct OwnReplica: Sendable {
  package let id: ReplicaID
  let privateKey: Curve25519.Signing.PrivateKey
  let secret: SeedSecret
  /// Compared with the machine's state file before the first write of a process.
  var nonce: [UInt8]
  /// Where it continues a predecessor; nil for the store's first replica.
  package let succession: Succession?

  /// The key that signs the replica's requests and batches.
  package var signingKey: Curve25519.Signing.PrivateKey { privateKey }

  /// A new replica with fresh keys.
  init(machine: Machine, succession: Succession?) throws {
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: machine.randomBytes(32))
    self.init(
      key: key, secret: SeedSecret(machine.randomBytes(32)), nonce: machine.randomBytes(16),
      succession: succession)
  }

  private init(
    key: Curve25519.Signing.PrivateKey, secret: SeedSecret, nonce: [UInt8],
    succession: Succession?
  ) {
    id = ReplicaID(publicKey: key.publicKey.rawRepresentation.array)
    privateKey = key
    self.secret = secret
    self.nonce = nonce
    self.succession = succession
  }

  init(_ row: Row) throws {
    let bytes = try row.sealed(in: "own_replica").bytes("private_key")
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes),
      ReplicaID(publicKey: key.publicKey.rawRepresentation.array) == (try row.replica("id"))
    else { throw StoreFailure.corrupt("an own replica's key is not its own") }
    var succession: Succession?
    if try row.optionalBytes("predecessor") != nil {
      succession = Succession(
        predecessor: try row.replica("predecessor"),
        counter: try row.counter("predecessor_counter"), chain: try row.digest("predecessor_chain"))
    }
    self.init(
      key: key, secret: SeedSecret(try row.bytes("seed_secret")), nonce: try row.bytes("nonce"),
      succession: succession)
  }

  func insert(_ db: Database) throws {
    try db.insertSealed(
      into: "own_replica",
      [
        try db.nextNumber(of: "ordinal", in: "own_replica"), id.blob, privateKey.rawRepresentation,
        Data(secret.bytes), Data(nonce), succession?.predecessor.blob,
        succession.map { Int64($0.counter.rawValue) }, succession?.chain.blob,
      ])
  }

  /// The replica that writes: the latest.
  static func active(_ db: Database) throws -> OwnReplica {
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT * FROM own_replica ORDER BY ordinal DESC LIMIT 1")
    else { throw StoreFailure.corrupt("the store has no replica of its own") }
    return try OwnReplica(row)
  }

  /// What one of the store's own replicas continues, by the certificates that the store holds: the
  /// same as ``MembershipState/lineage(of:)`` once the log has taken them in, and there before.
  ///
  /// Nil for a replica that is not the store's own.
  static func lineage(of replica: ReplicaID, _ db: Database) throws -> VersionVector? {
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT * FROM own_replica ORDER BY ordinal"))
    var predecessors: [ReplicaID: Dot] = [:]
    var isOwn = false
    for row in rows {
      let id = try row.sealed(in: "own_replica").replica("id")
      if id == replica { isOwn = true }
      if try row.optionalBytes("predecessor") != nil {
        predecessors[id] = Dot(
          try row.replica("predecessor"), try row.counter("predecessor_counter"))
      }
    }
    guard isOwn else { return nil }
    var lineage = VersionVector()
    var next = predecessors[replica]
    while let end = next, !lineage.contains(end) {
      lineage.include(end)
      next = predecessors[end.replica]
    }
    return lineage
  }

  static func all(_ db: Database) throws -> [OwnReplica] {
    try Row.fetchAll(db, sql: "SELECT * FROM own_replica ORDER BY ordinal").map(OwnReplica.init)
  }
}
