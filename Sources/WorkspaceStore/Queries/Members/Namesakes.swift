import AnnotationModel
package import SyncProtocol

// Two members of one name: refused where it is typed, and possible nonetheless, since two admins may
// invite the same name apart. Then both are shown with the beginning of their ids.

extension WorkspaceReader {
  /// The names that several living members bear, in whichever case, with those members; in log order.
  package func namesakes() -> [(name: String, members: [Member])] {
    var groups: [(name: String, members: [Member])] = []
    for member in membership.members where !member.isRevoked {
      if let index = groups.firstIndex(where: { Self.isSameName($0.name, member.name) }) {
        groups[index].members.append(member)
      } else {
        groups.append((member.name, [member]))
      }
    }
    return groups.filter { $0.members.count > 1 }
  }

  /// Whether a typed name or id means the analyst who is shown as `shown`: reading takes all of one
  /// name, where an act has to mean one member.
  package func means(_ typed: String, _ shown: String) -> Bool {
    let typed = BidiControl.trimmed(typed)
    if Self.isSameName(typed, shown) { return true }
    return membership.members.contains { member in
      membership.distinctName(of: member).utf8.elementsEqual(shown.utf8)
        && (Self.isSameName(member.name, typed) || RecordUUID.bytes(of: typed) == member.id)
    }
  }

  /// The member of a name or id.
  func member(named text: String) throws(AuthoringRefusal) -> Member {
    let typed = BidiControl.trimmed(text)
    if let bytes = RecordUUID.bytes(of: typed), let member = membership.member(bytes) {
      return member
    }
    let distinct = membership.members.filter {
      Self.isSameName(membership.distinctName(of: $0), typed)
    }
    if let member = distinct.first, distinct.count == 1 { return member }
    let named = membership.members.filter { Self.isSameName($0.name, typed) }
    let living = named.filter { !$0.isRevoked }
    let meant = living.isEmpty ? named : living
    guard let member = meant.first else { throw .unknownMember(text) }
    guard meant.count == 1 else {
      throw .ambiguousMember(text, meant.map { membership.distinctName(of: $0) })
    }
    return member
  }

  /// Whether an invite of this name admits somebody, as far as this store knows.
  package func isInvited(_ name: String) -> Bool {
    let typed = BidiControl.trimmed(name)
    return membership.invites.contains {
      $0.end == nil && !$0.isDevice && Self.isSameName($0.name, typed)
    }
  }

  /// Refuses a name that a living member other than `member` bears, or that an invite which admits
  /// somebody is for.
  func checkNameIsFree(_ name: String, except member: [UInt8]?, now: Int64) throws {
    let isTaken = membership.members.contains {
      $0.id != member && !$0.isRevoked && Self.isSameName($0.name, name)
    }
    guard !isTaken else { throw AuthoringRefusal.nameTaken(name) }
    let isInvited = try invites(now: now).contains { invite in
      !invite.isDevice && (invite.state == .open || invite.state == .pending)
        && Self.isSameName(invite.name, name)
    }
    guard !isInvited else { throw AuthoringRefusal.nameInvited(name) }
  }
}
