import FoundationEssentials
import GRDB
import MergeCore
package import SyncProtocol

/// A member as an act found one.
package struct FormerStanding: Hashable, Sendable {
  package var name: String
  package var role: Role
}

extension WorkspaceReader {
  /// A member's name and role before an act, in the log or pending; nil where the acts before it do not
  /// tell.
  ///
  /// Cost: every act before it is read.
  func standing(of member: [UInt8], before act: Dot) throws -> FormerStanding? {
    var standing: FormerStanding?
    let changes = ChangeReader(self)
    let logged = try Row.fetchCursor(
      db,
      sql: """
        SELECT change.* FROM change JOIN leaf ON leaf.position = change.leaf
        WHERE is_act = 1 ORDER BY change.leaf, change.counter
        """)
    while let row = try logged.next() {
      let dot = Dot(try row.replica("replica"), try row.counter("counter"))
      if dot == act { return standing }
      guard let made = try changes.change(dot, at: .leaf(row.size("leaf"))).act else { continue }
      Self.apply(made, to: &standing, member)
    }
    for row in try PendingChanges(db).rows() {
      if row.dot == act { return standing }
      guard let made = try PendingChanges(db).decode(row).act else { continue }
      Self.apply(made, to: &standing, member)
    }
    return standing
  }

  private static func apply(
    _ act: WireAct, to standing: inout FormerStanding?, _ member: [UInt8]
  ) {
    switch act.act {
    case .genesis(let genesis) where genesis.member.array == member:
      standing = FormerStanding(name: genesis.name, role: .admin)
    case .invite(let invite) where invite.member.array == member:
      // An invite for a further device of the same person gives no role.
      guard let role = Role(invite.role) else { return }
      standing = FormerStanding(name: invite.name, role: role)
    case .roleChange(let change) where change.member.array == member:
      if let role = Role(change.role) { standing?.role = role }
    case .renaming(let renaming) where renaming.member.array == member:
      standing?.name = renaming.name
    default: return
    }
  }
}
