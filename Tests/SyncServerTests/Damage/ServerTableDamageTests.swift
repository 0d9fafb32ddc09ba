import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// Each table and column that a server has beside those of every log, altered in turn.
@Suite("The catalogue of damage to what a server has beside its log")
struct ServerTableDamageTests {
  private static let tables: Set<String> = ["served", "staged_leaf", "shown_note"]

  /// A server that waits for its operator, with notes and leaves that somebody showed, closed.
  private struct Play {
    let server: TestServer
    let whole: [UInt8]
    var path: String { server.hosted.folder.path + "/log.sqlite" }

    init() throws {
      server = try TestServer()
      for label in ["a", "b"] { try server.append(label) }
      let last = try server.leaves()[2]
      let note = try server.checkpoint(ofSize: 5)
      try server.hosted.log.write { db in
        let reader = try LogReader(db)
        let root = try #require(Digest256(MerkleTree.emptyRoot.bytes))
        try reader.shownNotes.keep(ShownNotes.Shown(size: 5, root: root, note: note))
        for index in 3..<5 as Range<UInt64> {
          _ = try reader.stage.keep(
            ReceivedEntry(index: index, leaf: last.leaf + [UInt8(index)], batch: last.batch),
            hash: MerkleTree.leafHash(last.leaf + [UInt8(index)]), isAnchored: true)
        }
      }
      try server.hosted.close()
      whole = try Array(Data(contentsOf: URL(filePath: server.hosted.folder.path + "/log.sqlite")))
    }

    /// The server after a damage; nil where the file's own constraints refuse it.
    func damaged(_ damage: TableDamage) throws -> HostedWorkspace? {
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
      try Data(whole).write(to: URL(filePath: path))
      guard try damage.apply(to: path) else { return nil }
      return try HostedWorkspace(opening: server.hosted.folder)
    }
  }

  private func problems(_ hosted: HostedWorkspace) throws -> [String] {
    try hosted.check().filter(\.isOfFile).compactMap(\.problem)
  }

  @Test("damage there is found, signs nothing, and is repaired without making an old copy current")
  func catalogue() throws {
    let play = try Play()
    let damages = try TableDamage.all(in: play.path).filter { Self.tables.contains($0.table) }
    #expect(Set(damages.map(\.table)) == Self.tables)
    for damage in damages {
      guard let hosted = try play.damaged(damage) else { continue }
      // Who takes a whole row away leaves no trace of what only others said.
      let isVanished = damage.column == nil && damage.table != "served"
      #expect(try !problems(hosted).isEmpty || isVanished, "not noticed: \(damage)")
      if damage.table != "staged_leaf", !isVanished {
        #expect(try hosted.damage() != nil, "\(damage)")
        #expect(throws: (any Error).self, "\(damage)") { try hosted.grow { _ in } }
      }
      let outcome = try hosted.repair { _ in }
      #expect(outcome.leaves == 3, "\(damage)")
      #expect(try problems(hosted) == [], "after the repair of: \(damage)")
      let need = try hosted.recoveryNeed()
      let isNoteGone = damage.table == "shown_note"
      if case .decision? = need {} else { #expect(isNoteGone && need == nil, "\(damage)") }
      try hosted.close()
    }
  }
}
