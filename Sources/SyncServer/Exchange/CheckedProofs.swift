import FoundationEssentials
import MergeCore
import TransparencyLog
import WorkspaceStore

// Proofs and notes as they are sent: checked first, so that damage here is never told as a lie.

extension LogReader {
  /// The signed note of a size; throws ``StoreFailure/corrupt(_:)`` where it is missing or is not as it
  /// was signed.
  func signedNote(ofSize size: UInt64) throws -> [UInt8] {
    try signed(size).note.encoded
  }

  /// The proof that a leaf is in the signed tree of a size.
  func inclusion(of leaf: [UInt8], at index: UInt64, in size: UInt64) throws -> InclusionProof {
    let signed = try signed(size)
    let (place, tree) = (LeafIndex(index), TreeSize(size))
    let proof = try InclusionProof(leaf: place, size: tree, from: self.tree)
    do {
      try proof.check(
        leafHash: MerkleTree.leafHash(leaf), at: place, size: tree, root: signed.checkpoint.root)
    } catch {
      throw StoreFailure.corrupt("leaf \(index) is not in the tree that was signed")
    }
    return proof
  }

  /// The proof that a smaller tree leads to the signed one of a size.
  func consistency(from old: UInt64, to size: UInt64) throws -> ConsistencyProof {
    let signed = try signed(size)
    let (before, after) = (TreeSize(old), TreeSize(size))
    let proof = try ConsistencyProof(old: before, new: after, from: tree)
    let root = try MerkleTree.root(size: before, from: tree)
    do {
      try proof.check(old: before, oldRoot: root, new: after, newRoot: signed.checkpoint.root)
    } catch {
      throw StoreFailure.corrupt("the tree of \(old) leaves does not lead to the signed one")
    }
    return proof
  }

  private func signed(_ size: UInt64) throws -> SignedCheckpoint {
    guard let signed = try checkedCheckpoint(ofAtMost: size),
      signed.checkpoint.size.rawValue == size
    else { throw StoreFailure.corrupt("the checkpoint of \(size) leaves is missing") }
    return signed
  }
}
