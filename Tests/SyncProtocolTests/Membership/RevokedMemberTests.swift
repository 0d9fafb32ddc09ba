import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog

/// A revoked member stays out, whatever still names the person.
struct RevokedMemberTests {
  /// A workspace where two invites name member 2, of which Omar spent the first.
  private func workspace() throws -> (TestWorkspace, omar: BatchAuthor) {
    var workspace = try TestWorkspace()
    for number: UInt8 in [2, 3] {
      try workspace.push(
        inviteAct(inviteKey(number), member: 2, name: "Omar", role: .annotator))
    }
    var omar = try BatchAuthor(number: 2, workspace: workspace.founder.workspace)
    try omar.enrol(by: inviteKey(2))
    try workspace.push(&omar)
    return (workspace, omar)
  }

  private func second(_ workspace: TestWorkspace) throws -> BatchAuthor {
    var second = try BatchAuthor(number: 3, workspace: workspace.founder.workspace)
    try second.enrol(by: inviteKey(3))
    return second
  }

  @Test func `a second invite of a member who has joined admits nobody`() throws {
    var (workspace, _) = try workspace()
    var second = try second(workspace)
    let size = workspace.log.treeSize
    #expect(try refusalCode { try workspace.push(&second) } == .inviteSpent)
    #expect(workspace.log.treeSize == size)
    #expect(workspace.log.membership.replica(second.id) == nil)
  }

  @Test func `once the member is revoked, the second invite admits nobody`() throws {
    var (workspace, _) = try workspace()
    try workspace.push(revocation(ofMember: 2))
    var second = try second(workspace)
    let size = workspace.log.treeSize
    #expect(try refusalCode { try workspace.push(&second) } == .revoked)
    #expect(workspace.log.treeSize == size)
    #expect(workspace.log.membership.replica(second.id) == nil)
  }

  @Test func `work of a revoked member is refused, even of a replica that is not`() throws {
    var (workspace, omar) = try workspace()
    omar.make(try creation(1, note: "typed"))
    let batch = try ReceivedBatch(decoding: workspace.sealed(&omar))
    var view = LogWithMembers(log: workspace.log, membership: workspace.log.membership)
    let judge = BatchJudge(schema: AnnotationSchema.schema)
    #expect(try refusalCode { _ = try judge.judge(batch, at: view, leafTime: 2_000) } == nil)
    view.membership.members[1].isRevoked = true
    #expect(
      try refusalCode { _ = try judge.judge(batch, at: view, leafTime: 2_000) } == .revoked)
  }
}

/// A log whose members are others than its acts make.
private struct LogWithMembers: LogView {
  var log: MemoryLog
  var membership: MembershipState

  var workspace: Digest256? { log.workspace }
  var logKey: VerifierKey? { log.logKey }
  var treeSize: UInt64 { log.treeSize }
  var stateDigest: Digest256 { log.stateDigest }

  func root(ofSize size: UInt64) -> Digest256 { log.root(ofSize: size) }
  func chainHead(of replica: ReplicaID) -> ChainHead? { log.chainHead(of: replica) }
  func chainHash(at dot: Dot) -> Digest256? { log.chainHash(at: dot) }
  func leafIndex(of dot: Dot) -> UInt64? { log.leafIndex(of: dot) }
  func highestCounter(of replica: ReplicaID, inFirst size: UInt64) -> Counter {
    log.highestCounter(of: replica, inFirst: size)
  }
  func contains(_ identity: ChangeIdentity) -> Bool { log.contains(identity) }
  func carriers(of identity: ChangeIdentity) -> [Carrier] { log.carriers(of: identity) }
  func partOperations(on record: RecordID, _ part: RecordPart, dotsMax: Int) -> [PartOperation] {
    log.partOperations(on: record, part, dotsMax: dotsMax)
  }
  func state(of record: RecordID) -> RecordState? { log.state(of: record) }
}
