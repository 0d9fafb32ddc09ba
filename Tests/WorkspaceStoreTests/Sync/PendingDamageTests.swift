import AnnotationModel
import FoundationEssentials
import GRDB
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog

@testable import WorkspaceStore

/// Pending work in a file that lost something: nothing honest is called refused, and a repair says what it
/// could not keep.
@Suite struct PendingDamageTests {
  @Test func `a lost checkpoint makes no honest change a refused one`() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let first = try team.omar.change(id, RecordEdit(note: "on the earlier log"))
    let size = try team.omar.read { $0.log.treeSize }
    try team.nadia.change(id, RecordEdit(addTags: ["meanwhile"]))
    try team.exchange.push(team.nadia)
    try team.exchange.pull(team.omar)
    let second = try team.omar.change(id, RecordEdit(addTags: ["on the later log"]))
    try team.omar.logDatabase.write { db in
      try db.execute(sql: "DELETE FROM checkpoint WHERE tree_size = ?", arguments: [Int64(size)])
    }
    let dot = try #require(second.dot)
    let failure = #expect(throws: StoreFailure.self) {
      try team.omar.quarantine([dot: Refusal(.notPermitted, dot.counter, "not yours")])
    }
    guard case .corrupt = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try team.omar.read { try $0.quarantinedCount() } == 0)
    // It is found, and what is said to help does.
    #expect(try team.omar.examine().compactMap(\.problem).count == 1)
    _ = try team.omar.repair()
    #expect(try team.omar.examine().compactMap(\.problem) == [])
    try team.syncAll()
    let item = try #require(try team.layla.read { try $0.item(id) })
    #expect(item.tags.contains("on the later log"))
    #expect(first.dot != nil)
    try team.expectOneState()
  }

  @Test func `a successor whose predecessor's work is lost is found, and goes on`() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.omar.change(id, RecordEdit(note: "lost"))
    let directory = team.folder.path + "/copy"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try TableDamage.copy(team.omar.logDatabase.path, to: directory + "/store.sqlite")
    // Another machine: the copy goes on under a successor of the change that is lost below.
    let copy = try Workspace(
      opening: directory, machine: testMachine(seed: 99, in: team.folder.path))
    try copy.change(id, RecordEdit(addTags: ["kept"]))
    try copy.logDatabase.write { db in
      try db.execute(
        sql: "DELETE FROM pending WHERE sequence = (SELECT MIN(sequence) FROM pending)")
    }
    let problems = try copy.examine().compactMap(\.problem)
    #expect(problems.contains { $0.contains("neither here nor in the log") }, "\(problems)")
    _ = try copy.repair()
    #expect(try copy.examine().compactMap(\.problem) == [])
    try team.exchange.sync(copy)
    #expect(try copy.read { try $0.pendingCount() } == 0)
    let item = try #require(try copy.read { try $0.item(id) })
    #expect(item.tags == ["kept"])
  }

  @Test func `a change that is too much in a batch of its own is set aside, and no other`() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let dots = try (1...2).compactMap {
      try team.omar.change(id, RecordEdit(note: "note \($0)")).dot
    }
    let refusals = Dictionary(
      uniqueKeysWithValues: dots.map { ($0, Refusal(.overLimit, $0.counter, "too much")) })
    // In batches that can be cut nothing is at fault by what is here.
    #expect(try team.omar.quarantine(refusals).refusals.isEmpty)
    let aside = try team.omar.quarantine(refusals, alone: [dots[1]])
    #expect(Array(aside.refusals.keys) == [dots[1]])
    #expect(try team.omar.read { try $0.quarantinedCount() } == 1)
    #expect(try team.omar.examine().compactMap(\.problem) == [])
  }

  @Test func `whether a join is unfinished is told by the first change alone`() throws {
    let lone = try LoneStore()
    try lone.store.logDatabase.write { db in
      try db.execute(
        sql: """
          UPDATE pending SET previous = x'00' WHERE sequence = (SELECT MAX(sequence) FROM pending)
          """)
    }
    #expect(try !lone.store.isJoinUnfinished())
  }

  @Test(arguments: [false, true])
  func `what a repair says of a lost change is what was known of it`(isAcknowledged: Bool) throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    try team.omar.change(id, RecordEdit(note: "lost"))
    try team.omar.logDatabase.write { db in
      let leaf = isAcknowledged ? "1000" : "NULL"
      try db.execute(sql: "UPDATE pending SET acknowledged = \(leaf), change = x'ff'")
    }
    let losses = try team.omar.repair().losses
    #expect(losses.count == 1)
    #expect(losses.first?.contains("hashiya sync brings it back") == isAcknowledged)
    #expect(losses.first?.contains("make it again") == !isAcknowledged)
  }
}
