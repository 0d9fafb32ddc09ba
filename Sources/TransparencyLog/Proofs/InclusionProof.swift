/// A proof that a leaf is in a tree: the Merkle audit path of
/// [RFC 6962, section 2.1.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1.1).
///
/// It holds hashes only. Which leaf and which tree it is about comes from whoever checks it, never
/// from the proof.
package struct InclusionProof: Hashable, Sendable {
  /// PATH(m, D[n]): the sibling of the leaf first, the child of the root last; 63 at most.
  package let hashes: [Digest32]

  /// The proof with these hashes, which nothing has checked.
  package init(hashes: [Digest32]) { self.hashes = hashes }

  /// What to fetch: the stored hashes from which the proof is built, in order.
  package static func storedHashes(leaf: LeafIndex, size: TreeSize) -> [StoredHashIndex] {
    path(leaf: leaf, size: size).flatMap(\.perfectSubtrees)
  }

  /// Builds the proof that the tree of `size` leaves has the leaf at `leaf`, which it must have.
  ///
  /// One batched read of O(log size) hashes. Throws what the reader throws.
  package init<Reader: HashReader>(
    leaf: LeafIndex, size: TreeSize, from reader: Reader
  ) throws(Reader.Failure) {
    let stored = try reader.readExactly(Self.storedHashes(leaf: leaf, size: size))
    hashes = foldSubtrees(stored, into: Self.path(leaf: leaf, size: size))
  }

  /// Checks that the tree with this size and root has the leaf hash at `leaf`.
  ///
  /// All four come from somewhere the caller trusts or has computed. Safe on any input; costs one
  /// node hash for each hash of the proof.
  package func check(
    leafHash: Digest32, at leaf: LeafIndex, size: TreeSize, root: Digest32
  ) throws(InclusionProofError) {
    guard size.contains(leaf) else { throw .leafOutsideTree(leaf, size) }
    let path = Self.path(leaf: leaf, size: size)
    guard hashes.count == path.count else {
      throw .wrongLength(expected: path.count, actual: hashes.count)
    }
    var node = leafHash
    for (range, hash) in zip(path, hashes) {
      let isLeft = range.lower < leaf.rawValue
      node = isLeft ? MerkleTree.nodeHash(hash, node) : MerkleTree.nodeHash(node, hash)
    }
    guard node == root else { throw .rootMismatch(computed: node, expected: root) }
  }

  /// The leaves under each hash of PATH(m, D[n]), in proof order.
  ///
  /// Section 2.1.1 walks down from the root: of the two halves at each split, the one with the leaf
  /// is entered and the other one is part of the proof.
  private static func path(leaf: LeafIndex, size: TreeSize) -> [LeafRange] {
    precondition(size.contains(leaf), "the tree has the leaf")
    var entered = LeafRange(0, size.rawValue)
    var siblings: [LeafRange] = []
    while entered.count > 1 {
      let left = LeafRange(entered.lower, entered.split)
      let right = LeafRange(entered.split, entered.upper)
      let isInLeft = leaf.rawValue < entered.split
      siblings.append(isInLeft ? right : left)
      entered = isInLeft ? left : right
    }
    return siblings.reversed()
  }
}

/// Why an inclusion proof does not hold.
package enum InclusionProofError: Error, Hashable {
  /// A tree of this size has no such leaf.
  case leafOutsideTree(LeafIndex, TreeSize)
  /// The proof for this leaf and size has another number of hashes.
  case wrongLength(expected: Int, actual: Int)
  /// The proof leads to another root than the one expected.
  case rootMismatch(computed: Digest32, expected: Digest32)
}
