/// What a tree says of its own beginning: the hashes from which both the root of its first leaves and
/// its own root follow.
///
/// With the root of a whole tree given, the root of its beginning can be no other than the one computed.
/// So it proves also what a `ConsistencyProof` cannot: that a tree does *not* extend an older one.
package struct PrefixProof: Hashable, Sendable {
  /// The perfect subtrees of the beginning, the largest first, and then those of the rest from left to
  /// right, each as large as its place and the tree's end allow; 189 at most.
  package let hashes: [Digest32]

  /// The proof with these hashes, which nothing has checked.
  package init(hashes: [Digest32]) { self.hashes = hashes }

  /// What to fetch: the stored hashes that make the proof, in order.
  ///
  /// - Precondition: 0 < `prefix` ≤ `size`.
  package static func storedHashes(prefix: TreeSize, size: TreeSize) -> [StoredHashIndex] {
    subtrees(prefix: prefix, size: size).map {
      StoredHashIndex(level: $0.level, position: $0.start >> $0.level)
    }
  }

  /// Reads the proof from a tree of `size` leaves, in one batch of O(log size) hashes.
  package init<Reader: HashReader>(
    prefix: TreeSize, size: TreeSize, from reader: Reader
  ) throws(Reader.Failure) {
    hashes = try reader.readExactly(Self.storedHashes(prefix: prefix, size: size))
  }

  /// The roots of the first `prefix` leaves and of all `size`, as these hashes have them; nil for sizes
  /// or a number of hashes that do not fit.
  package func roots(prefix: TreeSize, size: TreeSize) -> (prefix: Digest32, whole: Digest32)? {
    guard prefix > 0, prefix <= size else { return nil }
    let subtrees = Self.subtrees(prefix: prefix, size: size)
    guard subtrees.count == hashes.count else { return nil }
    // A binary counter: what stands on the stack are the perfect subtrees of the leaves so far.
    var stack: [(level: Int, hash: Digest32)] = []
    var beginning: Digest32?
    for (subtree, hash) in zip(subtrees, hashes) {
      if subtree.start == prefix.rawValue {
        beginning = MerkleTree.rootOfSubtrees(stack.map(\.hash))
      }
      var node = (level: subtree.level, hash: hash)
      while let left = stack.last, left.level == node.level {
        stack.removeLast()
        node = (node.level + 1, MerkleTree.nodeHash(left.hash, node.hash))
      }
      stack.append(node)
    }
    let whole = MerkleTree.rootOfSubtrees(stack.map(\.hash))
    return (beginning ?? whole, whole)
  }

  private static func subtrees(prefix: TreeSize, size: TreeSize) -> [(start: UInt64, level: Int)] {
    precondition(prefix > 0 && prefix <= size, "a beginning has leaves, and no more than the tree")
    var subtrees: [(start: UInt64, level: Int)] = []
    var start: UInt64 = 0
    while start < size.rawValue {
      let end = start < prefix.rawValue ? prefix.rawValue : size.rawValue
      let fitting = UInt64.bitWidth - 1 - (end - start).leadingZeroBitCount
      let level = start == 0 ? fitting : min(fitting, start.trailingZeroBitCount)
      subtrees.append((start, level))
      start += 1 << level
    }
    return subtrees
  }
}
