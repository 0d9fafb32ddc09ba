import AnnotationModel
import Crypto
import FoundationEssentials
package import MergeCore
package import SyncProtocol
import TransparencyLog

/// An invite just made, to be handed over as one line.
package struct Invitation: Sendable {
  /// The invited member's id, 16 bytes; one's own for a further device.
  package var member: [UInt8]
  package var name: String
  package var role: Role
  package var code: ShareCode
}

extension Workspace {
  /// Whether the invite of a code stands, in the log or pending: one that was refused does not.
  package func isInvited(by code: ShareCode) throws -> Bool {
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: code.secret)
    return try read { reader in
      reader.membership.invite(key: key.publicKey.rawRepresentation.array) != nil
    }
  }
}

extension Workspace {
  /// Whether this store was made with an invite's code: its first replica is enrolled by it, in the log
  /// or pending.
  package func isOf(_ code: ShareCode) throws -> Bool {
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: code.secret)
      .publicKey.rawRepresentation
    return try read { reader in
      if case .spent(let replica) = reader.membership.invite(key: key.array)?.end {
        return try reader.ownReplicas().contains(replica)
      }
      return try PendingChanges(reader.db).rows().contains { row in
        guard row.isAct, case .enrolment(let enrolment) = try row.received().skeleton.act.act,
          case .invite(let certificate) = enrolment.certificate
        else { return false }
        return certificate.inviteKey == key
      }
    }
  }
}

// Membership acts: what their author may not do is refused at once, by the rules that the log's
// judge applies (ruling 17).

extension WorkspaceEditor {
  /// Invites a person; the code is good once, when the invite is in the log (ruling 18).
  ///
  /// Invites of the name whose time is over are withdrawn by the way, since a server whose clock goes
  /// back would let them live again.
  ///
  /// - Parameters:
  ///   - name: what no other member is called, in whichever case and normal form, and no invite is for
  ///     that still admits somebody.
  ///   - expires: milliseconds since 1970; nil for never.
  package mutating func invite(name: String, role: Role, expires: Int64? = nil) throws
    -> Invitation
  {
    try requireAdmin()
    let name = String(
      decoding: try AuthoringRefusal.accept(name, as: .memberName), as: UTF8.self)
    try reader.checkNameIsFree(name, except: nil, now: serverTime())
    try withdrawNamesakes(of: name)
    return try invite(
      member: machine.randomBytes(16), name: name, role: role, isDevice: false, expires: expires)
  }

  /// Invites another device of the same person.
  package mutating func addDevice(expires: Int64? = nil) throws -> Invitation {
    guard let author = reader.membership.member(of: reader.replica) else {
      throw AuthoringRefusal.unknownReplica(reader.replica.hex)
    }
    return try invite(
      member: author.id, name: author.name, role: author.role, isDevice: true, expires: expires)
  }

  /// Gives a member, by name or id, another role.
  package mutating func setRole(member: String, role: Role) throws {
    try requireAdmin()
    var change = WireRoleChange()
    change.member = Data(try reader.member(named: member).id)
    change.role = role.wire
    var act = WireAct()
    act.roleChange = change
    try make(act)
  }

  /// Gives a member, by name or id, another name: one's own, or as an admin anybody's.
  package mutating func rename(member: String, to name: String) throws {
    let subject = try reader.member(named: member)
    if subject.id != reader.membership.member(of: reader.replica)?.id { try requireAdmin() }
    let name = String(
      decoding: try AuthoringRefusal.accept(name, as: .memberName), as: UTF8.self)
    try reader.checkNameIsFree(name, except: subject.id, now: serverTime())
    var renaming = WireRenaming()
    renaming.member = Data(subject.id)
    renaming.name = name
    var act = WireAct()
    act.renaming = renaming
    try make(act)
  }

  /// Revokes a member, by name or id, with all replicas and the invites that would let the person in
  /// again; returns the member, and how many invites ended.
  ///
  /// The revocation itself ends those of the same bytes (Protocol, §11). Those of a name that only looks
  /// the same are withdrawn after it.
  @discardableResult
  package mutating func revoke(member: String) throws -> (member: Member, invites: Int) {
    try requireAdmin()
    let subject = try reader.member(named: member)
    let standing = try reader.invites(now: serverTime()).count(where: \.stands)
    var revocation = WireRevocation()
    revocation.member = Data(subject.id)
    var act = WireAct()
    act.revocation = revocation
    // Whoever revokes themselves may do nothing afterwards.
    let isOwn = reader.membership.member(of: reader.replica)?.id == subject.id
    if isOwn { try withdrawNamesakes(of: subject.name) }
    try make(act)
    if !isOwn { try withdrawNamesakes(of: subject.name) }
    let left = try reader.invites(now: serverTime()).count(where: \.stands)
    return (subject, standing - left)
  }

