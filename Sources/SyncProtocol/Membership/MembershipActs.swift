package import MergeCore

/// Where a membership act stands, and who makes it.
package struct ActContext: Sendable {
  package var workspace: Digest256
  package var author: ReplicaID
  package var leafIndex: UInt64
  /// The leaf's time, milliseconds since 1970: by which invites expire (ruling 18); nothing where
  /// ``isLogged``.
  package var leafTime: Int64
  /// Whether the act is read back from a log that took it in, and checked certificate and expiry
  /// then: a signature costs more than all the rest of the fold.
  package var isLogged: Bool

  package init(
    workspace: Digest256, author: ReplicaID, leafIndex: UInt64, leafTime: Int64,
    isLogged: Bool = false
  ) {
    self.workspace = workspace
    self.author = author
    self.leafIndex = leafIndex
    self.leafTime = leafTime
    self.isLogged = isLogged
  }
}

extension MembershipState {
  /// Applies an act at its place in the log, or says why its author may not make it there.
  ///
  /// - Parameter loggedChain: the chain hash at a logged dot, for certificates of successors.
  package mutating func apply(
    _ act: WireAct, at context: ActContext, loggedChain: (Dot) throws -> Digest256?
  ) throws {
    switch act.act {
    case .genesis(let genesis): try apply(genesis, at: context)
    case .enrolment(let enrolment):
      try apply(enrolment, at: context, loggedChain: loggedChain)
    case .invite(let invite): try apply(invite, at: context)
    case .roleChange(let change): try apply(change, at: context)
    case .revocation(let revocation): try apply(revocation, at: context)
    case .renaming(let renaming): try apply(renaming, at: context)
    case .withdrawal(let withdrawal): try apply(withdrawal, at: context)
    case nil: throw Refusal(.unknownOperation, 1, "this membership act is of a newer version")
    }
  }

  private mutating func apply(_ genesis: WireGenesis, at context: ActContext) throws(Refusal) {
    let key = genesis.key.array
    guard members.isEmpty, ReplicaID(publicKey: key) == context.author, isSoundKey(key),
      genesis.member.count == 16, genesis.nonce.count == 16, genesis.rules == mergeRulesVersion
    else { throw Refusal(.badCertificate, 1, "this is not a genesis of its author") }
    try checkName(genesis.name)
    try checkDevice(genesis.device)
    members.append(
      Member(id: genesis.member.array, name: genesis.name, role: .admin, isRevoked: false))
    replicas.append(
      EnrolledReplica(
        id: context.author, key: key, member: genesis.member.array, device: genesis.device,
        enrolledAt: context.leafIndex, succession: nil, certifiedBy: nil, isDevice: false,
        isRevoked: false))
  }

  private mutating func apply(_ change: WireRoleChange, at context: ActContext) throws(Refusal) {
    try requireAdmin(context.author)
    guard let role = Role(change.role) else {
      throw Refusal(.badOperation, nil, "the role is unknown")
    }
    guard let index = members.firstIndex(where: { $0.id == change.member.array }) else {
      throw Refusal(.unknownMember, nil, "there is no such member")
    }
    var next = self
    next.members[index].role = role
    try replaceKeepingAdmin(next)
  }

  /// Members have a stable id, and names may change (ruling 20): one's own, or as an admin anybody's.
  private mutating func apply(_ renaming: WireRenaming, at context: ActContext) throws(Refusal) {
    if renaming.member.array != member(of: context.author)?.id { try requireAdmin(context.author) }
    guard let index = members.firstIndex(where: { $0.id == renaming.member.array }) else {
      throw Refusal(.unknownMember, nil, "there is no such member")
    }
    try checkName(renaming.name)
    members[index].name = renaming.name
  }

  private mutating func apply(_ revocation: WireRevocation, at context: ActContext)
    throws(Refusal)
  {
    let except = Set(revocation.except.compactMap { ReplicaID($0) })
    guard revocation.except.count <= Limits.revocationExceptionsMax else {
      throw Refusal(
        .overLimit, nil, "a revocation excepts at most \(Limits.revocationExceptionsMax) replicas")
    }
    guard except.count == revocation.except.count else {
      throw Refusal(.badOperation, nil, "the exceptions are not replicas, each named once")
    }
    var next = self
    switch revocation.target {
    case .member(let id):
      try requireAdmin(context.author)
      guard let index = next.members.firstIndex(where: { $0.id == id.array }) else {
        throw Refusal(.unknownMember, nil, "there is no such member")
      }
      next.members[index].isRevoked = true
      next.endInvites(of: next.members[index])
      for replica in next.replicas where replica.member == id.array { next.revoke(replica.id, []) }
    case .replica(let bytes):
      guard let id = ReplicaID(bytes), let target = next.replica(id) else {
        throw Refusal(.unknownReplica, nil, "there is no such replica")
      }
      if target.member != member(of: context.author)?.id { try requireAdmin(context.author) }
      next.revoke(id, except)
    case nil:
      throw Refusal(.badOperation, nil, "the revocation names nobody")
    }
    try replaceKeepingAdmin(next)
  }

