import AnnotationModel
import Foundation
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog

@testable import SyncClient
@testable import WorkspaceStore

/// Each member of a leaf and each field of a batch stated otherwise by those who can sign it: the server
/// with the log's key, and a member with its own, alone and together.
@Suite struct SignedLieTests {
  /// The note that the server signs over the honest leaves before one, and that one as it is told.
  private func note(_ corpus: LieCorpus, _ leaf: [UInt8], at index: Int) throws -> [UInt8] {
    var tree = StoredHashes()
    for stated in corpus.log.leaves[..<index].map(\.leafBytes) + [leaf] {
      tree.append(leafHash: MerkleTree.leafHash(stated))
    }
    let size = TreeSize(index + 1)
    let checkpoint = Checkpoint(
      origin: corpus.server.signer.verifierKey.name.line, size: size,
      root: MerkleTree.root(size: size, from: tree))
    return try SignedCheckpoint(signing: checkpoint, by: [corpus.server.signer]).note.encoded
  }

  /// What a store says to one leaf; the store is then as it was.
  private func hear(
    _ entry: ReceivedEntry, of corpus: LieCorpus, _ trial: LieTrial
  ) throws -> IngestFailure? {
    do {
      _ = try trial.store.workspace.ingest(
        [entry], checkpoint: note(corpus, entry.leaf, at: Int(entry.index)))
      return nil
    } catch let failure as IngestFailure {
      return failure
    }
  }

  private func entry(_ leaf: ReplayedLeaf) -> ReceivedEntry {
    ReceivedEntry(
      index: leaf.index, leaf: leaf.leafBytes, batch: leaf.judgement.batch.bytes)
  }

  /// Follows the honest log with a store, and lets `lies` be told of each leaf before it comes.
  private func follow(
    _ corpus: LieCorpus, _ lies: (LieTrial, MemoryLog, ReplayedLeaf) throws -> Void
  ) throws {
    let trial = try LieTrial(corpus.newcomer, in: corpus.disk, log: corpus.log)
    var log = MemoryLog(signer: corpus.server.signer, schema: AnnotationSchema.schema)
    for leaf in corpus.log.leaves {
      try lies(trial, log, leaf)
      try trial.reset()
      #expect(try hear(entry(leaf), of: corpus, trial) == nil, "leaf \(leaf.index)")
      try log.follow(leaf: leaf.leafBytes, batch: leaf.judgement.batch.bytes)
      try trial.begin()
    }
  }

  @Test func `a server that states something else of a leaf proves that it lies`() throws {
    let corpus = try LieCorpus()
    var told: [LeafLie: Int] = [:]
    let count = corpus.log.leaves.count
    try follow(corpus) { trial, log, leaf in
      let other = corpus.log.leaves[(Int(leaf.index) + count / 2) % count]
      for lie in LeafLie.all(of: leaf.leafBytes) where told[lie, default: 0] < 2 {
        guard let bytes = lie.told(in: leaf.leafBytes, swapping: other.leafBytes) else { continue }
        told[lie, default: 0] += 1
        let what = "leaf \(leaf.index), \(lie)"
        var entry = entry(leaf)
        entry.leaf = bytes
        let failure = try hear(entry, of: corpus, trial)
        // When it was is the server's claim, which nobody can check.
        if lie.member == "time", lie.way == .changed || lie.way == .swapped {
          #expect(failure == nil, "\(what)")
          try trial.reset()
          continue
        }
        guard case .mismatch(let refused)? = failure else {
          Issue.record("\(what): \(failure.map { "\($0)" } ?? "believed")")
          try trial.reset()
          continue
        }
        #expect(refused.leaf == leaf.index, "\(what)")
        // A leaf that names another batch than came is no proof: the batch may have been exchanged on
        // the way.
        let isBound = lie.member != "batch" || [.removed, .doubled, .largest].contains(lie.way)
        do { try trial.check(what, evidence: isBound ? 1 : 0) } catch { Issue.record("\(error)") }
        try expectProof(trial, log, what)
        try trial.reset()
      }
    }
    print("leaves stated otherwise: \(told.values.reduce(0, +))")
    // What is the same in every leaf, such as the epoch, cannot be swapped.
    let all = LeafLie.all(of: corpus.log.leaves[0].leafBytes)
    #expect(Set(told.keys.map(\.member)) == Set(all.map(\.member)))
    #expect(told.count > all.count - 12)
  }

