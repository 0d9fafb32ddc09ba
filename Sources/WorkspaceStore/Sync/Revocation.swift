import GRDB
import MergeCore
import SyncProtocol

// A revoked replica may never see the leaf that revokes it, since the server answers it no more. So the
// store remembers the server's word.

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
}
