import Auditor
import Crypto
import FoundationEssentials
import GRDB
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

/// Logs of a server that takes in what it should refuse, as if its members were others; all that it signs
/// agrees with each other.
@Suite("What a lying server let through")
struct ForbiddenBatchTests {
  /// The team's log and one more leaf, accepted by a server that believes what `lie` makes of the members.
  private func log(
    of team: AuditedTeam, accepting batch: [UInt8], lie: (inout MembershipState) throws -> Void
  ) throws -> LogFile {
    let file = try LogFile(honest: team)
    try file.append(batch, time: 1_800_000_000_000, lie: lie)
    return file
  }

  @Test("a forged signature is found: the server cannot make an edit in an analyst's name")
  func forgedSignature() throws {
    let team = try AuditedTeam()
    try team.omar.edit { _ = try $0.edit(team.annotation, RecordEdit(note: "what Omar wrote")) }
    let batch = try WireBatch(serializedBytes: team.nextBatch(of: team.omar))
    var forged = batch
    let forger = Curve25519.Signing.PrivateKey()
    forged.signature = try forger.signature(
      for: Array("hashiya/v1/batch-signature\0".utf8) + batch.header)
    let replica = try #require(ReplicaID(WireBatchHeader(serializedBytes: batch.header).replica))
    let file = try log(of: team, accepting: forged.serializedBytes()) { membership in
      for index in membership.replicas.indices where membership.replicas[index].id == replica {
        membership.replicas[index].key = Array(forger.publicKey.rawRepresentation)
      }
    }
    expectFinding(
      try file.audit(), at: team.exchange.log.treeSize, of: team,
      says: ["Omar's note of ", "the batch is not signed with the key of Omar"])
  }

  @Test("an auditor's edit that the server let through is found")
  func role() throws {
    let team = try AuditedTeam()
    // Nadia has not received yet that she is an auditor.
    try team.nadia.edit { _ = try $0.addLabel("hers") }
    let file = try log(of: team, accepting: team.nextBatch(of: team.nadia)) { membership in
      for index in membership.members.indices { membership.members[index].role = .admin }
    }
    expectFinding(
      try file.audit(), at: team.exchange.log.treeSize, of: team,
      says: ["Nadia's label ", "Nadia is an auditor, and reads only"])
  }

  @Test("an act that only an admin may make, made and signed by another, is found")
  func act() throws {
    let team = try AuditedTeam()
    let invitation = try team.layla.edit { try $0.invite(name: "Sami", role: .annotator) }
    let invite = try Curve25519.Signing.PrivateKey(rawRepresentation: invitation.code.secret)
    var sami = try BatchAuthor(
      number: 77, workspace: try #require(team.exchange.log.workspace))
    let file = try LogFile(honest: team)
    let time: Int64 = 1_800_000_000_000
    try file.append(try team.nextBatch(of: team.layla), time: time)
    try sami.enrol(by: invite)
    try file.append(try sami.seal(), time: time)
    #expect(try file.audit().verified)
    var act = WireAct()
    act.roleChange.member = Data(invitation.member)
    act.roleChange.role = .admin
    sami.make(act)
    try file.append(try sami.seal(), time: time) { membership in
      for index in membership.members.indices { membership.members[index].role = .admin }
    }
    let result = try file.audit()
    let leaf = team.exchange.log.treeSize + 2
    #expect(result.firstBadLeaf == leaf, "\(result)")
    #expect(
      result.reason?.hasPrefix("leaf \(leaf): Sami's role change: its batch may not stand there: ")
        == true, "\(result)")
  }

  @Test("work of a revoked member that the server let through is found")
  func revoked() throws {
    let team = try AuditedTeam()
    try team.omar.edit { _ = try $0.edit(team.annotation, RecordEdit(note: "late")) }
    let batch = try team.nextBatch(of: team.omar)
    try team.layla.edit { _ = try $0.revoke(member: "Omar") }
    let file = try LogFile(honest: team)
    try file.append(try team.nextBatch(of: team.layla), time: 1_800_000_000_000)
    try file.append(batch, time: 1_800_000_000_000) { membership in
      for index in membership.replicas.indices { membership.replicas[index].isRevoked = false }
      for index in membership.members.indices { membership.members[index].isRevoked = false }
    }
    let result = try file.audit()
    let leaf = team.exchange.log.treeSize + 1
    #expect(result.firstBadLeaf == leaf, "\(result)")
    #expect(result.reason?.contains("has been revoked") == true, "\(result)")
  }

  @Test("a key that the server enrolled in an analyst's name, without an invite, is found")
  func enrolment() throws {
    let team = try AuditedTeam()
    let invite = Curve25519.Signing.PrivateKey()
    let workspace = try #require(team.exchange.log.workspace)
    var stranger = try BatchAuthor(number: 77, workspace: workspace)
    try stranger.enrol(by: invite)
    let omar = try #require(team.exchange.log.membership.members.first { $0.name == "Omar" })
    let file = try log(of: team, accepting: try stranger.seal()) { membership in
      var own = membership.invites[0]
      own.key = Array(invite.publicKey.rawRepresentation)
      own.member = omar.id
      own.isDevice = true
      own.end = nil
      membership.invites.append(own)
    }
    expectFinding(
      try file.audit(), at: team.exchange.log.treeSize, of: team,
      says: ["enrolment: its batch may not stand there: "])
  }

  @Test("a content left out of a batch is found, although the tree knows nothing of contents")
  func contentLeftOut() throws {
    let team = try AuditedTeam()
    for index in [team.leaves.creation, team.leaves.omarsNote] {
      let honest = team.exchange.log.leaves[Int(index)].judgement.batch
      var wire = try WireBatch(serializedBytes: honest.bytes)
      let place = try #require(wire.changes.firstIndex { !$0.contents.isEmpty })
      let kept = try #require(honest.changes[place].contents.first)
      wire.changes[place].contents[0] = WireContent.with {
        $0.commitment = Data(kept.commitment.bytes)
      }
      // A seed that derives no salt any more goes too, or it would tell.
      if !wire.changes.contains(where: { $0.contents.contains(where: \.hasValue) }) {
        wire.seeds = []
      }
      let bytes: [UInt8] = try wire.serializedBytes()
      let file = try LogFile(in: team)
      for var leaf in team.exchange.log.leaves {
        if leaf.index == index { leaf.judgement.batch = try ReceivedBatch(decoding: bytes) }
        try file.append(leaf)
      }
      expectFinding(
        try file.audit(), at: index, of: team,
        says: ["a content is left out, and no withdrawal allows it"])
    }
  }
}
