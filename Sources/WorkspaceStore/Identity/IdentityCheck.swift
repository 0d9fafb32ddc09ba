import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol

/// A nonce that a transaction stores, and the file to settle on it once the transaction is durable.
struct Rotation {
  var file: StateFile
  var nonce: [UInt8]
}

/// The check before a process's first write: whether this store is the one that wrote last here.
struct IdentityCheck {
  let machine: Machine

  /// Compares the database's nonce with the machine's, and rotates both; mints a successor when they
  /// differ.
  ///
  /// Runs inside the first writing transaction.
  func rotate(_ db: Database) throws -> Rotation {
    var replica = try OwnReplica.active(db)
    let file = StateFile(directory: machine.stateDirectory, replica: replica.id)
    if try !file.read().contains(replica.nonce) {
      replica = try freeze(replica, db)
    }
    return try rotate(replica, db)
  }

  /// Records a replica that was just made on this machine.
  func begin(_ db: Database) throws -> Rotation {
    try rotate(OwnReplica.active(db), db)
  }

  private func rotate(_ replica: OwnReplica, _ db: Database) throws -> Rotation {
    let next = machine.randomBytes(16)
    let file = StateFile(directory: machine.stateDirectory, replica: replica.id)
    try file.write(current: replica.nonce, next: next)
    try db.updateSealed(
      "own_replica", set: [("nonce", Data(next))], where: "id = ?", [replica.id.blob])
    return Rotation(file: file, nonce: next)
  }

  /// The store was copied or restored: what it made stays under its dots, what comes is a
  /// successor's.
  private func freeze(_ replica: OwnReplica, _ db: Database) throws -> OwnReplica {
    let end = try ChainEnd(of: replica.id, db, LogReader(db))
    guard end.counter > 0 else { return replica }
    let successor = try db.mintSuccessor(
      of: replica, after: (end.counter, end.hash), machine: machine)
    try db.tell(
      "This store was copied or restored. Nothing is lost: it goes on as a successor of its "
        + "earlier replica \(replica.id.hex.prefix(8)).", machine: machine)
    return successor
  }
}
