import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog

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
    } catch IngestFailure.fork {}
    #expect(try store.read { try $0.stateDigest() } == digest)
    let evidence = try store.read { try $0.evidence() }
    #expect(evidence.count == 1)
    let document = try #require(evidence.first?.document)
    #expect(try document.check().accusation.contains("signed"))
    #expect(try EvidenceDocument(decoding: document.encoded) == document)
    // Once: the same again, and whatever else shows the fork, adds nothing.
    #expect(throws: IngestFailure.self) { try store.apply(bundle: bundle) }
    #expect(try store.read { try $0.evidence() }.count == 1)
    #expect(try store.examine().compactMap(\.problem).count == 1)
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
      #expect(try layla.read { try $0.evidence() }.isEmpty)
    }
  }

  @Test("a fork that has grown is refused where it is applied, by hashes that only it can have")
  func grown() throws {
    let team = try Team()
    var fork = team.exchange
    _ = try team.layla.edit { try $0.addLabel("for Layla") }
    try team.exchange.sync(team.layla)
    let shared = try team.nadia.read { $0.log.treeSize }
    for name in ["one", "two", "three"] {
      _ = try team.nadia.edit { try $0.addLabel(name) }
      try fork.sync(team.nadia)
    }
    try expectFork(team.layla, team.nadia.makeBundle(since: shared))
    let evidence = try team.layla.read { try $0.evidence() }
    guard case .fork(let proof)? = evidence.first?.document.content else {
      Issue.record("no fork is kept")
      return
    }
    let key = try #require(try team.layla.read { $0.log.logKey })
    #expect(try proof.check(logKey: key).smaller == shared + 1)
  }

  @Test("a bundle that names the right workspace and begins another is refused, with proof")
  func otherWorkspace() throws {
    let team = try Team()
    let invitation = try team.layla.edit { try $0.invite(name: "Rami", role: .annotator) }
    try team.exchange.sync(team.layla)
    let rami = try Workspace.join(
      in: team.folder.path + "/rami", invite: ShareCode(text: invitation.code.text),
      machine: testMachine(seed: 8, in: team.folder.path))
    let bundle = try forgedBundle(0, for: rami, team)
    do {
      _ = try rami.apply(bundle: bundle)
      Issue.record("the bundle was taken in")
    } catch IngestFailure.mismatch(let refused) {
      #expect(refused.leaf == 0)
    }
    #expect(try rami.read { $0.log.treeSize } == 0)
    #expect(try rami.read { try $0.evidence() }.count == 1)
    try team.exchange.sync(rami)
    #expect(try rami.read { $0.log.treeSize } > 0)
  }

  @Test("false leaves leave a place for a fork, and what is damaged of them can be cleared")
  func fullEvidence() throws {
    let team = try Team()
    let invitation = try team.layla.edit { try $0.invite(name: "Rami", role: .annotator) }
    try team.exchange.sync(team.layla)
    let rami = try Workspace.join(
      in: team.folder.path + "/rami", invite: ShareCode(text: invitation.code.text),
      machine: testMachine(seed: 8, in: team.folder.path))
    for number in 0..<Limits.evidenceMax {
      let bundle = try forgedBundle(number, for: rami, team)
      #expect(throws: IngestFailure.self) { try rami.apply(bundle: bundle) }
    }
    #expect(try rami.read { try $0.evidence() }.count == Limits.evidenceMax - 1)
    try team.exchange.sync(rami)
    // The log as it is shown to Nadia from here on.
    try team.exchange.sync(team.nadia)
    var fork = team.exchange
    _ = try team.nadia.edit { try $0.addLabel("for Nadia") }
    try fork.sync(team.nadia)
    _ = try team.layla.edit { try $0.addLabel("for Layla") }
    try team.exchange.sync(team.layla)
    try team.exchange.sync(rami)
    let bundle = try team.nadia.makeBundle(since: 0)
    #expect(throws: IngestFailure.self) { try rami.apply(bundle: bundle) }
    #expect(try rami.read { try $0.isForkProved() })
    #expect(try rami.read { try $0.evidence() }.count == Limits.evidenceMax)

    let damage = TableDamage(altering: "document", of: "evidence", where: "id = 3")
    #expect(try damage.apply(to: rami.logDatabase.path))
    #expect(throws: StoreFailure.self) { try rami.read { try $0.evidence() } }
    #expect(try rami.clearEvidence(nil) == Limits.evidenceMax)
    #expect(try rami.read { try $0.evidence() }.isEmpty)
    #expect(try !rami.read { try $0.isForkProved() })
  }

  /// A bundle that names the store's workspace and begins another one, which the log's key signed.
  private func forgedBundle(
    _ number: Int, for store: Workspace, _ team: Team
  ) throws -> [UInt8] {
    let name = try #require(KeyName("example.com/test"))
    let signer = try #require(NoteSigner(name: name, seed: [UInt8](repeating: 9, count: 32)))
    let forger = try Workspace.found(
      in: team.folder.path + "/forger-\(number)", analyst: "Layla",
      machine: testMachine(seed: 100 + UInt64(number), in: team.folder.path))
    var forged = StoreExchange(signer: signer)
    try forged.publish(forger)
    var bundle = try Bundle(decoding: forger.makeBundle(since: 0))
    bundle.workspace = try store.read { try $0.workspaceID() }
    return bundle.encoded
  }

  @Test("a bundle whose known leaf or batch was altered on the way is refused and accuses nobody")
  func alteredEntry() throws {
    try play { layla, _, size in
      var bundle = try Bundle(decoding: layla.makeBundle(since: size - 1))
      let honest = bundle.entries[0]
      // An attachment's byte, which no hash of the log covers.
      bundle.entries[0].batch[honest.batch.count - 1] ^= 1
      #expect(throws: BundleRefusal.self) { try layla.apply(bundle: bundle.encoded) }
      bundle.entries[0] = honest
      bundle.entries[0].leaf[5] ^= 1
      #expect(throws: BundleRefusal.self) { try layla.apply(bundle: bundle.encoded) }
      #expect(try layla.read { try $0.evidence() }.isEmpty)
    }
  }
}
