import AnnotationModel
import Auditor
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

/// Each table and column of a log's file, altered in turn.
@Suite("The catalogue of damage to a log")
struct DamageCatalogueTests {
  /// A log with everything in it, and what three people send next, with the leaves that come of it.
  private struct Play {
    let team: AuditedTeam
    let file: LogFile
    let next: [[UInt8]]
    let leaves: [[UInt8]]

    init() throws {
      let team = try AuditedTeam()
      self.team = team
      try Self.reissue(team)
      file = try LogFile(honest: team)
      let annotation = team.annotation
      for (store, note) in [(team.omar, "more by Omar"), (team.layla, "more by Layla")] {
        _ = try store.edit { try $0.edit(annotation, RecordEdit(note: note)) }
      }
      next = try [team.omar, team.layla].map { try team.nextBatch(of: $0) }
      let honest = try Self.copy(file, in: team)
      leaves = try Self.append(next, to: honest)
    }

    /// Omar's work after a refusal is brought again by a successor.
    private static func reissue(_ team: AuditedTeam) throws {
      let annotation = team.annotation
      let refused = try team.omar.edit { try $0.edit(annotation, RecordEdit(note: "refused")) }
      _ = try team.omar.edit { try $0.edit(annotation, RecordEdit(addTags: ["again"])) }
      guard let dot = refused.made.dot else { return }
      _ = try team.omar.quarantine([dot: Refusal(.overLimit, dot.counter, "too much")])
      try team.share(team.omar)
      try team.share(team.layla)
    }

    static func copy(_ file: LogFile, in team: AuditedTeam) throws -> LogDatabase {
      let path = team.disk.folder(UUID().uuidString)
      try TableDamage.copy(file.database.path, to: path)
      return try LogDatabase(path: path)
    }

    func damaged(_ damage: TableDamage) throws -> String? {
      let path = team.disk.folder(UUID().uuidString)
      try TableDamage.copy(file.database.path, to: path)
      return try damage.apply(to: path) ? path : nil
    }

    /// What a server does with batches: checks, judges, merges, appends.
    static func append(_ batches: [[UInt8]], to log: LogDatabase) throws -> [[UInt8]] {
      try batches.map { batch in
        try log.write { db in
          var writer = try LogWriter(db)
          let replay = LeafReplay(schema: AnnotationSchema.schema)
          guard
            case .new(let leaf) = try replay.append(
              ReceivedBatch(decoding: batch), to: writer.reader, time: 1_800_000_000_000)
          else { return [] }
          try writer.append(leaf)
          return leaf.leafBytes
        }
      }
    }
  }

  @Test("no damage makes a false leaf or a false refusal")
  func nothingFalse() throws {
    let play = try Play()
    var told = 0
    for damage in try TableDamage.all(in: play.file.database.path) {
      guard let path = try play.damaged(damage) else { continue }
      do {
        let leaves = try Play.append(play.next, to: LogDatabase(path: path))
        #expect(leaves == play.leaves, "a false leaf after: \(damage)")
      } catch let refusal as Refusal {
        Issue.record("an honest batch is refused after: \(damage): \(refusal)")
      } catch {
        guard case .corrupt = StoreFailure(error) else {
          Issue.record("\(error) after: \(damage)")
          continue
        }
        told += 1
      }
    }
    #expect(told > 20, "damage to what is read is told")
  }

  @Test("an audit notices whatever is altered, and a repair brings back all that leaves hold")
  func noticedAndRepaired() throws {
    let play = try Play()
    let key = play.team.signer.verifierKey
    let size = try play.file.database.read { try LogReader(unverified: $0).treeSize }
    let honest = try LogAuditor(source: play.file.database, pins: AuditPins(logKey: key)).audit()
    #expect(honest.verified)
    for damage in try TableDamage.all(in: play.file.database.path) {
      guard let path = try play.damaged(damage) else { continue }
      let log: LogDatabase
      do throws(StoreFailure) {
        log = try LogDatabase(path: path)
      } catch {
        Issue.record("\(error) when opened after: \(damage)")
        continue
      }
      let result = try LogAuditor(source: log, pins: AuditPins(logKey: key)).audit()
      // One checkpoint of all leaves suffices.
      let isNoticed = !result.verified || result.notice != nil || damage.table == "checkpoint"
      #expect(isNoticed, "not noticed: \(damage)")
      if damage.isFirstRow { continue }
      do {
        let outcome = try log.repairLog(logKey: key)
        #expect(outcome.leaves == size && outcome.losses.isEmpty, "\(damage): \(outcome)")
      } catch let refusal as RepairRefusal {
        guard case .leafLost = refusal, damage.table == "leaf" else {
          Issue.record("not repaired: \(damage): \(refusal)")
          continue
        }
        continue
      }
      let difference = try play.file.database.read { honest in
        try log.read { try LogReader($0).firstDifference(from: LogReader(honest)) }
      }
      #expect(difference == nil, "after the repair of: \(damage)")
      #expect(try Play.append(play.next, to: log) == play.leaves, "\(damage)")
    }
  }

  @Test("a damaged leaf is made again from its batch, and a damaged batch is told with its leaf")
  func leaves() throws {
    let play = try Play()
    let key = play.team.signer.verifierKey
    let damages = try TableDamage.all(in: play.file.database.path)
    let leaf = try #require(damages.first { $0.description == "leaf.bytes in the last row" })
    let bytes = try #require(try play.damaged(leaf))
    _ = try LogDatabase(path: bytes).repairLog(logKey: key)
    let repaired = try LogDatabase(path: bytes)
    #expect(try LogAuditor(source: repaired, pins: AuditPins(logKey: key)).audit().verified)
    let batch = try #require(damages.first { $0.description == "leaf.batch in the last row" })
    let path = try #require(try play.damaged(batch))
    #expect(throws: RepairRefusal.self) { try LogDatabase(path: path).repairLog(logKey: key) }
  }

  @Test("a log is not made anew under a key that did not sign it")
  func otherKey() throws {
    let play = try Play()
    let own = play.team.signer.verifierKey
    let other = try #require(NoteSigner(name: own.name, seed: Array(repeating: 7, count: 32)))
    let damages = try TableDamage.all(in: play.file.database.path)
    // Where the log names its key, and where its notes alone say whose they are.
    for damage in [nil] + damages.filter({ $0.description.hasPrefix("log.log_key") }) {
      let path = play.team.disk.folder(UUID().uuidString)
      try TableDamage.copy(play.file.database.path, to: path)
      guard try damage?.apply(to: path) ?? true else { continue }
      let log = try LogDatabase(path: path)
      #expect(throws: RepairRefusal.self) { try log.repairLog(logKey: other.verifierKey) }
      #expect(try log.repairLog(logKey: own).losses.isEmpty)
      #expect(try LogAuditor(source: log, pins: AuditPins(logKey: own)).audit().verified)
    }
  }
}
