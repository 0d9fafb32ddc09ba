import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Membership acts as they are typed")
struct MembershipAuthoringTests {
  @Test("a workspace without a server invites nobody")
  func notPublished() throws {
    let lone = try LoneStore()
    #expect(
      refuses {
        try lone.store.edit { _ = try $0.invite(name: "Omar", role: .annotator) }
      } where: {
        if case .notPublished = $0 { true } else { false }
      })
  }

  @Test("who is no admin is told so before anything is written")
  func notAdmin() throws {
    let team = try Team()
    let pending = try team.omar.read { try $0.pendingCount() }
    let acts: [(inout WorkspaceEditor) throws -> Void] = [
      { _ = try $0.invite(name: "Zayd", role: .annotator) },
      { try $0.setRole(member: "Nadia", role: .admin) }, { try $0.revoke(member: "Layla") },
    ]
    for act in acts {
      #expect(
        refuses {
          try team.omar.edit(act)
        } where: {
          if case .notAdmin("Omar") = $0 { true } else { false }
        })
    }
    #expect(try team.omar.read { try $0.pendingCount() } == pending)
  }

  @Test("an invite's code holds what joining needs")
  func invitation() throws {
    let team = try Team()
    let invitation = try team.layla.edit { try $0.invite(name: "Zayd", role: .auditor) }
    let code = try ShareCode(text: invitation.code.text)
    #expect(code == invitation.code)
    #expect(code.workspace == (try team.layla.read { try $0.workspace() }))
    #expect(code.secret.count == 32)
    #expect(invitation.member.count == 16)
    #expect(invitation.role == .auditor)
  }

  @Test("names are not given twice, roles need a member, and the last admin stays")
  func refusals() throws {
    let team = try Team()
    let cases: [((inout WorkspaceEditor) throws -> Void, (AuthoringRefusal) -> Bool)] = [
      (
        { _ = try $0.invite(name: "Omar", role: .annotator) },
        { if case .nameTaken("Omar") = $0 { true } else { false } }
      ),
      (
        { try $0.setRole(member: "Zayd", role: .admin) },
        { if case .unknownMember("Zayd") = $0 { true } else { false } }
      ),
      (
        { try $0.setRole(member: "layla", role: .annotator) },
        { if case .act(let refusal) = $0 { refusal.code == .lastAdmin } else { false } }
      ),
      (
        { _ = try $0.invite(name: "a\nb", role: .annotator) },
        {
          if case .text(let error) = $0 {
            error == .controlCharacter(.memberName, "\n", offset: 1)
          } else {
            false
          }
        }
      ),
    ]
    for (act, isExpected) in cases {
      #expect(refuses({ try team.layla.edit(act) }, where: isExpected))
    }
  }

  @Test("roles, devices and revocations reach everybody")
  func acts() throws {
    let team = try Team()
    let omar = try team.omar.read { $0.replica }
    try team.layla.edit { try $0.setRole(member: "Nadia", role: .admin) }
    let device = try team.omar.edit { try $0.addDevice() }
    try team.syncAll()
    #expect(device.name == "Omar")
    try team.nadia.edit { try $0.revoke(replica: omar) }
    try team.exchange.sync(team.nadia)
    try team.exchange.pull(team.layla)
    try team.layla.read { reader in
      #expect(reader.members().map(\.name) == ["Layla", "Omar", "Nadia"])
      #expect(reader.members().map(\.role) == [.admin, .annotator, .admin])
      #expect(try reader.devices().filter(\.isRevoked).map(\.replica) == [omar])
      let found = try reader.replica(named: String(omar.hex.prefix(6)))
      #expect(found == omar)
    }
  }
}
