import AnnotationModel
import GRDB
package import MergeCore
package import SyncProtocol

/// Where an invite stands; the raw values are those of JSON.
package enum InviteState: String, Sendable {
  /// Made here, and in no log yet.
  case pending
  /// Whoever has its code can join.
  case open
  /// Its time is over, as far as the server's clock is known here.
  case expired
  /// Somebody joined with it.
  case spent
  case withdrawn
  /// The person whom it was for, or who bears its name, was revoked, or the device that made it.
  case ended
}

/// An invite as `invite list` shows one.
package struct InviteView: Sendable {
  /// The one-time public key, 32 bytes: what names it.
  package var key: [UInt8]
  /// The invited person's name; one's own for a further device.
  package var name: String
  package var role: Role
  /// Whether it is for a further device of its maker's.
  package var isDevice: Bool
  /// Who made it.
  package var issuer: String
  /// Milliseconds since 1970; nil for never.
  package var expires: Int64?
  /// The leaf that has it, nil while pending, and the time that the leaf states, nil until a pull
  /// brings it.
  package var leaf: UInt64?
  package var time: Int64?
  package var state: InviteState
  /// Who joined with it and on which device, or who withdrew it.
  package var endedBy: String?
  /// The replica that joined with it; nil unless somebody did.
  package var spentBy: ReplicaID?

  /// The beginning of the key: what `invite withdraw` takes beside the name.
  package var digits: String { String(hexText(key).prefix(8)) }

  /// Whether it may still admit somebody: an expired one may, since a leaf's time may go back.
  package var stands: Bool {
    switch state {
    case .pending, .open, .expired: true
    case .spent, .withdrawn, .ended: false
    }
  }
}

extension WorkspaceReader {
  /// Every invite ever made, in log order, with one's own pending acts.
  ///
  /// - Parameter now: what the server's clock shows, milliseconds since 1970.
  package func invites(now: Int64) throws -> [InviteView] {
    let acknowledged = try acknowledgedInvites()
    return try membership.invites.map { try view($0, acknowledged[$0.key], now: now) }
  }

  /// The leaves of own invites that the server proved to have, and no pull has brought.
  private func acknowledgedInvites() throws -> [[UInt8]: UInt64] {
    let rows = try Row.fetchAll(
      db, sql: "SELECT * FROM pending WHERE is_act = 1 AND acknowledged IS NOT NULL"
    ).map(PendingRow.init)
    var leaves: [[UInt8]: UInt64] = [:]
    for row in rows {
      guard case .invite(let invite) = try row.received().skeleton.act.act else { continue }
      leaves[invite.key.array] = row.acknowledged
    }
    return leaves
  }

  /// The invites that a typed name or the beginning of a key (at least four digits) means.
  ///
  /// Of several those that stand; a name means all that stand under it.
  package func invites(named text: String, now: Int64) throws -> [InviteView] {
    let typed = BidiControl.trimmed(text)
    let digits = Array(typed.lowercased().utf8)
    let all = try invites(now: now)
    var meant = all.filter { Self.isSameName($0.name, typed) }
    if meant.isEmpty, digits.count >= Self.replicaDigitsMin {
      meant = all.filter { hexText($0.key).utf8.starts(with: digits) }
      guard meant.count <= 1 else {
        throw AuthoringRefusal.ambiguousInvite(text, meant.map(\.digits))
      }
    }
    guard !meant.isEmpty else { throw AuthoringRefusal.unknownInvite(text) }
    let standing = meant.filter(\.stands)
    return standing.isEmpty ? meant : standing
  }

  private func view(
    _ invite: LoggedInvite, _ acknowledged: UInt64?, now: Int64
  ) throws -> InviteView {
    let isHere = log.membership.invite(key: invite.key) != nil
    let leaf = isHere ? invite.leaf : acknowledged
    var view = InviteView(
      key: invite.key, name: invite.name, role: invite.role, isDevice: invite.isDevice,
      issuer: try analyst(of: invite.issuer), expires: invite.expires == 0 ? nil : invite.expires,
      leaf: leaf, time: try leaf.flatMap { try leafTime(at: $0) },
      state: .open)
    switch invite.end {
    case .spent(let replica):
      let device = membership.replica(replica)?.device ?? ""
      view.state = .spent
      view.spentBy = replica
      view.endedBy = try analyst(of: replica) + (device.isEmpty ? "" : " on \(device)")
    case .withdrawn(let replica):
      view.state = .withdrawn
      view.endedBy = try analyst(of: replica)
    case .revoked(let member):
      view.state = .ended
      view.endedBy = membership.member(member).map { membership.distinctName(of: $0) }
    case nil:
      let issuer = membership.replica(invite.issuer)
      if issuer?.isRevoked == true || membership.member(invite.member)?.isRevoked == true {
        view.state = .ended
      } else if leaf == nil {
        view.state = .pending
      } else if invite.expires != 0, invite.expires < now {
        view.state = .expired
      }
    }
    return view
  }

  /// The time that a leaf states, milliseconds since 1970; nil past the end.
  func leafTime(at index: UInt64) throws -> Int64? {
    try log.leaf(at: index).flatMap { Leaf(encoded: $0.leafBytes) }
      .flatMap { Timestamp($0.time) }?.milliseconds
  }
}