  /// Withdraws the invites that stand under a name, or the one whose key begins with these digits;
  /// returns them, none when all had been ended before.
  ///
  /// Throws ``AuthoringRefusal/inviteUsed(_:)`` for one that somebody has joined with.
  package mutating func withdrawInvites(named reference: String) throws -> [InviteView] {
    let meant = try reader.invites(named: reference, now: serverTime())
    let standing = meant.filter(\.stands)
    if standing.isEmpty, let used = meant.last(where: { $0.state == .spent }) {
      throw AuthoringRefusal.inviteUsed(used)
    }
    for invite in standing { try withdraw(invite) }
    return standing
  }

  private mutating func withdrawNamesakes(of name: String) throws {
    let namesakes = try reader.invites(now: serverTime()).filter {
      $0.stands && !$0.isDevice && WorkspaceReader.isSameName($0.name, name)
    }
    for invite in namesakes { try withdraw(invite) }
  }

  private mutating func withdraw(_ invite: InviteView) throws {
    var act = WireAct()
    act.withdrawal.key = Data(invite.key)
    try make(act)
  }

  /// What the server's clock shows now, as far as the last sync told.
  private func serverTime() throws -> Int64 {
    machine.now() + (try reader.clockOffset()) * 1_000
  }

  /// Revokes a replica with its successors and the devices it certified, unless excepted
  /// (ruling 14); one's own, or as an admin anybody's.
  package mutating func revoke(replica: ReplicaID, except: [ReplicaID] = []) throws {
    let membership = reader.membership
    guard let target = membership.replica(replica) else {
      throw AuthoringRefusal.unknownReplica(replica.hex)
    }
    if target.member != membership.member(of: reader.replica)?.id { try requireAdmin() }
    var revocation = WireRevocation()
    revocation.replica = Data(replica.bytes)
    revocation.except = Set(except).sorted().map { Data($0.bytes) }
    var act = WireAct()
    act.revocation = revocation
    try make(act)
  }

  private mutating func invite(
    member: [UInt8], name: String, role: Role, isDevice: Bool, expires: Int64?
  ) throws -> Invitation {
    guard let url = try reader.setting(.url), let slot = try reader.setting(.slot),
      let logKey = reader.log.logKey, let workspace = try reader.workspace()
    else { throw AuthoringRefusal.notPublished }
    let key = try Curve25519.Signing.PrivateKey(rawRepresentation: machine.randomBytes(32))
    var invite = WireInvite()
    invite.key = key.publicKey.rawRepresentation
    invite.member = Data(member)
    if !isDevice {
      invite.name = name
      invite.role = role.wire
    }
    invite.expires = expires ?? 0
    var act = WireAct()
    act.invite = invite
    try make(act)
    let code = ShareCode(
      purpose: .invite, url: url, slot: slot, logKey: logKey.text,
      secret: key.rawRepresentation.array, workspace: workspace)
    return Invitation(member: member, name: name, role: role, code: code)
  }

  /// Commits an act that the members as they are allow.
  private mutating func make(_ act: WireAct) throws {
    guard let workspace = try reader.workspace() else { throw AuthoringRefusal.notPublished }
    try reader.checkIsNotRevoked()
    var membership = reader.membership
    let context = ActContext(
      workspace: workspace, author: reader.replica, leafIndex: reader.log.treeSize,
      leafTime: machine.now())
    do {
      try membership.apply(act, at: context) { _ in nil }
    } catch let refusal as Refusal {
      throw AuthoringRefusal.act(refusal)
    }
    try commit(act: act)
  }

  private func requireAdmin() throws {
    let membership = reader.membership
    guard membership.member(of: reader.replica)?.role == .admin else {
      throw AuthoringRefusal.notAdmin(try reader.analyst(of: reader.replica))
    }
  }
}
