package import MergeCore

extension MembershipState {
  /// Whom or what a membership act concerns, for people: names, never hexadecimal alone.
  ///
  /// These are the names of any state that has the act, such as the log's newest: people do not leave
  /// it. Nil where nothing can be said.
  package func subject(of act: WireAct, by author: ReplicaID) -> String? {
    switch act.act {
    case .genesis(let genesis): genesis.name
    case .enrolment(let enrolment): newcomer(in: enrolment, author)
    case .invite(let invite):
      if invite.member.array == member(of: author)?.id {
        "another device of \(analyst(of: author))"
      } else {
        "\(invite.name)\(Role(invite.role).map { " as \($0.rawValue)" } ?? "")"
      }
    case .withdrawal(let withdrawal):
      invite(key: withdrawal.key.array).map {
        $0.isDevice ? "another device of \(analyst(of: $0.issuer))" : $0.name
      }
    case .roleChange(let change):
      member(change.member.array).map {
        "\(distinctName(of: $0))\(Role(change.role).map { " as \($0.rawValue)" } ?? "")"
      }
    case .revocation(let revocation): subject(of: revocation)
    case .renaming(let renaming):
      member(renaming.member.array).map { member in
        let name = distinctName(of: member)
        let isCurrent = name.utf8.elementsEqual(renaming.name.utf8)
        return isCurrent ? name : "\(renaming.name), who is \(name) now"
      }
    case nil: nil
    }
  }

  /// A replica for people: `omar's device laptop (5f0c1a2b)`.
  package func deviceText(_ replica: ReplicaID) -> String {
    let digits = String(replica.hex.prefix(8))
    guard let enrolled = self.replica(replica) else { return "the device \(digits)" }
    let owner = "\(analyst(of: replica))'s device"
    return enrolled.device.isEmpty
      ? "\(owner) \(digits)" : "\(owner) \(enrolled.device) (\(digits))"
  }

  private func newcomer(in enrolment: WireEnrolment, _ author: ReplicaID) -> String? {
    let on = enrolment.device.isEmpty ? "" : " on \(enrolment.device)"
    if member(of: author) != nil { return analyst(of: author) + on }
    switch enrolment.certificate {
    case .invite(let certificate):
      return invite(key: certificate.inviteKey.array).map { $0.name + on }
    case .succession(let certificate):
      return ReplicaID(certificate.predecessor).map { analyst(of: $0) + on }
    case nil: return nil
    }
  }

  private func subject(of revocation: WireRevocation) -> String? {
    switch revocation.target {
    case .member(let id): member(id.array).map { distinctName(of: $0) }
    case .replica(let bytes): ReplicaID(bytes).map { deviceText($0) }
    case nil: nil
    }
  }
}
