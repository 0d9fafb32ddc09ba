import MergeCore
package import TransparencyLog

/// A leaf that a log's key signed and that is not what its batch comes to.
///
/// That it was signed is proved by the note and the inclusion proof alone. Whoever holds the leaves
/// before it sees that it is false, by replaying this one.
package struct FalseLeafEvidence: Hashable, Sendable {
  /// The signed note of a tree that has the leaf.
  package var note: [UInt8]
  package var index: UInt64
  package var leaf: [UInt8]
  /// The batch that the leaf names.
  package var batch: [UInt8]
  package var inclusion: InclusionProof
  /// What the tree says of the leaves before; empty for leaf 0.
  package var before: PrefixProof
  /// The leaf that honest replay gives; empty where the batch may not stand there.
  package var honest: [UInt8]
  /// What is wrong, in a sentence.
  package var reason: String

  package init(
    note: [UInt8], index: UInt64, leaf: [UInt8], batch: [UInt8], inclusion: InclusionProof,
    before: PrefixProof, honest: [UInt8], reason: String
  ) {
    self.note = note
    self.index = index
    self.leaf = leaf
    self.batch = batch
    self.inclusion = inclusion
    self.before = before
    self.honest = honest
    self.reason = reason
  }
}

extension FalseLeafEvidence {
  /// Whether the key signed a tree with this leaf, and the leaf names the batch; the root over the
  /// leaves before it, nil for leaf 0.
  package func check(logKey: VerifierKey) throws(EvidenceError) -> Digest32? {
    let checkpoint = try signedCheckpoint(note, logKey)
    guard let position = LeafIndex(rawValue: index), checkpoint.size.contains(position) else {
      throw .notInTree
    }
    do {
      try inclusion.check(
        leafHash: MerkleTree.leafHash(leaf), at: position, size: checkpoint.size,
        root: checkpoint.root)
    } catch {
      throw .notInTree
    }
    guard Self.isBound(leaf: leaf, batch: batch) else { throw .otherBatch }
    guard index > 0 else { return nil }
    guard let roots = before.roots(prefix: TreeSize(index), size: checkpoint.size),
      roots.whole == checkpoint.root
    else { throw .notInTree }
    return roots.prefix
  }

  /// What is false about the leaf, by replaying it on the leaves before it; nil when it is what its batch
  /// comes to, or when only what nobody signed is wrong with it.
  ///
  /// - Parameter view: the log of the first ``index`` leaves.
  package func replay<View: LogView>(
    at view: View, with replay: LeafReplay
  ) throws -> LeafMismatch? {
    do {
      _ = try replay.follow(leafBytes: leaf, batch: batch, at: view)
      return nil
    } catch let mismatch as LeafMismatch {
      return Self.isSigned(mismatch, batch, view.logKey) ? mismatch : nil
    }
  }

  /// Whether the leaf's bytes are none of any version: nobody has to replay that.
  package var isNoLeaf: Bool { Leaf(encoded: leaf) == nil && !Leaf.isNewer(leaf) }

  /// Whether the batch is the one that the leaf names; a leaf that is none names nothing, and is false
  /// by itself.
  private static func isBound(leaf: [UInt8], batch: [UInt8]) -> Bool {
    guard let stated = Leaf(encoded: leaf) else { return true }
    guard let received = try? ReceivedBatch(decoding: batch) else { return false }
    return received.header.digest.hex == stated.batch
  }

  /// Whether a mismatch follows from what the leaf commits to, and from nothing that anybody on the way
  /// could have put there.
  ///
  /// A leaf names its batch by the digest of the header. Through it header, skeletons and contents'
  /// values are fixed. Signature, seeds, salts, checkpoint and left-out contents are attachments.
  package static func isSigned(
    _ mismatch: LeafMismatch, leaf: [UInt8], batch: [UInt8], logKey: VerifierKey?
  ) -> Bool {
    isBound(leaf: leaf, batch: batch) && isSigned(mismatch, batch, logKey)
  }

  private static func isSigned(
    _ mismatch: LeafMismatch, _ batch: [UInt8], _ logKey: VerifierKey?
  ) -> Bool {
    if case .newer = mismatch { return false }
    guard case .refused(let refusal) = mismatch else { return true }
    guard refusal.code != .badSignature, let received = try? ReceivedBatch(decoding: batch),
      received.changes.allSatisfy({ $0.contents.allSatisfy { $0.value != nil } })
    else { return false }
    guard refusal.code == .badContext, received.header.context.treeSize > 0 else { return true }
    // The note that travels with a context is nobody's statement unless the log signed it.
    guard let logKey, let note = try? signedCheckpoint(received.checkpoint, logKey) else {
      return false
    }
    return note.size.rawValue == received.header.context.treeSize
      && Digest256(note.root.bytes) == received.header.context.root
  }
}
