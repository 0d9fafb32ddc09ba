import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

/// What a server that lies would send: each fault alone, everything else as it should be, signed by
/// the log's own key.
@Suite("Planted faults are caught when they are received")
struct PlantedFaultTests {
  /// A log of a genesis and two edits; a store that has it up to the second, and the last entry.
  private struct Scene {
    let disk: SimulatedDisk
    let store: Workspace
    let log: MemoryLog
    let signer: NoteSigner

    init() throws {
      disk = try SimulatedDisk()
      let name = try #require(KeyName("example.com/planted"))
      signer = try #require(NoteSigner(name: name, seed: [UInt8](repeating: 5, count: 32)))
      store = try Workspace.found(
        in: disk.folder("store"), analyst: "Layla",
        machine: .simulated(
          seed: 4, time: SimulatedTime(), skew: 0, stateDirectory: disk.folder("state")))
      try store.setServer(
        ShareCode(
          purpose: .claim, url: "http://127.0.0.1:1", slot: "x", logKey: signer.verifierKey.text,
          secret: [UInt8](repeating: 1, count: 32), workspace: nil))
      var log = MemoryLog(signer: signer, schema: AnnotationSchema.schema)
      try store.edit { _ = try $0.addLabel("one") }
      for batch in try store.prepareExchange(bytesMax: .max).batches {
        try log.append(batch.bytes, time: 1_000)
      }
      _ = try store.ingest(Self.entries(log, from: 0), checkpoint: log.checkpoint)
      try store.edit { _ = try $0.addLabel("two") }
      for batch in try store.prepareExchange(bytesMax: .max).batches {
        try log.append(batch.bytes, time: 2_000)
      }
      self.log = log
    }

    static func entries(_ log: MemoryLog, from: Int) -> [ReceivedEntry] {
      log.leaves[from...].map {
        ReceivedEntry(index: $0.index, leaf: $0.leafBytes, batch: $0.judgement.batch.bytes)
      }
    }

    var last: ReceivedEntry {
      get throws { try #require(Self.entries(log, from: 0).last) }
    }

    /// A checkpoint of the log whose last leaf has these bytes: signed, so that only replay can tell.
    func checkpoint(withLast leaf: [UInt8]) throws -> [UInt8] {
      var tree = StoredHashes()
      for stated in log.leaves.dropLast().map(\.leafBytes) + [leaf] {
        tree.append(leafHash: MerkleTree.leafHash(stated))
      }
      let size = TreeSize(log.treeSize)
      let checkpoint = Checkpoint(
        origin: signer.verifierKey.name.line, size: size,
        root: MerkleTree.root(size: size, from: tree))
      return try SignedCheckpoint(signing: checkpoint, by: [signer]).note.encoded
    }

    /// Sends the entry; the failure's field, after checking that the store is as it was.
    func refusal(of entry: ReceivedEntry) throws -> LeafMismatch? {
      let before = try store.read { try LogSummary($0.log) }
      var found: LeafMismatch?
      do {
        _ = try store.ingest([entry], checkpoint: checkpoint(withLast: entry.leaf))
      } catch IngestFailure.mismatch(let refused) {
        found = refused.mismatch
      }
      #expect(try store.read { try LogSummary($0.log) } == before)
      return found
    }

    /// The last entry with one field of its leaf replaced.
    func forged(_ change: (inout Leaf) -> Void) throws -> ReceivedEntry {
      var entry = try last
      var leaf = try #require(Leaf(encoded: entry.leaf))
      change(&leaf)
      entry.leaf = leaf.encoded
      return entry
    }
  }

  @Test("a wrong sibling in the server's state shows in the state digest")
  func wrongSibling() throws {
    let scene = try Scene()
    // The digest that the log would state had the merge kept a sibling that nobody wrote.
    let element = DigestElement.sibling(
      LabelField.name, ChangeIdentity(origin: Dot(.zero, 1), chainHash: .zero), commitment: .zero)
    let label = try #require(scene.log.states.keys.first { $0.kind == .label })
    let wrong = scene.log.stateDigest &+ DomainHash.element(element, of: label)
    let entry = try scene.forged { $0.stateDigest = wrong.hex }
    #expect(
      try scene.refusal(of: entry)
        == .differs(
          field: "state_digest", stated: wrong.hex, replayed: scene.log.stateDigest.hex))
  }

  @Test("a forged leaf is refused, and the field is named")
  func forgedLeaf() throws {
    let scene = try Scene()
    let forgeries: [(String, (inout Leaf) -> Void)] = [
      ("type", { $0.type = .invite }), ("first", { $0.first += 1 }), ("last", { $0.last += 1 }),
      ("changes", { $0.changes += 1 }), ("concurrent", { $0.concurrent += 1 }),
      ("conflicts_opened", { $0.conflictsOpened += 1 }),
      ("conflicts_closed", { $0.conflictsClosed += 1 }), ("rules", { $0.rules = 2 }),
      ("epoch", { $0.epoch = 2 }), ("batch", { $0.batch = Digest256.zero.hex }),
      ("report", { $0.report = Digest256.zero.hex }),
      ("replica", { $0.replica = ReplicaID.zero.hex }),
    ]
    for (field, change) in forgeries {
      guard case .differs(let named, _, _) = try scene.refusal(of: scene.forged(change)) else {
        Issue.record("a forged \(field) passes, or is called something else")
        continue
      }
      #expect(named == field)
    }
  }

  @Test("a batch altered in any bit is refused")
  func alteredBatch() throws {
    let scene = try Scene()
    let entry = try scene.last
    let random = SeededRandom(seed: 6)
    for _ in 0..<200 {
      var altered = entry
      altered.batch[random.below(entry.batch.count)] ^= 1 << UInt8(random.below(8))
      #expect(try scene.refusal(of: altered) != nil)
    }
  }

  @Test("a batch at the wrong leaf, or one that the log has, is refused")
  func misplacedBatch() throws {
    let scene = try Scene()
    var doubled = try scene.last
    doubled.batch = scene.log.leaves[0].judgement.batch.bytes
    #expect(try scene.refusal(of: doubled) == .nothingNew)
  }

  @Test("the log of a larger checkpoint seen before may not come to something else")
  func forkAfterCheckpoint() throws {
    let scene = try Scene()
    // A push showed the store this log's last size; then the server goes on from the first leaf.
    let shown = try SignedCheckpoint(
      opening: scene.log.checkpoint, origin: scene.signer.verifierKey.name.line,
      logKey: scene.signer.verifierKey)
    try scene.store.acknowledge([], by: shown)
    var fork = MemoryLog(signer: scene.signer, schema: AnnotationSchema.schema)
    for leaf in scene.log.leaves.dropLast() {
      try fork.follow(leaf: leaf.leafBytes, batch: leaf.judgement.batch.bytes)
    }
    try fork.append(try scene.last.batch, time: 9_000)
    #expect(throws: IngestFailure.self) {
      _ = try scene.store.ingest(
        Scene.entries(fork, from: scene.log.leaves.count - 1), checkpoint: fork.checkpoint)
    }
  }
}
