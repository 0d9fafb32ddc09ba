import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing

/// Invites that are taken back, and those that end with the person they are for.
struct InviteWithdrawalTests {
  private func code(_ workspace: inout TestWorkspace, _ author: inout BatchAuthor) throws
    -> Refusal?
  {
    let batch = try workspace.sealed(&author)
    do {
      try workspace.log.append(batch, time: 2_000)
      return nil
    } catch let refusal as Refusal {
      return refusal
    }
  }

  private func withdrawal(_ number: UInt8) throws -> WireAct {
    var act = WireAct()
    act.withdrawal.key = try inviteKey(number).publicKey.rawRepresentation
    return act
  }

  /// What comes of an act of a copy of `author`, which is replaced when the log takes it.
  private func make(_ act: WireAct, by author: inout BatchAuthor, _ workspace: inout TestWorkspace)
    throws -> Refusal?
  {
    var trying = author
    trying.make(act)
    let refusal = try code(&workspace, &trying)
    if refusal == nil { author = trying }
    return refusal
  }

  private func join(_ number: UInt8, by invite: UInt8, _ workspace: inout TestWorkspace) throws
    -> Refusal?
  {
    var author = try BatchAuthor(number: number, workspace: workspace.founder.workspace)
    try author.enrol(by: inviteKey(invite))
    return try code(&workspace, &author)
  }

  @Test func `a withdrawn invite admits nobody, and says who withdrew it`() throws {
    var workspace = try TestWorkspace()
    try workspace.push(inviteAct(inviteKey(2), member: 2, name: "Omar", role: .annotator))
    try workspace.push(withdrawal(2))
    #expect(workspace.log.leaves.last?.leaf.type == .uninvite)
    let refusal = try #require(try join(2, by: 2, &workspace))
    #expect(refusal.code == .inviteWithdrawn)
    #expect(refusal.detail.contains("Layla"))
    #expect(!refusal.code.isRetryable)
    #expect(workspace.log.membership.members.count == 1)
    // The key is not invited again: whoever has the old code would have the new one.
    var founder = workspace.founder
    let again = try inviteAct(inviteKey(2), member: 2, name: "Omar", role: .annotator)
    #expect(try make(again, by: &founder, &workspace)?.code == .badOperation)
  }