  /// A third person who has the leaves before finds the kept leaf false, too.
  private func expectProof(_ trial: LieTrial, _ log: MemoryLog, _ what: String) throws {
    for piece in try trial.store.workspace.read({ try $0.evidence() }) {
      guard case .falseLeaf(let evidence) = piece.document.content else {
        Issue.record("\(what): the evidence is of something else")
        continue
      }
      #expect(throws: Never.self, "\(what)") {
        try evidence.replay(at: log, with: LeafReplay(schema: AnnotationSchema.schema))
      }
    }
  }

  @Test func `a batch of a member of ill will is refused alike by everybody, or by nobody`() throws
  {
    let corpus = try LieCorpus()
    let catalogues = try corpus.log.leaves.map { leaf in
      try LieCatalogue([leaf.judgement.batch.bytes], as: "Batch", in: corpus.schema)
    }
    let lies = LieCatalogue.few(catalogues)
    var (refused, accepted) = (0, 0)
    let server = try LiedToServer(corpus)
    try follow(corpus) { trial, log, leaf in
      guard let key = corpus.keys[leaf.judgement.batch.header.replica] else { return }
      for lie in lies[Int(leaf.index)] where !lie.path.isEmpty || lie.way == .unknownField {
        let what = "leaf \(leaf.index), \(lie)"
        guard let altered = catalogues[Int(leaf.index)].told(lie).first else { continue }
        let batch = try BatchResealing(key: key).resealed(
          altered, keepsChain: lie.part.hasPrefix("BatchHeader")
        ).encoded
        let time = Timestamp(leaf.leaf.time)?.milliseconds ?? 0
        let verdict = try BatchWord(of: batch, by: log, time: time)
        let stores = BatchWord(
          try trial.store.workspace.read { try $0.judge(batch, leafTime: time) })
        #expect(verdict.isSame(as: stores), "\(what): \(verdict), the store \(stores)")
        let leaves = try server.take(batch, of: leaf, what)
        #expect(verdict.leaf == leaves, "\(what): \(verdict), the server otherwise")
        try server.reset()
        if verdict.leaf == nil { refused += 1 } else { accepted += 1 }
      }
      #expect(try server.take(leaf.judgement.batch.bytes, of: leaf, "honest") == leaf.leafBytes)
      try server.begin()
    }
    print("batches sealed otherwise: \(refused) refused, \(accepted) accepted")
    #expect(refused > 300)
    #expect(accepted > 50)
  }
}

/// What somebody says to a batch that comes next.
private struct BatchWord: CustomStringConvertible {
  /// The leaf that it would make; nil where it makes none.
  var leaf: [UInt8]?
  var description: String
  private var isAcceptable: Bool

  init(of batch: [UInt8], by log: MemoryLog, time: Int64) throws {
    do {
      var log = log
      switch try log.append(batch, time: time) {
      case .new(let replayed):
        (leaf, description, isAcceptable) = (replayed.leafBytes, "acceptable", true)
      case .known(let index): (leaf, description, isAcceptable) = (nil, "known at \(index)", false)
      }
    } catch let refusal as Refusal {
      (leaf, description, isAcceptable) = (nil, Self.text(refusal), false)
    }
  }

  init(_ judgement: OwnJudgement) {
    switch judgement {
    case .acceptable: (description, isAcceptable) = ("acceptable", true)
    case .known(let index): (description, isAcceptable) = ("known at \(index)", false)
    case .refused(let refusal): (description, isAcceptable) = (Self.text(refusal), false)
    }
  }

  /// The words may differ: who was given a workspace says so.
  private static func text(_ refusal: Refusal) -> String {
    "\(refusal.code.rawValue) at \(refusal.counter?.rawValue ?? 0)"
  }

  func isSame(as other: BatchWord) -> Bool {
    isAcceptable == other.isAcceptable && Array(description.utf8) == Array(other.description.utf8)
  }
}
