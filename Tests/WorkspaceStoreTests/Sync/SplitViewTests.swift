import MergeCore
import SimulationKit
import SyncProtocol
import Testing

@testable import WorkspaceStore

/// Where two people meet over a bundle, and the server has shown them different logs.
@Suite("A bundle of another log") struct SplitViewTests {
  /// Layla and Nadia after a server has shown each a leaf of their own; the logs are equally long.
  private func play(_ body: (_ layla: Workspace, _ nadia: Workspace, _ size: UInt64) throws -> Void)
    throws
  {
    let team = try Team()
    var fork = team.exchange
    _ = try team.layla.edit { try $0.addLabel("for Layla") }
    try team.exchange.sync(team.layla)
    _ = try team.nadia.edit { try $0.addLabel("for Nadia") }
    try fork.sync(team.nadia)
    let size = try team.layla.read { $0.log.treeSize }
    #expect(try team.nadia.read { $0.log.treeSize } == size)
    try body(team.layla, team.nadia, size)
  }

  private func expectFork(_ store: Workspace, _ bundle: [UInt8]) throws {
    let digest = try store.read { try $0.stateDigest() }
    do {
      _ = try store.apply(bundle: bundle)
      Issue.record("the bundle was taken in")
    } catch IngestFailure.wrongRoot {}
    #expect(try store.read { try $0.stateDigest() } == digest)
    let evidence = try store.read { try $0.db.evidence() }
    #expect(evidence.count == 1)
    #expect(evidence.first?.ours != evidence.first?.theirs)
  }

  @Test("a checkpoint of the same size over another root is refused, and both notes are kept")
  func sameSize() throws {
    try play { layla, nadia, size in try expectFork(layla, nadia.makeBundle(since: size)) }
  }

  @Test("a leaf that is known with other bytes is refused, and both notes are kept")
  func otherLeaf() throws {
    try play { layla, nadia, size in try expectFork(layla, nadia.makeBundle(since: size - 1)) }
  }

  @Test("a batch whose author has received another log is refused, and both notes are kept")
  func context() throws {
    try play { layla, nadia, size in
      _ = try nadia.edit { try $0.addLabel("on top of it") }
      let sealed = try nadia.read { try $0.sealPending(bytesMax: .max, batchesMax: .max).0 }
      let note = try #require(
        try layla.read { try $0.log.checkpoint(ofAtMost: size)?.note })
      let bundle = Bundle(
        workspace: try layla.read { try $0.workspaceID() }, from: size, to: size, entries: [],
        checkpoint: note, pending: sealed.map(\.bytes))
      try expectFork(layla, bundle.encoded)
    }
  }

  @Test("a bundle of what is known brings nothing, and nothing is wrong")
  func known() throws {
    try play { layla, _, size in
      for since in [0, size - 1, size] {
        let outcome = try layla.apply(bundle: layla.makeBundle(since: since))
        #expect(outcome.ingest.leaves == 0)
      }
      #expect(try layla.read { try $0.db.evidence() }.isEmpty)
    }
  }
}
