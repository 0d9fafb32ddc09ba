import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

struct SuccessionTests {
  private func code(_ workspace: inout TestWorkspace, _ author: inout BatchAuthor) throws
    -> Refusal.Code?
  {
    let batch = try workspace.sealed(&author)
    return try refusalCode { try workspace.log.append(batch, time: 2_000) }
  }

  private func successor(
    _ number: UInt8, of predecessor: BatchAuthor, after counter: Counter? = nil,
    chain: Digest256? = nil
  ) throws -> BatchAuthor {
    var author = try BatchAuthor(number: number, workspace: predecessor.workspace)
    try author.succeed(
      predecessor, after: counter ?? predecessor.counter, chain: chain ?? predecessor.chain)
    return author
  }

  // MARK: Ruling 12

  @Test("ruling 12: a successor is accepted once its predecessor's last change is logged")
  func predecessorMissing() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(try creation(1, note: "x"))
    var next = try successor(20, of: omar)
    let enrolment = try workspace.sealed(&next)
    #expect(
      try refusalCode { try workspace.log.append(enrolment, time: 2_000) } == .predecessorMissing)
    try workspace.push(&omar)
    #expect(try refusalCode { try workspace.log.append(enrolment, time: 2_000) } == nil)
    #expect(workspace.log.membership.member(of: next.id)?.name == "Omar")
  }

  @Test("ruling 12: coverage through a certificate is by chain hash, and another hash is a fork")
  func otherChain() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    var copy = omar
    omar.make(try creation(1, note: "mine"))
    copy.make(try creation(1, note: "other"))
    try workspace.push(&omar)
    var next = try successor(20, of: copy)
    #expect(try code(&workspace, &next) == .fork)
  }

  @Test("ruling 12: a certificate that the predecessor did not sign, or for another place, fails")
  func unsigned() throws {
    var workspace = try TestWorkspace()
    let omar = try workspace.admit(2, name: "Omar")
    let stranger = try BatchAuthor(number: 9, workspace: omar.workspace)
    var signed = try successor(20, of: omar)
    signed.make(WireAct())
    var enrolment = try WireSkeleton(serializedBytes: signed.pending[0].skeleton).act.enrolment
    let whole = enrolment
    var altered: [WireEnrolment] = []
    enrolment.succession.counter += 1
    altered.append(enrolment)
    enrolment = whole
    enrolment.succession.chain[0] ^= 1
    altered.append(enrolment)
    enrolment = whole
    enrolment.succession.counter = .max
    altered.append(enrolment)
    enrolment = try WireEnrolment(
      replicaKey: signed.key.publicKey,
      succession: Succession(predecessor: omar.id, counter: omar.counter, chain: omar.chain),
      predecessorKey: stranger.key, workspace: omar.workspace)
    altered.append(enrolment)
    for enrolment in altered {
      var author = try BatchAuthor(number: 20, workspace: omar.workspace)
      var act = WireAct()
      act.enrolment = enrolment
      author.make(act)
      #expect(try code(&workspace, &author) == .badCertificate)
    }
    var orphan = try successor(20, of: stranger, after: 1, chain: .zero)
    #expect(try code(&workspace, &orphan) == .predecessorMissing)
  }

  // MARK: Ruling 13

  @Test("ruling 13: the predecessor goes on, and two copies may each have a successor there")
  func bothGoOn() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    var first = try successor(20, of: omar)
    var second = try successor(21, of: omar)
    #expect(try code(&workspace, &first) == nil)
    #expect(try code(&workspace, &second) == nil)
    for (number, author) in [(UInt8(1), omar), (2, first), (3, second)] {
      var author = author
      author.make(try creation(number, note: "x"))
      #expect(try code(&workspace, &author) == nil)
    }
    omar.make(try creation(1, note: "x"))
    let lineage = workspace.log.membership.lineage(of: first.id)
    #expect(lineage.entries == [Dot(omar.id, 1)])
  }

  // MARK: Ruling 14

  @Test("ruling 14: a revoked replica certifies nothing")
  func revokedCertifiesNothing() throws {
    var workspace = try TestWorkspace()
    let omar = try workspace.admit(2, name: "Omar")
    try workspace.push(revocation(ofReplica: omar.id))
    var next = try successor(20, of: omar)
    #expect(try code(&workspace, &next) == .revoked)
  }

  @Test("ruling 14: revocation closes successors and certified devices, unless excepted")
  func revocationSpreads() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(inviteAct(try inviteKey(12), member: 2, name: "", role: .unspecified))
    #expect(try code(&workspace, &omar) == nil)
    var phone = try BatchAuthor(number: 12, workspace: omar.workspace)
    try phone.enrol(by: inviteKey(12))
    #expect(try code(&workspace, &phone) == nil)
    var next = try successor(20, of: omar)
    #expect(try code(&workspace, &next) == nil)
    var last = try successor(22, of: next)
    #expect(try code(&workspace, &last) == nil)

    var excepting = workspace
    try excepting.push(revocation(ofReplica: omar.id, except: [phone.id]))
    let open = excepting.log.membership.replicas.filter { !$0.isRevoked }.map(\.id)
    #expect(open == [workspace.founder.id, phone.id])
    try workspace.push(revocation(ofReplica: omar.id))
    let left = workspace.log.membership.replicas.filter { !$0.isRevoked }.map(\.id)
    #expect(left == [workspace.founder.id])
  }

  @Test("ruling 14: what a revocation closed brings nothing more, and what it excepted goes on")
  func closedReplicas() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    var devices: [BatchAuthor] = []
    for number in [UInt8(12), 13] {
      omar.make(inviteAct(try inviteKey(number), member: 2, name: "", role: .unspecified))
      #expect(try code(&workspace, &omar) == nil)
      var device = try BatchAuthor(number: number, workspace: omar.workspace)
      try device.enrol(by: inviteKey(number))
      #expect(try code(&workspace, &device) == nil)
      devices.append(device)
    }
    var next = try successor(20, of: omar)
    #expect(try code(&workspace, &next) == nil)
    var ofDevice = try successor(22, of: devices[0])
    #expect(try code(&workspace, &ofDevice) == nil)
    let nadia = try workspace.admit(3, name: "Nadia")
    // A device that was invited before, and enrols only now.
    omar.make(inviteAct(try inviteKey(14), member: 2, name: "", role: .unspecified))
    #expect(try code(&workspace, &omar) == nil)
    try workspace.push(revocation(ofReplica: omar.id, except: [devices[1].id]))
    let digest = workspace.log.stateDigest

    for var closed in [omar, next, devices[0], ofDevice] {
      closed.make(try creation(1, note: "late"))
      #expect(try code(&workspace, &closed) == .revoked)
    }
    var late = try BatchAuthor(number: 14, workspace: omar.workspace)
    try late.enrol(by: inviteKey(14))
    #expect(try code(&workspace, &late) != nil)
    #expect(workspace.log.stateDigest == digest)
    for (number, var open) in zip([UInt8(2), 3], [devices[1], nadia]) {
      open.make(try creation(number, note: "in time"))
      #expect(try code(&workspace, &open) == nil)
    }
  }

  @Test("a person may revoke an own replica, and nobody else's without being an admin")
  func ownReplicas() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    let nadia = try workspace.admit(3, name: "Nadia")
    var next = try successor(20, of: omar)
    #expect(try code(&workspace, &next) == nil)
    omar.make(revocation(ofReplica: nadia.id))
    #expect(try code(&workspace, &omar) == .notPermitted)
    omar = try BatchAuthor(number: 2, workspace: next.workspace)
    next.make(revocation(ofReplica: omar.id, except: [next.id]))
    #expect(try code(&workspace, &next) == nil)
    #expect(workspace.log.membership.replica(next.id)?.isRevoked == false)
  }

  @Test("exceptions are limited, and each is named once")
  func exceptions() throws {
    var workspace = try TestWorkspace()
    let omar = try workspace.admit(2, name: "Omar")
    func act(_ count: Int) throws -> WireAct {
      let ids = try (0..<count).map { index in
        let bytes = DomainHash.plain([UInt8(index & 255), UInt8(index >> 8)]).bytes.prefix(16)
        guard let id = ReplicaID(bytes) else { throw TestFailure.fixture }
        return id
      }
      return revocation(ofReplica: omar.id, except: ids)
    }
    for (act, expected) in [
      (try act(Limits.revocationExceptionsMax + 1), Refusal.Code.overLimit),
      (revocation(ofReplica: omar.id, except: [omar.id, omar.id]), .badOperation),
      (try act(Limits.revocationExceptionsMax), nil),
    ] {
      var founder = workspace.founder
      founder.make(act)
      #expect(try code(&workspace, &founder) == expected)
    }
  }
}