  /// Closes a replica, its successors and the devices it certified, unless excepted (ruling 14).
  private mutating func revoke(_ id: ReplicaID, _ except: Set<ReplicaID>) {
    guard !except.contains(id), let index = replicas.firstIndex(where: { $0.id == id }),
      !replicas[index].isRevoked
    else { return }
    replicas[index].isRevoked = true
    let member = replicas[index].member
    let dependents = replicas.filter {
      $0.succession?.predecessor == id || ($0.isDevice && $0.certifiedBy == id)
    }
    for replica in dependents where replica.member == member { revoke(replica.id, except) }
  }

  private mutating func replaceKeepingAdmin(_ next: MembershipState) throws(Refusal) {
    guard !next.adminReplicas.isEmpty else {
      throw Refusal(.lastAdmin, nil, "the workspace would have no admin")
    }
    self = next
  }

  private func requireAdmin(_ replica: ReplicaID) throws(Refusal) {
    guard let author = member(of: replica), author.role == .admin else {
      throw Refusal(.notPermitted, nil, "\(analyst(of: replica)) is no admin")
    }
  }
}

// MARK: - Enrolment

extension MembershipState {
  private mutating func apply(
    _ enrolment: WireEnrolment, at context: ActContext, loggedChain: (Dot) throws -> Digest256?
  ) throws {
    let key = enrolment.key.array
    guard ReplicaID(publicKey: key) == context.author, isSoundKey(key),
      replica(context.author) == nil
    else {
      throw Refusal(.badCertificate, 1, "the enrolment is not of its author's key")
    }
    try checkDevice(enrolment.device)
    switch enrolment.certificate {
    case .invite(let certificate):
      try admit(key, device: enrolment.device, by: certificate, at: context)
    case .succession(let certificate):
      try succeed(
        key, device: enrolment.device, by: certificate, at: context, loggedChain: loggedChain)
    case nil:
      throw Refusal(.badCertificate, 1, "the enrolment has no certificate this version knows")
    }
  }

  private mutating func succeed(
    _ key: [UInt8], device: String, by certificate: WireSuccessionCertificate,
    at context: ActContext, loggedChain: (Dot) throws -> Digest256?
  ) throws {
    guard let succession = Succession(certificate) else {
      throw Refusal(.badCertificate, 1, "the succession is not well formed")
    }
    guard let enrolled = replica(succession.predecessor) else {
      throw Refusal(.predecessorMissing, 1, "the predecessor is not in the log yet")
    }
    guard !enrolled.isRevoked else {
      throw Refusal(.revoked, 1, "the predecessor has been revoked")
    }
    let signed = successionSignedBytes(
      workspace: context.workspace, key: key, succession: succession)
    guard context.isLogged || isSigned(signed, certificate.signature, by: enrolled.key) else {
      throw Refusal(.badCertificate, 1, "the predecessor did not sign this succession")
    }
    guard let logged = try loggedChain(Dot(succession.predecessor, succession.counter)) else {
      throw Refusal(.predecessorMissing, 1, "the predecessor's last change is not in the log yet")
    }
    guard logged == succession.chain else {
      throw Refusal(.fork, 1, "the log has another change at the predecessor's counter")
    }
    replicas.append(
      EnrolledReplica(
        id: context.author, key: key, member: enrolled.member, device: device,
        enrolledAt: context.leafIndex, succession: succession, certifiedBy: nil, isDevice: false,
        isRevoked: false))
  }

  func checkName(_ name: String) throws(Refusal) {
    // Fixed ranges and no categories: those grow with every version of Unicode, and programs of
    // different years must judge alike.
    let isPrintable = name.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      case 0...0x1F, 0x7F...0x9F, 0x2028...0x2029: false
      default: true
      }
    }
    guard !name.isEmpty, name.utf8.count <= Limits.memberNameBytesMax, isPrintable else {
      throw Refusal(
        .badOperation, nil,
        "a name has 1 to \(Limits.memberNameBytesMax) bytes and no control characters")
    }
  }

  /// What a device is called is like a person's name, and may be left out.
  private func checkDevice(_ name: String) throws(Refusal) {
    if !name.isEmpty { try checkName(name) }
  }
}

extension Role {
  package init?(_ wire: WireRole) {
    switch wire {
    case .annotator: self = .annotator
    case .adjudicator: self = .adjudicator
    case .auditor: self = .auditor
    case .admin: self = .admin
    case .unspecified, .UNRECOGNIZED: return nil
    }
  }

  package var wire: WireRole {
    switch self {
    case .annotator: .annotator
    case .adjudicator: .adjudicator
    case .auditor: .auditor
    case .admin: .admin
    }
  }
}
