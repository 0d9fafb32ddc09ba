import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

// What a push has to prove before anything of it counts.

extension ExchangeRun {
  /// After a push: checks the checkpoint, its consistency with the log here and with the largest head
  /// seen, and each inclusion proof, and only then counts the changes as acknowledged.
  func acknowledge(_ round: ExchangeRound) throws {
    let signed = try checkedCheckpoint(round)
    var proved: [(batch: OutgoingBatch, leaf: LeafIndex)] = []
    var held: [HeldLeaf] = []
    for (index, result) in round.outcomes where index < round.outgoing.batches.count {
      guard case .accepted(let leaf, let isKnown, let leafBytes, let proof) = result else {
        continue
      }
      let batch = round.outgoing.batches[index]
      guard let decoded = Leaf(encoded: leafBytes), decoded.last >= batch.last.rawValue,
        decoded.replica == batch.replica.hex, isKnown || decoded.batch == batch.digest.hex,
        let position = LeafIndex(rawValue: leaf)
      else { throw SyncFailure.proof("leaf \(leaf) does not hold the changes it is given for") }
      let inclusion = InclusionProof(hashes: try digests(proof))
      do {
        try inclusion.check(
          leafHash: MerkleTree.leafHash(leafBytes), at: position, size: signed.checkpoint.size,
          root: signed.checkpoint.root)
      } catch {
        throw SyncFailure.proof("leaf \(leaf) is not proved to be in the log")
      }
      proved.append((batch, position))
      // Sealing is repeatable, so a batch that the log knows under this digest has the same bytes.
      if decoded.batch == batch.digest.hex {
        held.append(
          HeldLeaf(
            index: leaf, leafBytes: leafBytes, batchBytes: batch.bytes, proof: inclusion))
      }
    }
    try checkNovelty(round)
    try workspace.acknowledge(proved, by: signed, holding: held)
  }

  /// The head that the server shows: signed by the pinned log, and a continuation of the log here and
  /// of the largest head that this store has seen.
  private func checkedCheckpoint(_ round: ExchangeRound) throws -> SignedCheckpoint {
    guard let key = try workspace.read({ $0.log.logKey }),
      let signed = try? SignedCheckpoint(
        opening: round.lastNote, origin: key.name.line, logKey: key)
    else { throw SyncFailure.proof("the checkpoint is not signed by this workspace's log") }
    let head = signed.checkpoint
    guard head.size.rawValue == round.serverSize else {
      throw SyncFailure.proof(
        "the server says that its log has \(round.serverSize) leaves, and signs \(head.size)")
    }
    let seen = try round.outgoing.seenCheckpoint()
    if let seen, head.size < seen.size {
      try workspace.check(checkpoint: round.lastNote, ofAtLeast: seen.size.rawValue)
    }
    let context = round.outgoing.context
    if let root = context.root.flatMap({ Digest32(bytes: $0.bytes) }) {
      try check(TreeSize(context.treeSize), root, continuedBy: head, round)
    }
    if let seen, seen.size.rawValue > context.treeSize {
      try check(seen.size, seen.root, continuedBy: head, round)
    }
    return signed
  }

  private func check(
    _ size: TreeSize, _ root: Digest32, continuedBy head: Checkpoint, _ round: ExchangeRound
  ) throws {
    if size == head.size, root == head.root { return }
    let proof = round.consistency.first {
      $0.from == size.rawValue && $0.to == head.size.rawValue
    }
    guard let proof else {
      throw SyncFailure.proof("the answer lacks the proof that the log has only grown")
    }
    do {
      try ConsistencyProof(hashes: digests(proof.proof)).check(
        old: size, oldRoot: root, new: head.size, newRoot: head.root)
    } catch is ConsistencyProofError {
      // What came may have been altered on its way: the log's own hashes tell.
      throw IngestFailure.wrongRoot(size: head.size.rawValue)
    }
  }

  private func digests(_ hashes: [[UInt8]]) throws -> [Digest32] {
    try hashes.map { bytes in
      guard let digest = Digest32(bytes: bytes) else {
        throw SyncFailure.proof("a proof's hash has a wrong length")
      }
      return digest
    }
  }
}
