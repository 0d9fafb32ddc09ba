/// A proof that a tree extends an older one without changing it: the Merkle consistency proof of
/// [RFC 6962, section 2.1.2](https://www.rfc-editor.org/rfc/rfc6962#section-2.1.2).
///
/// It holds hashes only. Which two trees it is about comes from whoever checks it, never from the
/// proof. The RFC leaves out the empty tree; here every tree extends it, and the proof is empty.
package struct ConsistencyProof: Hashable, Sendable {
  /// PROOF(m, D[n]): the lowest nodes first, the child of the root last; 64 at most.
  package let hashes: [Digest32]

  /// The proof with these hashes, which nothing has checked.
  package init(hashes: [Digest32]) { self.hashes = hashes }

  /// What to fetch: the stored hashes from which the proof is built, in order.
  package static func storedHashes(old: TreeSize, new: TreeSize) -> [StoredHashIndex] {
    path(old: old, new: new).flatMap(\.perfectSubtrees)
  }

  /// Builds the proof that the log's tree of `new` leaves extends its tree of `old` leaves, which
  /// is not the larger one.
  ///
  /// One batched read of O(log new) hashes. Throws what the reader throws.
  package init<Reader: HashReader>(
    old: TreeSize, new: TreeSize, from reader: Reader
  ) throws(Reader.Failure) {
    let stored = try reader.readExactly(Self.storedHashes(old: old, new: new))
    hashes = foldSubtrees(stored, into: Self.path(old: old, new: new))
  }

  /// Checks that the new tree extends the old one.
  ///
  /// Both sizes and roots come from checkpoints whose signatures hold. Safe on any input; costs at
  /// most two node hashes for each hash of the proof.
  package func check(
    old: TreeSize, oldRoot: Digest32, new: TreeSize, newRoot: Digest32
  ) throws(ConsistencyProofError) {
    guard old <= new else { throw .newSmallerThanOld(old: old, new: new) }
    let path = Self.path(old: old, new: new)
    guard hashes.count == path.count else {
      throw .wrongLength(expected: path.count, actual: hashes.count)
    }
    let computed = Self.roots(
      old: old, oldRoot: oldRoot, new: new, newRoot: newRoot, path: zip(path, hashes))
    guard computed.old == oldRoot else {
      throw .oldRootMismatch(computed: computed.old, expected: oldRoot)
    }
    guard computed.new == newRoot else {
      throw .newRootMismatch(computed: computed.new, expected: newRoot)
    }
  }

  /// The roots of both trees as the proof has them.
  private static func roots(
    old: TreeSize, oldRoot: Digest32, new: TreeSize, newRoot: Digest32,
    path: Zip2Sequence<[LeafRange], [Digest32]>
  ) -> (old: Digest32, new: Digest32) {
    if old == 0 { return (MerkleTree.emptyRoot, new == 0 ? MerkleTree.emptyRoot : newRoot) }
    // The walk starts from the subtree in which the old tree ends. When that is the whole old tree,
    // the proof leaves it out and the old root stands in for it.
    var roots = (old: oldRoot, new: oldRoot)
    for (range, hash) in path {
      if range.upper == old.rawValue {
        roots = (hash, hash)
      } else if range.lower >= old.rawValue {
        roots.new = MerkleTree.nodeHash(roots.new, hash)
      } else {
        roots.old = MerkleTree.nodeHash(hash, roots.old)
        roots.new = MerkleTree.nodeHash(hash, roots.new)
      }
    }
    return roots
  }

  /// The leaves under each hash of PROOF(m, D[n]), in proof order.
  ///
  /// SUBPROOF of section 2.1.2 walks down from the root: of the two halves at each split, the one in
  /// which the old tree ends is entered and the other one is part of the proof. The walk stops at
  /// the subtree that the old tree ends with; its hash is part of the proof unless it is the whole
  /// old tree (the flag b of SUBPROOF), whose root the checker has.
  private static func path(old: TreeSize, new: TreeSize) -> [LeafRange] {
    precondition(old <= new, "the old tree is not the larger one")
    guard old > 0 else { return [] }
    var entered = LeafRange(0, new.rawValue)
    var siblings: [LeafRange] = []
    while entered.upper != old.rawValue {
      let left = LeafRange(entered.lower, entered.split)
      let right = LeafRange(entered.split, entered.upper)
      let endsInLeft = old.rawValue <= entered.split
      siblings.append(endsInLeft ? right : left)
      entered = endsInLeft ? left : right
    }
    if entered.lower > 0 { siblings.append(entered) }
    return siblings.reversed()
  }
}

/// Why a consistency proof does not hold.
package enum ConsistencyProofError: Error, Hashable {
  /// A tree cannot extend a larger one.
  case newSmallerThanOld(old: TreeSize, new: TreeSize)
  /// The proof for these sizes has another number of hashes.
  case wrongLength(expected: Int, actual: Int)
  /// The proof leads to another root of the old tree than the one expected.
  case oldRootMismatch(computed: Digest32, expected: Digest32)
  /// The proof leads to another root of the new tree than the one expected.
  case newRootMismatch(computed: Digest32, expected: Digest32)
}
