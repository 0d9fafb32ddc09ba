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

/// Logs whose server signs what is not so: leaves, tree and checkpoints agree with each other, and only
/// re-execution tells.
@Suite("What a lying server signed")
struct LyingServerTests {
  /// The team's log with one leaf replaced before it is hashed and signed.
  private func log(
    of team: AuditedTeam, lyingAt index: UInt64, _ lie: (inout ReplayedLeaf) throws -> Void
  ) throws -> LogFile {
    let file = try LogFile(in: team)
    for var leaf in team.exchange.log.leaves {
      if leaf.index == index {
        try lie(&leaf)
        leaf.leafBytes = leaf.leaf.encoded
      }
      try file.append(leaf)
    }
    return file
  }

  @Test("another state digest is found at every leaf, and both digests are told")
  func stateDigest() throws {
    let team = try AuditedTeam()
    let other = Digest256(DomainHash.plain([1]).bytes) ?? .zero
    for index in 0..<team.exchange.log.treeSize {
      let file = try log(of: team, lyingAt: index) { leaf in
        leaf.leaf.stateDigest = other.hex
        leaf.stateDigest = other
      }
      let honest = team.exchange.log.leaves[Int(index)].stateDigest
      expectFinding(
        try file.audit(), at: index, of: team,
        says: ["state digest stated \(other.hex), replayed \(honest.hex)"])
    }
  }

  @Test("whose change of what the lie is about is told")
  func subject() throws {
    let team = try AuditedTeam()
    let file = try log(of: team, lyingAt: team.leaves.omarsNote) {
      $0.leaf.stateDigest = Digest256.zero.hex
    }
    expectFinding(
      try file.audit(), at: team.leaves.omarsNote, of: team,
      says: ["Omar's note of \(ShortName.of(team.annotation)): state digest stated "])
    let role = try log(of: team, lyingAt: team.leaves.role) { $0.leaf.changes = 2 }
    expectFinding(
      try role.audit(), at: team.leaves.role, of: team,
      says: ["Layla's role change: changes stated 2, replayed 1"])
    let type = try log(of: team, lyingAt: team.leaves.role) { $0.leaf.type = .revoke }
    expectFinding(
      try type.audit(), at: team.leaves.role, of: team, says: ["type stated revoke, replayed role"])
  }

  @Test("every count and name in a leaf is compared, and told as it was stated and replayed")
  func counts() throws {
    let team = try AuditedTeam()
    let zero = Digest256.zero.hex
    let lies: [(String, (inout Leaf) -> Void)] = [
      ("changes stated 3, replayed 2", { $0.changes += 1 }),
      ("concurrent stated 0, replayed 1", { $0.concurrent = 0 }),
      ("conflicts opened stated 0, replayed 1", { $0.conflictsOpened = 0 }),
      ("conflicts closed stated 1, replayed 0", { $0.conflictsClosed = 1 }),
      ("first stated", { $0.first -= 1 }), ("last stated", { $0.last += 1 }),
      ("replica stated", { $0.replica = ReplicaID.zero.hex }),
      ("rules stated 2, replayed 1", { $0.rules = 2 }),
      ("epoch stated 2, replayed 1", { $0.epoch = 2 }), ("v stated 2, replayed 1", { $0.v = 2 }),
      ("batch differs", { $0.batch = zero }), ("report stated \(zero)", { $0.report = zero }),
    ]
    for (words, lie) in lies {
      let file = try log(of: team, lyingAt: team.leaves.conflict) { lie(&$0.leaf) }
      expectFinding(try file.audit(), at: team.leaves.conflict, of: team, says: [words])
    }
  }

  @Test("a merge report that leaves a decision out is found, with the leaf's hash of it or without")
  func report() throws {
    let team = try AuditedTeam()
    let index = team.leaves.conflict
    let file = try log(of: team, lyingAt: index) { leaf in
      leaf.reportBytes = MergeReport([]).encoded
      leaf.leaf.report = DomainHash.plain(leaf.reportBytes).hex
    }
    expectFinding(try file.audit(), at: index, of: team, says: ["report stated "])
    let stored = try log(of: team, lyingAt: index) { $0.reportBytes = MergeReport([]).encoded }
    expectFinding(
      try stored.audit(), at: index, of: team,
      says: ["the stored merge report is not the replayed one"])
  }

  @Test("a leaf in another spelling is found")
  func form() throws {
    let team = try AuditedTeam()
    let index = team.leaves.conflict
    let file = try LogFile(in: team)
    for var leaf in team.exchange.log.leaves {
      if leaf.index == index { leaf.leafBytes.append(0x20) }
      try file.append(leaf)
    }
    expectFinding(try file.audit(), at: index, of: team, says: ["its bytes are no leaf"])
  }

  @Test("a batch that is in the log twice is found at its second leaf")
  func twice() throws {
    let team = try AuditedTeam()
    let index = team.leaves.conflict
    let known = team.exchange.log.leaves[Int(team.leaves.creation)].judgement.batch
    let file = try log(of: team, lyingAt: index) { $0.judgement.batch = known }
    expectFinding(
      try file.audit(), at: index, of: team, says: ["its batch holds nothing that the log lacked"])
  }

  @Test(
    "leaves in another order under the checkpoints of the first are found from where they agree")
  func reordered() throws {
    let team = try AuditedTeam()
    let leaves = team.exchange.log.leaves
    let (omar, layla) = (Int(team.leaves.omarsNote), Int(team.leaves.conflict))
    let honest = try LogFile(honest: team)
    let file = try LogFile(in: team)
    for leaf in leaves[..<omar] { try file.append(leaf, isSigned: false) }
    // Neither had the other's work, so that either order is a log; but this one was signed.
    let time = leaves[omar].leaf.time
    for index in [layla, omar] {
      try file.append(
        leaves[index].judgement.batch.bytes, time: try #require(Timestamp(time)).milliseconds,
        isSigned: index == omar)
    }
    #expect(try file.audit().verified)
    for size in [omar, layla + 1] {
      let note = try #require(
        try honest.database.read {
          try LogReader(unverified: $0).checkpoint(ofAtMost: UInt64(size))
        })
      try file.alter(
        "INSERT OR REPLACE INTO checkpoint VALUES (?, ?)", [Int64(note.size), Data(note.note)])
    }
    let result = try file.audit()
    #expect(result.firstBadLeaf == UInt64(omar), "\(result)")
    #expect(
      result.reason == "leaf \(omar): it or one after it was replaced: "
        + "the signed checkpoint of \(layla + 1) leaves has another root", "\(result)")
  }
}