  @Test
  func `whoever made an invite may withdraw it, from any device, and any admin, and nobody else`()
    throws
  {
    var workspace = try TestWorkspace()
    var nadia = try workspace.admit(3, name: "Nadia", role: .admin)
    var omar = try workspace.admit(4, name: "Omar")
    #expect(
      try make(
        inviteAct(inviteKey(5), member: 5, name: "Sami", role: .annotator), by: &nadia, &workspace)
        == nil)
    #expect(try make(withdrawal(5), by: &omar, &workspace)?.code == .notPermitted)
    // Her invite stays hers when she is an admin no more.
    try workspace.push(roleAct(member: 3, .annotator))
    #expect(try make(withdrawal(5), by: &nadia, &workspace) == nil)
    // One for a device of Omar's, by Omar's other device, and another by an admin.
    for number: UInt8 in [6, 7, 8] {
      let act = try inviteAct(inviteKey(number), member: 4, name: "", role: .unspecified)
      #expect(try make(act, by: &omar, &workspace) == nil)
    }
    var phone = try BatchAuthor(number: 6, workspace: workspace.founder.workspace)
    try phone.enrol(by: inviteKey(6))
    #expect(try code(&workspace, &phone) == nil)
    #expect(try make(withdrawal(7), by: &nadia, &workspace)?.code == .notPermitted)
    #expect(try make(withdrawal(7), by: &phone, &workspace) == nil)
    try workspace.push(withdrawal(8))
    for number: UInt8 in [7, 8] {
      #expect(try join(9, by: number, &workspace)?.code == .inviteWithdrawn)
    }
  }

  @Test func `a used invite is not withdrawn, and the refusal names who joined`() throws {
    var workspace = try TestWorkspace()
    _ = try workspace.admit(2, name: "Omar")
    var founder = workspace.founder
    let refusal = try #require(try make(withdrawal(2), by: &founder, &workspace))
    #expect(refusal.code == .badOperation)
    #expect(refusal.detail.contains("Omar has joined"))
    let unknown = try #require(try make(withdrawal(77), by: &founder, &workspace))
    #expect(unknown.code == .badOperation)
  }

  @Test func `two who withdraw an invite apart agree`() throws {
    var workspace = try TestWorkspace()
    var nadia = try workspace.admit(3, name: "Nadia", role: .admin)
    try workspace.push(inviteAct(inviteKey(5), member: 5, name: "Sami", role: .annotator))
    try workspace.push(withdrawal(5))
    #expect(try make(withdrawal(5), by: &nadia, &workspace) == nil)
    let end = workspace.log.membership.invite(
      key: try inviteKey(5).publicKey.rawRepresentation.array)
    #expect(end?.end == .withdrawn(by: workspace.founder.id))
  }

  // MARK: Revoked people

  @Test func `revoking a person ends the invites for a new member of the same bytes of a name`()
    throws
  {
    var workspace = try TestWorkspace()
    _ = try workspace.admit(2, name: "Omar")
    for (number, name): (UInt8, String) in [(5, "Omar"), (6, "omar"), (7, "Omar S.")] {
      try workspace.push(inviteAct(inviteKey(number), member: number, name: name, role: .admin))
    }
    try workspace.push(revocation(ofMember: 2))
    #expect(try join(5, by: 5, &workspace)?.code == .revoked)
    #expect(try join(6, by: 6, &workspace) == nil, "Unicode's tables decide nothing here")
    #expect(try join(7, by: 7, &workspace) == nil)
    // An invite that comes later is somebody's decision, and stands.
    try workspace.push(inviteAct(inviteKey(8), member: 8, name: "Omar", role: .annotator))
    #expect(try join(8, by: 8, &workspace) == nil)
  }

  @Test func `the name is the one that the person bears where the revocation stands in the log`()
    throws
  {
    var workspace = try TestWorkspace()
    _ = try workspace.admit(2, name: "Omar")
    for (number, name): (UInt8, String) in [(5, "Omar"), (6, "Umar")] {
      try workspace.push(
        inviteAct(inviteKey(number), member: number, name: name, role: .annotator))
    }
    var renaming = WireAct()
    renaming.renaming.member = Data(repeating: 2, count: 16)
    renaming.renaming.name = "Umar"
    try workspace.push(renaming)
    try workspace.push(revocation(ofMember: 2))
    #expect(try join(5, by: 5, &workspace) == nil)
    #expect(try join(6, by: 6, &workspace)?.code == .revoked)
  }

  @Test func `members of one name are told apart by their ids`() throws {
    var workspace = try TestWorkspace()
    let first = try workspace.admit(2, name: "Omar")
    let second = try workspace.admit(3, name: "Omar")
    let membership = workspace.log.membership
    #expect(membership.analyst(of: first.id) == "Omar-0202")
    #expect(membership.analyst(of: second.id) == "Omar-0303")
    #expect(membership.analyst(of: workspace.founder.id) == "Layla")
  }

  // MARK: Devices

  @Test
  func `a device has the name that its owner gave it, of at most as many bytes as a member's`()
    throws
  {
    let longest = String(repeating: "x", count: Limits.memberNameBytesMax)
    for (name, isGood) in [
      ("", true), ("laptop", true), (longest, true), (longest + "x", false), ("a\nb", false),
    ] {
      var workspace = try TestWorkspace()
      try workspace.push(inviteAct(inviteKey(2), member: 2, name: "Omar", role: .annotator))
      var omar = try BatchAuthor(number: 2, workspace: workspace.founder.workspace)
      var act = WireAct()
      act.enrolment = try WireEnrolment(
        replicaKey: omar.key.publicKey, invite: inviteKey(2), workspace: omar.workspace)
      act.enrolment.device = name
      omar.make(act)
      #expect(try code(&workspace, &omar)?.code == (isGood ? nil : .badOperation))
      if isGood { #expect(workspace.log.membership.replica(omar.id)?.device == name) }
    }
  }
}
