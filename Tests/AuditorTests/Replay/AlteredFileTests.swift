import Auditor
import FoundationEssentials
import GRDB
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@Suite("What was altered in a log's file")
struct AlteredFileTests {
  @Test("an honest log verifies, with its size and root, and every leaf is told of")
  func honest() throws {
    let team = try AuditedTeam()
    let log = team.exchange.log
    var told: [UInt64] = []
    let result = try LogAuditor(source: LogFile(honest: team).database).audit { done, total in
      told.append(done)
      #expect(total == log.treeSize)
    }
    let root = Base64.encode(log.root(ofSize: log.treeSize).bytes)
    #expect(
      result
        == AuditResult(
          verified: true, size: log.treeSize, root: root, workspace: log.workspace?.hex,
          logKey: log.logKey))
    #expect(told.last == log.treeSize)
  }

  @Test("any altered byte of a leaf is found at that leaf")
  func leafBytes() throws {
    let team = try AuditedTeam()
    let random = SeededRandom(seed: 11)
    for leaf in 0..<team.exchange.log.treeSize {
      let file = try LogFile(honest: team)
      var place = 0
      try file.alter("bytes", ofLeaf: leaf) { bytes in
        place = random.below(bytes.count)
        bytes[place] ^= UInt8(1 << random.below(8))
      }
      expectFinding(
        try file.audit(), at: leaf, of: team,
        says: ["its bytes were altered: the tree has another hash for it"])
    }
  }

  @Test("any altered bit of a batch is found at its leaf", arguments: 1...4)
  func batchBytes(seed: UInt64) throws {
    let team = try AuditedTeam()
    let random = SeededRandom(seed: seed)
    for leaf in 0..<team.exchange.log.treeSize {
      let file = try LogFile(honest: team)
      var place = (byte: 0, bit: 0)
      try file.alter("batch", ofLeaf: leaf) { bytes in
        place = (random.below(bytes.count), random.below(8))
        bytes[place.byte] ^= UInt8(1 << place.bit)
      }
      let result = try file.audit()
      #expect(result.firstBadLeaf == leaf, "seed \(seed), byte and bit \(place): \(result)")
    }
  }

  @Test("the author and the part whose batch was altered are named")
  func batchSubject() throws {
    let team = try AuditedTeam()
    let file = try LogFile(honest: team)
    try file.alter("batch", ofLeaf: team.leaves.omarsNote) { bytes in
      bytes = bytes.replacing(Array("by Omar".utf8), with: Array("by Amal".utf8))
    }
    let handle = ShortName.of(team.annotation)
    expectFinding(
      try file.audit(), at: team.leaves.omarsNote, of: team,
      says: ["Omar's note of \(handle): its batch may not stand there: "])
  }

  @Test("an altered merge report is found at its leaf, and so is one that is gone")
  func report() throws {
    let team = try AuditedTeam()
    for leaf in 0..<team.exchange.log.treeSize {
      let file = try LogFile(honest: team)
      try file.alter("report", ofLeaf: leaf) { $0[$0.count / 2] ^= 1 }
      expectFinding(
        try file.audit(), at: leaf, of: team,
        says: ["the stored merge report is not the replayed one"])
    }
    let file = try LogFile(honest: team)
    try file.alter("report", ofLeaf: team.leaves.conflict) { $0 = [] }
    expectFinding(try file.audit(), at: team.leaves.conflict, of: team, says: ["report"])
  }

  @Test("a missing leaf is named, be it the first, one between or the last")
  func missingLeaf() throws {
    let team = try AuditedTeam()
    for leaf in 0..<team.exchange.log.treeSize {
      let file = try LogFile(honest: team)
      try file.alter("DELETE FROM leaf WHERE position = ?", [Int64(leaf)])
      expectFinding(try file.audit(), at: leaf, of: team, says: ["it is missing"])
    }
  }

  @Test("leaves that changed places are found at the first of them")
  func reorderedLeaves() throws {
    let team = try AuditedTeam()
    for leaf in 0..<(team.exchange.log.treeSize - 1) {
      let file = try LogFile(honest: team)
      let places = [(leaf, 1_000), (leaf + 1, leaf), (1_000, leaf + 1)]
      for (from, to) in places {
        try file.alter("UPDATE leaf SET position = ? WHERE position = ?", [Int64(to), Int64(from)])
      }
      expectFinding(try file.audit(), at: leaf, of: team, says: ["its bytes were altered"])
    }
  }

  @Test("an altered hash of the tree is found at the leaf that completed it")
  func treeHashes() throws {
    let team = try AuditedTeam()
    for leaf in 0..<team.exchange.log.treeSize {
      let range =
        StoredHashIndex.count(for: TreeSize(leaf))..<StoredHashIndex.count(for: TreeSize(leaf + 1))
      for position in range {
        let file = try LogFile(honest: team)
        try file.alter(
          "UPDATE tree_hash SET hash = zeroblob(32) WHERE position = ?", [Int64(position)])
        #expect(try file.audit().firstBadLeaf == leaf, "stored hash \(position)")
      }
    }
  }

  @Test("leaves beyond the log's end are found, and leaves that its end leaves out")
  func end() throws {
    let team = try AuditedTeam()
    let size = team.exchange.log.treeSize
    let shorter = try LogFile(honest: team)
    try shorter.alter("UPDATE log SET tree_size = ?", [Int64(size) - 1])
    let result = try shorter.audit()
    #expect(!result.verified && result.size == size - 1)
    #expect(result.reason == "the file holds leaves after the log's end", "\(result)")
    let longer = try LogFile(honest: team)
    try longer.alter("UPDATE log SET tree_size = ?", [Int64(size) + 1])
    let missing = try longer.audit()
    #expect(missing.firstBadLeaf == size && missing.reason == "leaf \(size): it is missing")
  }
}
