import Auditor
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import WorkspaceStore

/// Each table and column of an analyst's store, altered in turn.
@Suite("The catalogue of damage to a store")
struct StoreDamageCatalogueTests {
  /// Omar's store with something in every table.
  private struct Play {
    let team: Team
    let path: String
    private let folder: TestFolder

    init() throws {
      team = try Team()
      folder = team.folder
      path = team.folder.path + "/full.sqlite"
      let id = try team.noteConflict()
      let omar = team.omar
      try omar.rememberListed(omar.conflicts())
      let refused = try omar.change(id, RecordEdit(addTags: ["refused"]))
      try omar.change(id, RecordEdit(addTags: ["again"]))
      let dot = try #require(refused.dot)
      _ = try omar.quarantine([dot: Refusal(.notPermitted, dot.counter, "not yours")])
      _ = try omar.change(id, RecordEdit(addTags: ["pending"]))
      try omar.edit { try $0.remember("script-1", as: id, namespace: nil) }
      try team.nadia.change(id, RecordEdit(addTags: ["mailed"]))
      _ = try omar.apply(bundle: team.nadia.makeBundle(since: 0))
      try omar.recordSync(inSync: true, broughtFrom: 3, clockOffset: 2)
      try TableDamage.copy(omar.logDatabase.path, to: path)
    }

    /// The store after a damage; nil where the file's own constraints refuse it.
    func damaged(_ damage: TableDamage) throws -> Workspace? {
      let directory = team.folder.path + "/" + UUID().uuidString
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true)
      try TableDamage.copy(path, to: directory + "/store.sqlite")
      guard try damage.apply(to: directory + "/store.sqlite") else { return nil }
      return try Workspace(opening: directory, machine: testMachine(seed: 77, in: folder.path))
    }

    /// The identities of what the store would push.
    func batches(_ store: Workspace) throws -> [Digest256] {
      try store.prepareExchange(bytesMax: .max).batches.map(\.digest)
    }
  }

  private func problems(of store: Workspace) throws -> [String] {
    let audit = try LogAuditor(source: store.logDatabase).audit()
    return try store.examine().compactMap(\.problem) + [audit.reason].compactMap { $0 }
  }

  /// Rows that nothing else tells of: who takes one away leaves no trace.
  private static let mayVanish: Set<String> = [
    "alias", "checkpoint", "listed_conflict", "mail", "news", "quarantine",
    "renamed_dot", "setting",
  ]

  @Test("doctor notices whatever is altered, and no altered work is sent")
  func noticed() throws {
    let play = try Play()
    let honest = try play.batches(play.team.omar)
    #expect(try problems(of: play.team.omar) == [])
    let damages = try TableDamage.all(in: play.path)
    for table in Self.mayVanish { #expect(damages.contains { $0.table == table }, "\(table)") }
    for damage in damages {
      guard let store = try play.damaged(damage) else { continue }
      let isVanished = damage.column == nil && Self.mayVanish.contains(damage.table)
      #expect(try !problems(of: store).isEmpty || isVanished, "not noticed: \(damage)")
      do {
        let batches = try play.batches(store)
        // A change that is gone is not sent; nothing else is sent than was made.
        #expect(batches.allSatisfy(honest.contains) || damage.table == "pending", "\(damage)")
      } catch {
        guard case .corrupt = StoreFailure(error) else {
          Issue.record("\(error) after: \(damage)")
          continue
        }
      }
    }
  }

  @Test("a repair leaves a store in which everything holds, or says what cannot be had from it")
  func repaired() throws {
    let play = try Play()
    let digest = try play.team.omar.read { try $0.stateDigest() }
    for damage in try TableDamage.all(in: play.path) where !damage.isFirstRow {
      guard let store = try play.damaged(damage) else { continue }
      do {
        let outcome = try store.repair()
        #expect(try store.examine().compactMap(\.problem) == [], "after the repair of: \(damage)")
        let difference = try play.team.omar.logDatabase.read { honest in
          try store.logDatabase.read { try LogReader($0).firstDifference(from: LogReader(honest)) }
        }
        #expect(difference == nil, "after the repair of: \(damage)")
        let after = try store.read { try $0.stateDigest() }
        // What is lost, or goes on under another key, has other carriers.
        #expect(
          after == digest || ["pending", "own_replica"].contains(damage.table),
          "\(damage): \(outcome)")
      } catch let refusal as RepairRefusal {
        let isExpected =
          switch refusal {
          case .leafLost: damage.table == "leaf"
          case .nothingSigned: ["log", "checkpoint"].contains(damage.table)
          case .ownKeyLost: damage.table == "own_replica"
          case .otherRoot, .otherKey, .otherWorkspace, .unreadable: false
          }
        #expect(isExpected, "\(refusal) for: \(damage)")
      }
    }
  }

  @Test("of pending changes one that cannot be read is lost, and those after it are brought again")
  func pending() throws {
    let play = try Play()
    let omar = play.team.omar
    let before = try omar.read { try $0.pendingCount() }
    let damages = try TableDamage.all(in: play.path)
    let damage = try #require(damages.first { $0.description == "pending.change in the last row" })
    let store = try #require(try play.damaged(damage))
    let outcome = try store.repair()
    #expect(outcome.losses.count == 1)
    #expect(try store.read { try $0.pendingCount() } == before - 1)
    #expect(try problems(of: store) == [])
    // The one before the last: the last one goes on under a successor, enrolled by one change more.
    let middle = TableDamage(
      altering: "change", of: "pending",
      where: "sequence = (SELECT MAX(sequence) - 1 FROM pending)")
    let cut = try #require(try play.damaged(middle))
    #expect(try cut.repair().losses.count == 1)
    #expect(try problems(of: cut) == [])
    try play.team.exchange.push(cut)
    try play.team.exchange.pull(cut)
    #expect(try cut.read { try $0.pendingCount() } == 0)
    // The successor's enrolment: nobody made that by hand, and another one takes its place.
    let first = TableDamage(
      altering: "chain", of: "pending", where: "sequence = (SELECT MIN(sequence) FROM pending)")
    let enrolled = try #require(try play.damaged(first))
    #expect(try enrolled.repair().losses.isEmpty)
    #expect(try problems(of: enrolled) == [])
    #expect(try enrolled.read { try $0.pendingCount() } == before)
  }
}
