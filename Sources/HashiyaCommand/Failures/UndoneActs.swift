import CommandLineKit
import FoundationEssentials
import MergeCore
import SyncProtocol
import WorkspaceStore

/// Why `undo` does not take a membership act back, and which command does.
struct UndoneActs {
  private let reader: WorkspaceReader
  private var membership: MembershipState { reader.membership }

  init(_ reader: WorkspaceReader) { self.reader = reader }

  /// The refusal of `undo`, for an act of this store's analyst.
  ///
  /// - Parameter former: the member as the act found them, where it changed one.
  func failure(
    _ act: WireAct, by replica: ReplicaID, formerly former: FormerStanding?
  ) throws -> CommandFailure {
    let subject = membership.subject(of: act, by: replica) ?? "somebody"
    let back = try counter(act, former)
    return CommandFailure(
      .badData,
      "what you did last is no edit: \(Self.deed(act, subject)); undo takes back edits alone",
      remedy: (back.map { "to take that back: " + $0 + "; " } ?? "")
        + "to undo the edit before it: hashiya undo --edit")
  }

  private static func deed(_ act: WireAct, _ subject: String) -> StyledText {
    switch act.act {
    case .invite: "you invited \(subject)"
    case .withdrawal: "you withdrew the invite for \(subject)"
    case .roleChange: "you changed a role, to \(subject)"
    case .revocation: "you revoked \(subject)"
    case .renaming: "you renamed somebody to \(subject)"
    case .genesis, .enrolment, nil: "\(subject) began"
    }
  }

  /// The command that takes the act back, as things stand now; nil where nothing is left to take back.
  private func counter(_ act: WireAct, _ former: FormerStanding?) throws -> StyledText? {
    switch act.act {
    case .invite(let invite): return try counter(invite)
    case .withdrawal(let withdrawal):
      guard let invite = membership.invite(key: Array(withdrawal.key)) else { return nil }
      return invite.isDevice
        ? "hashiya device add" : "hashiya invite create \(operand: invite.name)"
    case .roleChange(let change):
      guard let member = membership.member(Array(change.member)), let former else { return nil }
      let name = membership.distinctName(of: member)
      return "hashiya member role \(operands: [name, former.role.rawValue])"
    case .revocation(let revocation):
      guard case .member(let id) = revocation.target, let member = membership.member(Array(id))
      else { return "hashiya device add" }
      return "hashiya invite create \(operand: member.name)"
    case .renaming(let renaming):
      guard let member = membership.member(Array(renaming.member)), let former else { return nil }
      let name = membership.distinctName(of: member)
      return "hashiya member rename \(operands: [name, former.name])"
    case .genesis, .enrolment, nil: return nil
    }
  }

  private func counter(_ invite: WireInvite) throws -> StyledText? {
    guard let made = membership.invite(key: Array(invite.key)) else { return nil }
    let digits = String(hexText(made.key).prefix(8))
    switch made.end {
    case nil: return "hashiya invite withdraw \(operand: made.isDevice ? digits : made.name)"
    case .spent(let replica) where made.isDevice:
      return "hashiya device revoke \(String(replica.hex.prefix(8)))"
    case .spent(let replica):
      return "hashiya member revoke \(operand: membership.analyst(of: replica))"
    case .withdrawn, .revoked: return nil
    }
  }
}
