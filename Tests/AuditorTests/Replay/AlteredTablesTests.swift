import Auditor
import FoundationEssentials
import GRDB
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

/// The leaves and the tree are as they were; what is derived from them, or signs them, is not.
@Suite("What was altered beside a log's leaves")
struct AlteredTablesTests {
  @Test("a checkpoint with an altered signature, size or root is found, whichever it is")
  func checkpointBytes() throws {
    let team = try AuditedTeam()
    for size in [1, team.leaves.conflict, team.exchange.log.treeSize] {
      let note = try #require(
        try LogFile(honest: team).database.read { db in
          try Data.fetchOne(
            db, sql: "SELECT note FROM checkpoint WHERE tree_size = ?", arguments: [Int64(size)])
        })
      let lines = note.split(separator: 0x0A, omittingEmptySubsequences: false)
      // Origin, size, root, an empty line, the signature: each with one character altered.
      for line in [0, 1, 2, 4] {
        var altered = note
        altered[lines[line].startIndex + (line == 1 ? 0 : 9)] ^= 1
        let file = try LogFile(honest: team)
        try file.alter(
          "UPDATE checkpoint SET note = ? WHERE tree_size = ?", [altered, Int64(size)])
        expectFinding(
          try file.audit(),
          says: ["the checkpoint of \(size) leaves is not signed by example.com/audited"])
      }
    }
  }

  @Test("a checkpoint of another size in a size's place is found")
  func checkpointSize() throws {
    let team = try AuditedTeam()
    let file = try LogFile(honest: team)
    try file.alter(
      """
      UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE tree_size = 3)
      WHERE tree_size = 5
      """)
    expectFinding(try file.audit(), says: ["the checkpoint of 5 leaves states 3"])
  }

  @Test("leaves that no checkpoint covers are named from the first of them")
  func missingCheckpoints() throws {
    let team = try AuditedTeam()
    let file = try LogFile(honest: team)
    try file.alter("DELETE FROM checkpoint WHERE tree_size > 4")
    let result = try file.audit()
    #expect(result.firstBadLeaf == 4)
    #expect(
      result.reason == "leaf 4: no signed checkpoint covers it, nor the leaves after it",
      "\(result)")
    let gap = try LogFile(honest: team)
    try gap.alter("DELETE FROM checkpoint WHERE tree_size < ?", [Int64(team.leaves.conflict)])
    #expect(try gap.audit().verified, "one checkpoint of all leaves suffices")
  }

  @Test("an altered or missing record is found by its handle")
  func records() throws {
    let team = try AuditedTeam()
    let id = Data(team.annotation.encoded)
    let handle = ShortName.of(team.annotation)
    let words = "the stored state of \(handle) is not what the log comes to"
    let altered = try LogFile(honest: team)
    // Its state one decision earlier: well formed, and wrong.
    let earlier = try #require(
      team.exchange.log.leaves[Int(team.leaves.conflict)].states
        .first { $0.record == team.annotation })
    try altered.alter(
      "UPDATE record SET state = ? WHERE id = ?", [Data(earlier.state.stored), id])
    expectFinding(try altered.audit(), says: [words])
    let missing = try LogFile(honest: team)
    try missing.alter("DELETE FROM record WHERE id = ?", [id])
    expectFinding(try missing.audit(), says: ["the stored state of "])
    let invented = try LogFile(honest: team)
    try invented.alter(
      "INSERT INTO record SELECT x'0002ff', kind, 0, 0, leaf, state, seal FROM record LIMIT 1")
    expectFinding(try invented.audit(), says: ["the stored state of "])
  }

  @Test("a row that somebody added is found at the leaf that it is of, wherever it stands")
  func addedRow() throws {
    let team = try AuditedTeam()
    for leaf in [team.leaves.creation, team.leaves.conflict] {
      for record in ["x'0002' || zeroblob(16)", "x'0002' || x'ffffffffffffffffffffffffffffffff'"] {
        let file = try LogFile(honest: team)
        try file.alter(
          "INSERT INTO record_change VALUES (CAST(\(record) AS BLOB), \(leaf), 1, zeroblob(16))")
        #expect(try file.audit().firstBadLeaf == leaf, "\(record)")
      }
    }
  }

  @Test("altered rows of changes are found at the leaf that they are of")
  func changes() throws {
    let team = try AuditedTeam()
    let leaf = team.leaves.conflict
    let alterations = [
      "UPDATE change SET chain = zeroblob(32) WHERE leaf = \(leaf)",
      "UPDATE change SET origin_counter = origin_counter + 1 WHERE leaf = \(leaf)",
      "UPDATE change SET time = time + 1 WHERE leaf = \(leaf)",
      "UPDATE change SET context_size = context_size - 1 WHERE leaf = \(leaf)",
      "DELETE FROM change WHERE leaf = \(leaf)",
      "DELETE FROM record_change WHERE leaf = \(leaf)",
      "UPDATE leaf SET is_act = 1 WHERE position = \(leaf)",
      "UPDATE leaf SET replica = zeroblob(16) WHERE position = \(leaf)",
      "UPDATE leaf SET last = last + 1 WHERE position = \(leaf)",
    ]
    for sql in alterations {
      let file = try LogFile(honest: team)
      try file.alter(sql)
      let result = try file.audit()
      #expect(result.firstBadLeaf == leaf, "\(sql): \(result)")
      let words = "leaf \(leaf): what is stored of its changes is not in its batch: "
      #expect(result.reason?.hasPrefix(words) == true, "\(sql): \(result)")
    }
  }

  @Test(
    "values that people are shown are those that the log has: altered and missing ones are found")
  func contents() throws {
    let team = try AuditedTeam()
    let value = DomainHash.plain(Array("by Omar".utf8))
    let altered = try LogFile(honest: team)
    try altered.alter(
      "UPDATE content SET bytes = ? WHERE value = ?", [Data("by Amal".utf8), Data(value.bytes)])
    expectFinding(
      try altered.audit(),
      says: ["the stored value \(value.hex) has other bytes than its hash says"])
    let missing = try LogFile(honest: team)
    try missing.alter("DELETE FROM content WHERE value = ?", [Data(value.bytes)])
    expectFinding(try missing.audit(), says: ["the value \(value.hex) is not stored"])
  }

  @Test("another state digest or workspace at the log's end is found")
  func end() throws {
    let team = try AuditedTeam()
    let digest = try LogFile(honest: team)
    try digest.alter("UPDATE log SET state_digest = zeroblob(32)")
    expectFinding(
      try digest.audit(),
      says: [
        "state digest stored \(Digest256.zero.hex), "
          + "replayed \(team.exchange.log.stateDigest.hex)"
      ])
    let workspace = try LogFile(honest: team)
    try workspace.alter("UPDATE log SET workspace = zeroblob(32)")
    expectFinding(try workspace.audit(), says: ["workspace is not that of the genesis"])
  }

  @Test("a log that names another key than the one known from elsewhere is not believed")
  func otherKey() throws {
    let team = try AuditedTeam()
    let name = try #require(KeyName("example.com/audited"))
    let other = try #require(NoteSigner(name: name, seed: [UInt8](repeating: 6, count: 32)))
    let result = try LogAuditor(
      source: LogFile(honest: team).database, pins: AuditPins(logKey: other.verifierKey)
    ).audit()
    #expect(!result.verified)
  }
}
