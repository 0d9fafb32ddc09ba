import AnnotationModel
import FoundationEssentials
import GRDB
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog

@testable import WorkspaceStore

extension Database {
  /// Seals all rows of a table as they are now, as somebody does who knows how.
  func forgeSeals(of table: String) throws {
    let key = try primaryKey(table).columns
    let row = key.map { "\($0) = ?" }.joined(separator: " AND ")
    for found in try Row.fetchAll(self, sql: "SELECT * FROM \(table)") {
      let seal = Seal.of(table, found.databaseValues.dropLast()).databaseValue
      try execute(
        sql: "UPDATE \(table) SET \(Seal.columnName) = ? WHERE \(row)",
        arguments: StatementArguments([seal] + key.map { found[$0] as DatabaseValue }))
    }
  }
}

/// Rows that carry their own hash, and the numbers that they get.
@Suite struct SealTests {
  private func problems(of store: Workspace) throws -> [String] {
    try store.examine().compactMap(\.problem)
  }

  /// SQLite's text ends at a zero byte for whoever binds and reads it as C does.
  @Test func `text with U+0000 is kept without it, and is no damage`() throws {
    let lone = try LoneStore()
    try lone.store.rememberRefused("leaf 3\u{0} is false")
    try lone.store.logDatabase.write { db in
      try db.set(.serverRestored, "lost\u{0}\u{0}leaves")
      try db.tell("one\u{0}", machine: lone.store.machine)
    }
    #expect(try problems(of: lone.store) == [])
    let (refused, restored) = try lone.store.read {
      (try $0.setting(.refused), try $0.setting(.serverRestored))
    }
    #expect(refused?.hasSuffix("leaf 3\u{FFFD} is false") == true)
    #expect(restored == "lost\u{FFFD}\u{FFFD}leaves")
    // Where a column is set anew, as well.
    try lone.store.logDatabase.write { db in
      try db.updateSealed("news", set: [("text", "two\u{0}three")], where: "1")
    }
    #expect(try problems(of: lone.store) == [])
  }

  @Test func `an id of a script has no U+0000, and none is looked for`() throws {
    let lone = try LoneStore()
    try lone.store.edit { try $0.remember("a", as: lone.article, namespace: "other") }
    #expect(throws: ExternalIDError.null) {
      try lone.store.edit { try $0.remember("a\u{0}b", as: lone.article, namespace: nil) }
    }
    #expect(throws: ReferenceError.self) {
      try lone.store.read { try $0.resolveReference("a\u{0}b", kinds: [.article]) }
    }
    let found = try lone.store.read { try $0.resolveReference("a", kinds: [.article]) }
    #expect(found == lone.article)
    #expect(try problems(of: lone.store) == [])
  }

  @Test(arguments: ["9223372036854775807", "-1", "0", "'many'", "NULL"])
  func `an altered number of rows is told, ends no process, and is repaired`(_ number: String)
    throws
  {
    let lone = try LoneStore()
    try lone.store.logDatabase.write { db in
      try db.execute(sql: "UPDATE sqlite_sequence SET seq = \(number) WHERE name = 'pending'")
    }
    #expect(try problems(of: lone.store).count == 1)
    do {
      try lone.store.edit { _ = try $0.addLabel("claim") }
    } catch StoreFailure.corrupt {
      // Nothing is written on a number that cannot be right.
    }
    _ = try lone.store.repair()
    #expect(try problems(of: lone.store) == [])
    try lone.store.edit { _ = try $0.addLabel("another") }
    #expect(try problems(of: lone.store) == [])
  }

  @Test func `a damaged row gets no new seal`() throws {
    let team = try Team()
    _ = try team.layla.edit { try $0.addLabel("pending") }
    try team.layla.logDatabase.write { db in
      try db.execute(sql: "UPDATE pending SET is_reissue = 1 - is_reissue, acknowledged = 2")
    }
    #expect(throws: StoreFailure.self) {
      try team.layla.logDatabase.write { db in
        try db.updateSealed("pending", set: [("acknowledged", nil)], where: "1")
      }
    }
    #expect(try problems(of: team.layla).contains { $0.contains("1 row of pending") })
  }

  @Test func `a staged leaf that was damaged is taken anew`() throws {
    let folder = try TestFolder()
    let log = try LogDatabase(path: folder.path + "/log.sqlite") { ServerSchema.register(in: &$0) }
    let entry = ReceivedEntry(index: 3, leaf: [1, 2, 3], batch: [4, 5])
    let hash = MerkleTree.leafHash([1, 2, 3])
    try log.write { db in
      let stage = HealingStage(db: db)
      #expect(try stage.keep(entry, hash: hash, isAnchored: false) == 5)
      #expect(try stage.keep(entry, hash: hash, isAnchored: true) == 0)
      #expect(try db.brokenSeals().isEmpty)
      try db.execute(sql: "UPDATE staged_leaf SET bytes = x'ff'")
      #expect(try stage.keep(entry, hash: hash, isAnchored: true) == 2, "one byte became three")
      #expect(try stage.byteCount() == 5)
      #expect(try db.brokenSeals().isEmpty)
      #expect(try stage.variants(at: 3).map(\.leafBytes) == [[1, 2, 3]])
    }
  }
}
