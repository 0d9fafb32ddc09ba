import GRDB
import MergeCore
import SyncProtocol

// A revoked replica may never see the leaf that revokes it, since the server answers it no more. So the
// store remembers the server's word, until the server takes something of it again.

extension Workspace {
  /// Remembers that the server called this store's replica revoked.
  package func rememberRevocation() throws {
    let replica = try read { $0.replica }
    try logDatabase.write { db in try db.set(.revoked, replica.hex) }
  }
}

extension WorkspaceReader {
  /// Whether the log, or the server in its last answer, has this store's replica revoked.
  package func isRevoked() throws -> Bool {
    if try setting(.revoked) == replica.hex { return true }
    guard let enrolled = membership.replica(replica) else { return false }
    return enrolled.isRevoked || membership.member(enrolled.member)?.isRevoked ?? false
  }

  /// Refuses what would reach nobody, before it is made.
  func checkIsNotRevoked() throws {
    guard try isRevoked() else { return }
    let name = try analyst(of: replica)
    throw AuthoringRefusal.refusedByAll(
      Refusal(.revoked, nil, "this device of \(name)'s has been revoked"), nil)
  }
}
