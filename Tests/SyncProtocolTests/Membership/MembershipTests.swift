import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing

struct MembershipTests {
  private func code(
    _ workspace: inout TestWorkspace, _ author: inout BatchAuthor, time: Int64 = 2_000
  ) throws -> Refusal.Code? {
    let batch = try workspace.sealed(&author)
    return try refusalCode { try workspace.log.append(batch, time: time) }
  }

  private func code(_ workspace: inout TestWorkspace, _ act: WireAct) throws -> Refusal.Code? {
    var founder = workspace.founder
    founder.make(act)
    let code = try code(&workspace, &founder)
    if code == nil { workspace.founder = founder }
    return code
  }

  // MARK: Rulings 17 and 19

  @Test("ruling 17: an act is judged by its author's role at its place in the log")
  func actsOfRoles() throws {
    for role in Role.allCases {
      var workspace = try TestWorkspace()
      var nadia = try workspace.admit(3, name: "Nadia", role: role)
      _ = try workspace.admit(2, name: "Omar")
      nadia.make(roleAct(member: 2, .auditor))
      #expect(try code(&workspace, &nadia) == (role == .admin ? nil : .notPermitted))
    }
  }

  @Test("ruling 17: the last act in the log counts, and work is judged by the role at its leaf")
  func lastInLog() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar", role: .auditor)
    #expect(try code(&workspace, roleAct(member: 2, .adjudicator)) == nil)
    omar.make(try creation(1, note: "typed as an auditor"))
    #expect(try code(&workspace, &omar) == nil)
    #expect(try code(&workspace, roleAct(member: 2, .auditor)) == nil)
    omar.make(try rewrite(1, note: "typed before"))
    #expect(try code(&workspace, &omar) == .notPermitted)
    #expect(workspace.log.membership.member(of: omar.id)?.role == .auditor)
  }

  @Test("ruling 19: the last admin is neither demoted nor revoked")
  func lastAdmin() throws {
    var workspace = try TestWorkspace()
    let founder = workspace.founder.id
    #expect(try code(&workspace, roleAct(member: 1, .annotator)) == .lastAdmin)
    #expect(try code(&workspace, revocation(ofMember: 1)) == .lastAdmin)
    #expect(try code(&workspace, revocation(ofReplica: founder)) == .lastAdmin)
  }

  @Test("ruling 19: any admin may revoke the founder's replica")
  func founderRevoked() throws {
    var workspace = try TestWorkspace()
    var nadia = try workspace.admit(3, name: "Nadia", role: .admin)
    nadia.make(revocation(ofReplica: workspace.founder.id))
    #expect(try code(&workspace, &nadia) == nil)
    #expect(try code(&workspace, roleAct(member: 3, .annotator)) == .revoked)
    nadia.make(roleAct(member: 3, .annotator))
    #expect(try code(&workspace, &nadia) == .lastAdmin)
  }

  // MARK: Ruling 18

  @Test("ruling 18: an invite that the log does not have yet is retried later")
  func unknownInvite() throws {
    var workspace = try TestWorkspace()
    var omar = try BatchAuthor(number: 2, workspace: workspace.founder.workspace)
    try omar.enrol(by: inviteKey(2))
    let batch = try workspace.sealed(&omar)
    #expect(
      try refusalCode { try workspace.log.append(batch, time: 2_000) } == .inviteUnknown)
    #expect(Refusal.Code.inviteUnknown.isRetryable)
    try workspace.push(inviteAct(inviteKey(2), member: 2, name: "Omar", role: .annotator))
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == nil)
    // A lost answer: the same enrolment again is a success.
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == nil)
    #expect(workspace.log.treeSize == 3)
  }

  @Test("ruling 18: an invite is good for one replica")
  func spentInvite() throws {
    var workspace = try TestWorkspace()
    _ = try workspace.admit(2, name: "Omar")
    var other = try BatchAuthor(number: 9, workspace: workspace.founder.workspace)
    try other.enrol(by: inviteKey(2))
    #expect(try code(&workspace, &other) == .inviteSpent)
  }

  @Test("ruling 18: an invite expires by the leaf's time", arguments: [2_999, 3_000, 3_001])
  func expiry(time: Int64) throws {
    var workspace = try TestWorkspace()
    let invite = try inviteKey(2)
    try workspace.push(
      inviteAct(invite, member: 2, name: "Omar", role: .annotator, expires: 3_000))
    var omar = try BatchAuthor(number: 2, workspace: workspace.founder.workspace)
    try omar.enrol(by: invite)
    #expect(try code(&workspace, &omar, time: time) == (time <= 3_000 ? nil : .inviteExpired))
  }

  @Test("ruling 14: an invite of a replica that was revoked since admits nobody")
  func inviteOfRevoked() throws {
    var workspace = try TestWorkspace()
    var nadia = try workspace.admit(3, name: "Nadia", role: .admin)
    nadia.make(inviteAct(try inviteKey(2), member: 2, name: "Omar", role: .annotator))
    #expect(try code(&workspace, &nadia) == nil)
    #expect(try code(&workspace, revocation(ofReplica: nadia.id)) == nil)
    var omar = try BatchAuthor(number: 2, workspace: workspace.founder.workspace)
    try omar.enrol(by: inviteKey(2))
    #expect(try code(&workspace, &omar) == .revoked)
  }

  // MARK: Forms

  @Test("invites that are not well formed are refused")
  func inviteForms() throws {
    var workspace = try TestWorkspace()
    let key = try inviteKey(2)
    let whole = inviteAct(key, member: 2, name: "Omar", role: .annotator)
    var acts: [WireAct] = []
    for change in [
      { $0.invite.key.removeLast() }, { $0.invite.member.removeLast() },
      { $0.invite.role = .unspecified }, { $0.invite.role = .UNRECOGNIZED(9) },
      { $0.invite.name = "" }, { $0.invite.name = "O\u{0}" }, { $0.invite.name = "O\n" },
      { $0.invite.name = String(repeating: "o", count: Limits.memberNameBytesMax + 1) },
    ] as [(inout WireAct) -> Void] {
      var act = whole
      change(&act)
      acts.append(act)
    }
    for act in acts { #expect(try code(&workspace, act) == .badOperation) }
    #expect(try code(&workspace, whole) == nil)
    #expect(try code(&workspace, whole) == .badOperation)
  }

  @Test("a name of exactly the limit is taken")
  func longestName() throws {
    var workspace = try TestWorkspace()
    let name = String(repeating: "o", count: Limits.memberNameBytesMax)
    let act = inviteAct(try inviteKey(2), member: 2, name: name, role: .annotator)
    #expect(try code(&workspace, act) == nil)
  }

  @Test("acts on members and replicas that there are not are refused")
  func unknownSubjects() throws {
    var workspace = try TestWorkspace()
    let stranger = try BatchAuthor(number: 9).id
    #expect(try code(&workspace, roleAct(member: 9, .admin)) == .unknownMember)
    #expect(try code(&workspace, revocation(ofMember: 9)) == .unknownMember)
    #expect(try code(&workspace, revocation(ofReplica: stranger)) == .unknownReplica)
    #expect(try code(&workspace, roleAct(member: 1, .unspecified)) == .badOperation)
    #expect(try code(&workspace, WireAct()) == .unknownOperation)
    var nobody = WireAct()
    nobody.revocation = WireRevocation()
    #expect(try code(&workspace, nobody) == .badOperation)
  }

  @Test("an enrolment with a certificate that does not hold is refused")
  func badCertificates() throws {
    var workspace = try TestWorkspace()
    let invite = try inviteKey(2)
    try workspace.push(inviteAct(invite, member: 2, name: "Omar", role: .annotator))
    let omar = try BatchAuthor(number: 2, workspace: workspace.founder.workspace)
    let certified = try WireEnrolment(
      replicaKey: omar.key.publicKey, invite: invite, workspace: omar.workspace)
    var elsewhere = certified
    elsewhere.invite.signature = try WireEnrolment(
      replicaKey: omar.key.publicKey, invite: invite, workspace: .zero
    ).invite.signature
    var otherKey = certified
    otherKey.key = workspace.founder.key.publicKey.rawRepresentation
    var none = certified
    none.certificate = nil
    var broken = certified
    broken.invite.signature[0] ^= 1
    for enrolment in [elsewhere, otherKey, none, broken] {
      var author = omar
      var act = WireAct()
      act.enrolment = enrolment
      author.make(act)
      #expect(try code(&workspace, &author) == .badCertificate)
    }
  }

  @Test("ruling 20: names change, by their bearer or an admin, and the member stays the same")
  func renaming() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar", role: .auditor)
    var nadia = try workspace.admit(3, name: "Nadia")
    func rename(_ member: UInt8, _ name: String) -> WireAct {
      var act = WireAct()
      act.renaming.member = Data(repeating: member, count: 16)
      act.renaming.name = name
      return act
    }
    omar.make(rename(2, "عمر"))
    #expect(try code(&workspace, &omar) == nil)
    #expect(workspace.log.membership.member(of: omar.id)?.name == "عمر")
    #expect(workspace.log.leaves.last?.leaf.type == .rename)
    nadia.make(rename(2, "Nobody"))
    #expect(try code(&workspace, &nadia) == .notPermitted)
    #expect(try code(&workspace, rename(9, "Nobody")) == .unknownMember)
    for name in ["", "a\nb", String(repeating: "o", count: Limits.memberNameBytesMax + 1)] {
      #expect(try code(&workspace, rename(2, name)) == .badOperation)
    }
    #expect(try code(&workspace, rename(2, "Omar")) == nil)
    #expect(workspace.log.membership.members.map(\.name) == ["Layla", "Omar", "Nadia"])
  }

  @Test("a further device joins by its member's own invite, with the member's name and role")
  func furtherDevice() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar", role: .adjudicator)
    let invite = try inviteKey(12)
    omar.make(inviteAct(invite, member: 2, name: "", role: .unspecified))
    #expect(try code(&workspace, &omar) == nil)
    var phone = try BatchAuthor(number: 12, workspace: omar.workspace)
    try phone.enrol(by: invite)
    #expect(try code(&workspace, &phone) == nil)
    #expect(workspace.log.membership.member(of: phone.id)?.name == "Omar")
    #expect(workspace.log.membership.replica(phone.id)?.isDevice == true)
    phone.make(try creation(1, note: "x"))
    #expect(try code(&workspace, &phone) == nil)
  }
}
