import AnnotationModel
import GRDB
package import MergeCore
import SyncProtocol

/// A replica as `device list` shows one.
package struct DeviceView: Sendable {
  package var replica: ReplicaID
  package var analyst: String
  package var member: [UInt8]
  /// What its owner calls it; may be empty.
  package var name: String
  /// The leaf that enrolled it, and the time that the leaf states; no time while pending.
  package var enrolledAt: UInt64
  package var enrolledTime: Int64?
  /// The last leaf with a change of it, and the time that the leaf states; nil while there is none.
  package var lastLeaf: UInt64?
  package var lastTime: Int64?
  /// The replica that it continues, and what that is called.
  package var predecessor: ReplicaID?
  package var predecessorName: String?
  package var isRevoked: Bool
  /// Whether this store writes under it.
  package var isCurrent: Bool
}

extension WorkspaceReader {
  /// Every replica ever enrolled, in log order; two leaves read for each.
  package func devices() throws -> [DeviceView] {
    try membership.replicas.map { enrolled in
      let isLogged = log.membership.replica(enrolled.id) != nil
      let last = try lastLeaf(of: enrolled.id)
      let predecessor = enrolled.succession?.predecessor
      return DeviceView(
        replica: enrolled.id, analyst: membership.analyst(of: enrolled.id),
        member: enrolled.member, name: enrolled.device, enrolledAt: enrolled.enrolledAt,
        enrolledTime: isLogged ? try leafTime(at: enrolled.enrolledAt) : nil, lastLeaf: last,
        lastTime: try last.flatMap { try leafTime(at: $0) }, predecessor: predecessor,
        predecessorName: predecessor.flatMap { membership.replica($0)?.device },
        isRevoked: enrolled.isRevoked, isCurrent: enrolled.id == replica)
    }
  }

  /// The replica of this name, or whose id begins with these hexadecimal digits.
  ///
  /// A name means the devices that are not revoked, where there are any. Of those that continue each
  /// other it means the first: closing it closes all of them.
  package func replica(named text: String) throws(AuthoringRefusal) -> ReplicaID {
    let typed = BidiControl.trimmed(text)
    guard !typed.isEmpty else { throw .unknownReplica(text) }
    let named = membership.replicas.filter { Self.isSameName($0.device, typed) }
    let living = named.filter { !$0.isRevoked }
    var meant = (living.isEmpty ? named : living).map(\.id)
    if meant.count > 1 {
      let all = Set(meant)
      meant.removeAll { id in
        membership.replica(id)?.succession.map { all.contains($0.predecessor) } ?? false
      }
    }
    if meant.isEmpty {
      let digits = Array(typed.lowercased().utf8)
      meant = membership.replicas.map(\.id).filter { $0.hex.utf8.starts(with: digits) }
    }
    guard let first = meant.first else { throw .unknownReplica(text) }
    guard meant.count == 1 else { throw .ambiguousReplica(text, meant.sorted()) }
    return first
  }

  private func lastLeaf(of replica: ReplicaID) throws -> UInt64? {
    try Row.fetchOne(
      db.cachedStatement(
        sql: "SELECT position FROM leaf WHERE replica = ? ORDER BY last DESC LIMIT 1"),
      arguments: [replica.blob]
    )?.size("position")
  }
}
