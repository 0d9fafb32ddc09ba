package import MergeCore

/// What a member may do.
package enum Role: String, CaseIterable, Sendable {
  case annotator, adjudicator, auditor, admin
}

/// A person of the workspace.
package struct Member: Hashable, Sendable {
  /// 16 bytes, chosen by whoever invited the person.
  package var id: [UInt8]
  package var name: String
  package var role: Role
  package var isRevoked: Bool
}

extension Member {
  /// Whether the member's role allows edits, or why a change at `counter` is refused: one check for the
  /// log and for those who type.
  package func checkMayEdit(at counter: Counter?) throws(Refusal) {
    guard role != .auditor else {
      throw Refusal(.notPermitted, counter, "\(name) is an auditor, and reads only")
    }
  }
}

/// A replica that the log has enrolled.
package struct EnrolledReplica: Hashable, Sendable {
  package var id: ReplicaID
  /// Ed25519 public key, 32 bytes.
  package var key: [UInt8]
  package var member: [UInt8]
  /// What its owner calls it; may be empty.
  package var device: String
  package var enrolledAt: UInt64
  /// The replica that it continues, and up to where; nil unless it is a successor.
  package var succession: Succession?
  /// The replica whose invite admitted it; nil for the founder and for successors.
  package var certifiedBy: ReplicaID?
  package var isDevice: Bool
  package var isRevoked: Bool
}

/// Where a successor's chain continues its predecessor's.
package struct Succession: Hashable, Sendable {
  package var predecessor: ReplicaID
  package var counter: Counter
  package var chain: Digest256

  package init(predecessor: ReplicaID, counter: Counter, chain: Digest256) {
    self.predecessor = predecessor
    self.counter = counter
    self.chain = chain
  }
}

/// An invite in the log.
package struct LoggedInvite: Hashable, Sendable {
  package var key: [UInt8]
  package var member: [UInt8]
  package var name: String
  package var role: Role
  package var isDevice: Bool
  /// Milliseconds since 1970; 0 for never.
  package var expires: Int64
  package var issuer: ReplicaID
  /// The leaf that holds it.
  package var leaf: UInt64
  /// What ended it; nil while it admits somebody.
  ///
  /// Expiry ends nothing: a leaf's time may go back.
  package var end: InviteEnd?
}

/// What ended an invite: it admits nobody from then on.
package enum InviteEnd: Hashable, Sendable {
  /// This replica joined with it.
  case spent(by: ReplicaID)
  /// This replica withdrew it.
  case withdrawn(by: ReplicaID)
  /// The member whom it was for was revoked, or the one who bears its name (this id).
  case revoked(member: [UInt8])
}

/// Who belongs to the workspace after some leaf: the fold of the membership acts, last-in-log
/// (ruling 17).
///
/// Small: one entry a member, replica and invite. All arrays are in log order.
package struct MembershipState: Hashable, Sendable {
  package var members: [Member] = []
  package var replicas: [EnrolledReplica] = []
  package var invites: [LoggedInvite] = []

  package init() {}

  package func member(_ id: [UInt8]) -> Member? { members.first { $0.id == id } }

  package func replica(_ id: ReplicaID) -> EnrolledReplica? { replicas.first { $0.id == id } }

  package func invite(key: [UInt8]) -> LoggedInvite? { invites.first { $0.key == key } }

  /// The member that a replica belongs to.
  package func member(of replica: ReplicaID) -> Member? {
    self.replica(replica).flatMap { member($0.member) }
  }

  /// All replicas of the member that a replica belongs to, revoked ones too; none where it is unknown.
  package func replicas(sharingMemberWith replica: ReplicaID) -> Set<ReplicaID> {
    guard let member = self.replica(replica)?.member else { return [] }
    return Set(replicas.lazy.filter { $0.member == member }.map(\.id))
  }

  /// The member's name, for people (``distinctName(of:)``); the beginning of the id where the replica
  /// is unknown.
  package func analyst(of replica: ReplicaID) -> String {
    member(of: replica).map { distinctName(of: $0) } ?? String(replica.hex.prefix(8))
  }

  /// The name of a member among all who ever were: with the beginning of the id, as in `omar-3f2a`,
  /// where others bear the same, so that nobody is taken for somebody else.
  package func distinctName(of member: Member) -> String {
    let namesakes = members.filter {
      $0.id != member.id && NameLikeness.areAlike($0.name, member.name)
    }
    guard !namesakes.isEmpty else { return member.name }
    let digits = hexText(member.id)
    let others = namesakes.map { hexText($0.id) }
    let length = (4..<digits.utf8.count).first { length in
      !others.contains { $0.utf8.starts(with: digits.utf8.prefix(length)) }
    }
    return member.name + "-" + digits.prefix(length ?? digits.utf8.count)
  }

  /// The predecessors of a replica, each with the counter up to which its changes are the
  /// replica's own: what ``CausalContext/own`` holds beside the replica itself.
  ///
  /// Cost: a search among all replicas for each predecessor.
  package func lineage(of replica: ReplicaID) -> VersionVector {
    Self.lineage(of: replica) { self.replica($0)?.succession }
  }

  /// The same for whoever asks often, and has the successions at hand.
  package static func lineage(
    of replica: ReplicaID, succession: (ReplicaID) -> Succession?
  ) -> VersionVector {
    var lineage = VersionVector()
    var current = succession(replica)
    var depth = 0
    while let next = current, depth < Limits.lineageDepthMax {
      lineage.include(Dot(next.predecessor, next.counter))
      current = succession(next.predecessor)
      depth += 1
    }
    return lineage
  }

  /// What each successor continues.
  package var successions: [ReplicaID: Succession] {
    Dictionary(replicas.compactMap { replica in replica.succession.map { (replica.id, $0) } }) {
      first, _ in first
    }
  }

  /// Replicas of living members with the admin role that are not revoked themselves.
  package var adminReplicas: [EnrolledReplica] {
    replicas.filter { replica in
      guard !replica.isRevoked, let member = member(replica.member) else { return false }
      return !member.isRevoked && member.role == .admin
    }
  }
}
