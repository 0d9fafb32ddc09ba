import MergeCore

// Invites: made, withdrawn, spent, and ended with the person they are for (rulings 14 and 18).

extension MembershipState {
  mutating func apply(_ invite: WireInvite, at context: ActContext) throws(Refusal) {
    guard let author = member(of: context.author) else {
      throw Refusal(.unknownReplica, nil, "the inviting replica is not enrolled")
    }
    let isDevice = invite.member.array == author.id
    let role = Role(invite.role)
    guard isDevice || author.role == .admin else {
      throw Refusal(.notPermitted, nil, "\(author.name) is no admin, and may not invite")
    }
    guard isSoundKey(invite.key.array), invite.member.count == 16, isDevice || role != nil,
      self.invite(key: invite.key.array) == nil, isDevice || member(invite.member.array) == nil
    else { throw Refusal(.badOperation, nil, "the invite is not well formed") }
    if !isDevice { try checkName(invite.name) }
    invites.append(
      LoggedInvite(
        key: invite.key.array, member: invite.member.array,
        name: isDevice ? author.name : invite.name, role: role ?? author.role, isDevice: isDevice,
        expires: invite.expires, issuer: context.author, leaf: context.leafIndex, end: nil))
  }

  /// Ends an invite that nobody has used.
  ///
  /// One that has ended otherwise stays as it is: two admins who withdraw it apart agree.
  mutating func apply(_ withdrawal: WireInviteWithdrawal, at context: ActContext)
    throws(Refusal)
  {
    guard let author = member(of: context.author) else {
      throw Refusal(.unknownReplica, nil, "the withdrawing replica is not enrolled")
    }
    guard let index = invites.firstIndex(where: { $0.key == withdrawal.key.array }) else {
      throw Refusal(.badOperation, nil, "there is no such invite")
    }
    let invite = invites[index]
    guard author.role == .admin || replica(invite.issuer)?.member == author.id else {
      throw Refusal(
        .notPermitted, nil, "\(author.name) is no admin, and did not make the invite")
    }
    switch invite.end {
    case .spent(let replica):
      throw Refusal(.badOperation, nil, "\(analyst(of: replica)) has joined with this invite")
    case .withdrawn, .revoked: return
    case nil: invites[index].end = .withdrawn(by: context.author)
    }
  }

  /// Ends what would let a revoked member in again: the invites of that id, and those for a new member
  /// of the name that the member bears at this leaf, compared byte by byte, since everybody has to
  /// judge alike whatever Unicode's tables say.
  mutating func endInvites(of member: Member) {
    for index in invites.indices where invites[index].end == nil {
      let isNamesake =
        !invites[index].isDevice && invites[index].name.utf8.elementsEqual(member.name.utf8)
      if invites[index].member == member.id || isNamesake {
        invites[index].end = .revoked(member: member.id)
      }
    }
  }

  /// Enrols a replica by an invite, and makes the member unless there is one.
  mutating func admit(
    _ key: [UInt8], device: String, by certificate: WireInviteCertificate, at context: ActContext
  ) throws(Refusal) {
    guard let index = invites.firstIndex(where: { $0.key == certificate.inviteKey.array }) else {
      throw Refusal(.inviteUnknown, 1, "the server does not have this invite yet")
    }
    let invite = invites[index]
    guard
      context.isLogged
        || isSigned(
          inviteSignedBytes(workspace: context.workspace, key: key), certificate.signature,
          by: invite.key)
    else { throw Refusal(.badCertificate, 1, "the invite did not sign this replica's key") }
    try checkStands(invite, at: context)
    invites[index].end = .spent(by: context.author)
    if member(invite.member) == nil {
      members.append(
        Member(id: invite.member, name: invite.name, role: invite.role, isRevoked: false))
    }
    replicas.append(
      EnrolledReplica(
        id: context.author, key: key, member: invite.member, device: device,
        enrolledAt: context.leafIndex, succession: nil, certifiedBy: invite.issuer,
        isDevice: invite.isDevice, isRevoked: false))
  }

  /// Refuses an invite that has ended, whose time is over, or whose issuer or member is out.
  private func checkStands(_ invite: LoggedInvite, at context: ActContext) throws(Refusal) {
    switch invite.end {
    case .spent: throw Refusal(.inviteSpent, 1, "the invite has been used")
    case .withdrawn(let replica):
      throw Refusal(.inviteWithdrawn, 1, "\(analyst(of: replica)) has withdrawn the invite")
    case .revoked:
      throw Refusal(.revoked, 1, "\(invite.name), for whom the invite was, has been revoked")
    case nil: break
    }
    let isInTime = context.isLogged || invite.expires == 0 || context.leafTime <= invite.expires
    guard isInTime else { throw Refusal(.inviteExpired, 1, "the invite has expired") }
    guard let issuer = replica(invite.issuer), !issuer.isRevoked else {
      throw Refusal(.revoked, 1, "the replica that invited has been revoked")
    }
    // Several invites may have named the same member before one was spent.
    guard let known = member(invite.member) else { return }
    guard !known.isRevoked else { throw Refusal(.revoked, 1, "the member has been revoked") }
    guard invite.isDevice else {
      throw Refusal(.inviteSpent, 1, "another invite for this member has been used")
    }
  }
}
