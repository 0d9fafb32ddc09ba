import Auditor
import FoundationEssentials
import GRDB
import MergeCore
import SimulationKit
import SyncProtocol
import Testing

@testable import WorkspaceStore

/// Files that somebody altered: what reads them says so, and goes on living.
@Suite struct AlteredFileTests {
  @Test(arguments: [
    "UPDATE log SET tree_size = -1", "UPDATE log SET tree_size = 9223372036854775807",
    "UPDATE log SET state_digest = x'00'", "UPDATE log SET log_key = 'none'", "DELETE FROM log",
    "UPDATE leaf SET first = -1 WHERE is_act = 0", "UPDATE leaf SET last = 0",
    "UPDATE leaf SET last = 9223372036854775807",
    "UPDATE leaf SET replica = x''", "UPDATE leaf SET bytes = x''", "UPDATE leaf SET batch = x'ff'",
    "UPDATE change SET counter = -counter", "UPDATE change SET context_size = -1",
    "UPDATE change SET chain = x'01'", "UPDATE change SET leaf = 0",
    "UPDATE record SET state = x'01'", "UPDATE record_change SET leaf = -1 WHERE leaf > 2",
    "UPDATE tree_hash SET hash = x''", "UPDATE checkpoint SET tree_size = -tree_size",
    "UPDATE pending SET counter = -counter", "UPDATE pending SET chain = x''",
    "UPDATE pending SET change = x'ff'", "UPDATE pending SET acknowledged = -1",
    "UPDATE pending_record SET state = x''", "UPDATE own_replica SET private_key = x'00'",
    "UPDATE own_replica SET predecessor = x'00'", "DELETE FROM own_replica",
  ])
  func `an altered file is told, and never ends the process`(_ sql: String) throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.layla.change(id, RecordEdit(note: "pending"))
    try team.layla.logDatabase.write { db in
      try db.execute(sql: "PRAGMA defer_foreign_keys = ON; PRAGMA ignore_check_constraints = ON")
      try db.execute(sql: sql)
    }
    func tells(_ body: () throws -> Bool) throws -> Bool {
      do { return try body() } catch StoreFailure.corrupt { return true }
    }
    var isTold = try tells { try !team.layla.examine().allSatisfy(\.isGood) }
    let key = try team.omar.read { $0.log.logKey }
    let audited = try tells {
      try !LogAuditor(source: team.layla.logDatabase, pins: AuditPins(logKey: key))
        .audit { _, _ in }.verified
    }
    isTold = isTold || audited
    #expect(isTold)
    _ = try tells {
      try team.layla.read { reader in
        _ = try reader.item(id)
        _ = try reader.conflicts()
        _ = try reader.history(limit: 100)
        _ = try reader.why(id)
      }
      return true
    }
  }

  @Test func `leaves are looked for at any index`() throws {
    let team = try Team()
    try team.layla.read { reader in
      for index: UInt64 in [.max, 1 << 63, (1 << 63) - 1] {
        #expect(try reader.log.leaf(at: index) == nil)
        #expect(try reader.log.leaves(from: index, countMax: 5, bytesMax: 1_000).isEmpty)
        #expect(try reader.log.leafBytes(from: index, count: 5).isEmpty)
      }
      #expect(try reader.log.checkpoint(ofAtMost: .max)?.size == reader.log.treeSize)
      let checkpoints = try reader.log.checkpoints(after: 0, upTo: .max)
      #expect(!checkpoints.isEmpty)
    }
  }

  @Test func `one altered byte of a leaf is named`() throws {
    let team = try Team()
    try team.layla.logDatabase.write {
      try $0.execute(
        sql: """
          UPDATE leaf SET bytes = CAST(replace(CAST(bytes AS TEXT), ':', ' :') AS BLOB)
          WHERE position = 2
          """)
    }
    let problems = try team.layla.examine().compactMap(\.problem)
    #expect(problems.contains("leaf 2 is not the one that was hashed"))
  }

  @Test func `a leaf and its hash altered together do not have the signed roots`() throws {
    let team = try Team()
    let key = try #require(try team.layla.read { $0.log.logKey })
    let problem = try team.layla.logDatabase.write { db in
      let other = try #require(try LogReader(db).leaf(at: 1)).leafBytes
      try db.execute(sql: "UPDATE leaf SET bytes = ? WHERE position = 0", arguments: [Data(other)])
      try db.execute(
        sql: """
          UPDATE tree_hash SET hash = (SELECT hash FROM tree_hash WHERE position = 1)
          WHERE position = 0
          """)
      return try LogReader(unverified: db).treeProblem(logKey: key)
    }
    #expect(problem?.contains("has another root than the leaves") == true)
  }

  @Test func `an acknowledged change that its leaf does not hold is told`() throws {
    let team = try Team()
    _ = try team.layla.edit { _ = try $0.addLabel("kept") }
    let before = try team.layla.examine()
    #expect(before.filter { !$0.isGood }.isEmpty)
    try team.layla.logDatabase.write { db in
      try db.execute(sql: "UPDATE pending SET acknowledged = 1")
      try db.forgeSeals(of: "pending")
    }
    let problems = try team.layla.examine().compactMap(\.problem)
    #expect(problems.contains { $0.hasSuffix("is not in leaf 1, where the server said it is") })
    try team.layla.logDatabase.write { db in
      try db.execute(sql: "UPDATE pending SET acknowledged = 1000")
      try db.forgeSeals(of: "pending")
    }
    let future = try team.layla.examine().compactMap(\.problem)
    #expect(future.contains { $0.hasSuffix("in leaf 1000, which no server has signed") })
  }

  @Test func `a damaged row of one's own is told as damage, and accuses nobody`() throws {
    let team = try Team()
    let one = try team.sharedAnnotation(note: "one")
    let other = try team.sharedAnnotation(note: "other")
    try team.layla.logDatabase.write { db in
      try db.execute(
        sql: "UPDATE record SET state = (SELECT state FROM record WHERE id = ?) WHERE id = ?",
        arguments: [Data(other.encoded), Data(one.encoded)])
    }
    _ = try team.omar.edit { try $0.edit(one, RecordEdit(note: "rewritten")) }
    try team.exchange.push(team.omar)
    #expect(throws: StoreFailure.self) { try team.exchange.pull(team.layla) }
    #expect(try team.layla.read { try $0.evidence() }.isEmpty)
  }

  @Test func `evidence that was altered in the file proves nothing, and is told`() throws {
    let team = try Team()
    var fork = team.exchange
    _ = try team.layla.edit { try $0.addLabel("for Layla") }
    try team.exchange.sync(team.layla)
    _ = try team.nadia.edit { try $0.addLabel("for Nadia") }
    try fork.sync(team.nadia)
    let bundle = try team.nadia.makeBundle(since: 0)
    #expect(throws: IngestFailure.self) { try team.layla.apply(bundle: bundle) }
    let told = try team.layla.examine().compactMap(\.problem)
    #expect(told.count == 1 && told[0].contains("two histories"), "\(told)")
    try team.layla.logDatabase.write { db in
      try db.execute(
        sql: "UPDATE evidence SET document = CAST(replace(document, 'example', 'elsewhe') AS BLOB)")
      try db.forgeSeals(of: "evidence")
    }
    #expect(try team.layla.examine().compactMap(\.problem).count == 1)
  }
}
