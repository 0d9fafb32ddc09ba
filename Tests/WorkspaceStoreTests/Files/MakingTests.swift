import FoundationEssentials
import GRDB
import SimulationKit
import Testing

@testable import WorkspaceStore

/// Several processes that make a store in one folder: one does, and no other takes it away.
@Suite struct MakingTests {
  private let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private var machine: Machine { testMachine(seed: 7, in: folder.path) }

  /// A store that was begun, and its folder.
  private func begun(_ name: String) throws -> String {
    let directory = folder.path + "/" + name
    _ = try makeDirectory(directory)
    _ = try makeFile(Workspace.file(in: directory))
    try Workspace.database(toMake: directory, isNewFile: true).close()
    return directory
  }

  private func backup() throws -> String {
    let lone = try LoneStore()
    try lone.store.backUp(to: folder.path + "/backup")
    return folder.path + "/backup"
  }

  private func whileSomebodyWrites(in directory: String, _ body: () throws -> Void) throws {
    try FileLock(path: Workspace.file(in: directory) + ".lock")
      .whileLocked(patience: .seconds(5), body)
  }

  @Test func `a backup is restored where nobody is at work`() throws {
    let backup = try backup()
    let directory = try begun("one")
    try whileSomebodyWrites(in: directory) {
      let failure = #expect(throws: StoreFailure.self) {
        try Workspace.restore(backup, in: directory, patience: .zero, machine: machine)
      }
      guard case .busy = failure else {
        Issue.record("\(String(describing: failure))")
        return
      }
    }
    #expect(FileStatus(Workspace.file(in: directory)).isFile)
    let store = try Workspace.restore(backup, in: directory, machine: machine)
    #expect(try store.examine().compactMap(\.problem) == [])
  }

  @Test func `a bad backup takes nobody's store away`() throws {
    let bad = folder.path + "/bad"
    try TableDamage.copy(backup(), to: bad)
    let queue = try DatabaseQueue(path: bad)
    try queue.write { try $0.execute(sql: "UPDATE own_replica SET nonce = x'00'") }
    try queue.close()
    let directory = try begun("two")
    #expect(throws: StoreFailure.self) {
      try Workspace.restore(bad, in: directory, machine: machine)
    }
    #expect(FileStatus(Workspace.file(in: directory)).isFile)
    let store = try Workspace.found(in: directory, analyst: "Layla", machine: machine)
    #expect(throws: StoreFailure.self) {
      try Workspace.restore(bad, in: directory, machine: machine)
    }
    #expect(try store.examine().compactMap(\.problem) == [])
    // Of what it made itself nothing stays.
    let fresh = folder.path + "/three"
    #expect(throws: StoreFailure.self) { try Workspace.restore(bad, in: fresh, machine: machine) }
    #expect(!FileStatus(fresh).exists)
  }

  @Test func `who gives up leaves the file to the one that has it`() throws {
    let directory = folder.path + "/four"
    _ = try makeDirectory(directory)
    try whileSomebodyWrites(in: directory) {
      #expect(throws: StoreFailure.self) {
        try Workspace.found(
          in: directory, analyst: "Layla", patience: .zero, machine: machine)
      }
      #expect(FileStatus(Workspace.file(in: directory)).isFile)
    }
    let store = try Workspace.found(in: directory, analyst: "Layla", machine: machine)
    Workspace.removeUnfinished(in: directory, withFolder: true)
    #expect(try store.examine().compactMap(\.problem) == [])
  }
}
