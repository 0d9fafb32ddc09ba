import GRDB
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog

@testable import WorkspaceStore

/// Files that a repair must not make a shorter, or another, log of.
@Suite struct LogRebuildTests {
  private func refusal(of store: Workspace) -> RepairRefusal? {
    do {
      _ = try store.repair()
      return nil
    } catch {
      return error as? RepairRefusal
    }
  }

  @Test func `leaves that are lost at the end are told, whatever the log's end says`() throws {
    let team = try Team()
    _ = try team.sharedAnnotation()
    let size = try team.omar.read { $0.log.treeSize }
    try team.omar.logDatabase.write { db in
      try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
      try db.execute(
        sql: """
          DELETE FROM change WHERE leaf >= \(size - 2);
          DELETE FROM leaf WHERE position >= \(size - 2);
          UPDATE log SET tree_size = 0;
          DELETE FROM setting WHERE name = 'largest-checkpoint';
          """)
    }
    guard case .leafLost(size - 2, _)? = refusal(of: team.omar) else {
      Issue.record("a log without its last leaves counts as repaired")
      return
    }
  }

  @Test func `a log of another workspace is called so`() throws {
    let team = try Team()
    try team.omar.logDatabase.write { db in
      try db.set(.workspace, String(repeating: "ab", count: 32))
    }
    guard case .otherWorkspace? = refusal(of: team.omar) else {
      Issue.record("\(String(describing: refusal(of: team.omar)))")
      return
    }
  }

  /// Before the first leaf nothing but its row says which key is right.
  @Test func `an altered key is not believed where no leaf says that it is right`() throws {
    let team = try Team()
    let invitation = try team.layla.edit { try $0.invite(name: "Huda", role: .annotator) }
    let code = try ShareCode(text: invitation.code.text)
    let joining = try Workspace.join(
      in: team.folder.path + "/huda", invite: code,
      machine: testMachine(seed: 11, in: team.folder.path))
    let name = try #require(KeyName("example.com/test"))
    let other = try #require(NoteSigner(name: name, seed: [UInt8](repeating: 3, count: 32)))
    let alter = "UPDATE log SET log_key = '\(other.verifierKey.text)'"
    try joining.logDatabase.write { try $0.execute(sql: alter) }
    guard case .nothingSigned? = refusal(of: joining) else {
      Issue.record("\(String(describing: refusal(of: joining)))")
      return
    }
    let lone = try LoneStore()
    try lone.store.setServer(
      ShareCode(
        purpose: .claim, url: "http://127.0.0.1:7420", slot: "test",
        logKey: code.logKey, secret: [UInt8](repeating: 7, count: 32), workspace: nil))
    try lone.store.logDatabase.write { try $0.execute(sql: alter) }
    #expect(try lone.store.repair().losses.count == 1)
    #expect(try lone.store.read { $0.log.logKey } == nil)
    #expect(try lone.store.examine().compactMap(\.problem) == [])
    #expect(try lone.store.read { try $0.pendingCount() } == 2)
  }

  @Test func `what is written while a repair is under way is in the repaired file`() throws {
    let team = try Team()
    let id = try team.sharedAnnotation()
    let path = team.omar.logDatabase.path
    let other = try Workspace(
      opening: team.omar.directory, machine: testMachine(seed: 2, in: team.folder.path))
    try team.omar.logDatabase.write { try $0.execute(sql: "UPDATE record SET is_deleted = 7") }
    var isWritten = false
    _ = try team.omar.repair { _ in
      if isWritten { return }
      isWritten = true
      do {
        // Another process goes on meanwhile, and none waits for the whole of it.
        try other.logDatabase.write { db in try db.tell("meanwhile", machine: other.machine) }
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(isWritten)
    #expect(try team.omar.examine().compactMap(\.problem) == [])
    let told = try DatabaseQueue(path: path).read {
      try String.fetchAll($0, sql: "SELECT text FROM news")
    }
    #expect(told.contains("meanwhile"))
    #expect(try team.omar.read { try $0.item(id) } != nil)
  }
}
