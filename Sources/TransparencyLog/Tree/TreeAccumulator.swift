/// The right edge of a growing tree: enough to append leaves and to know the root, and no more.
///
/// It holds the roots of the perfect subtrees that make up the tree, one for each one bit of its
/// size, so at most 63 hashes whatever the size. Feed it every leaf hash of a segment and compare
/// `root` with the checkpoint.
package struct TreeAccumulator: Hashable, Sendable {
  /// How many leaves the tree has.
  package private(set) var size: TreeSize
  /// The roots of the perfect subtrees, the largest and leftmost first.
  package private(set) var subtrees: [Digest32]

  /// An empty tree.
  package init() {
    size = 0
    subtrees = []
  }

  /// The tree of a log's first `size` leaves, from its stored hashes, to continue from there.
  ///
  /// One batched read of at most 63 hashes. Throws what the reader throws.
  package init<Reader: HashReader>(size: TreeSize, from reader: Reader) throws(Reader.Failure) {
    let indexes = size > 0 ? LeafRange(0, size.rawValue).perfectSubtrees : []
    self.size = size
    subtrees = try reader.readExactly(indexes)
  }

  /// Appends a leaf, and returns the hashes to append to storage: the leaf's and those of the nodes
  /// that it completes, in storage order.
  ///
  /// The first of them belongs at `StoredHashIndex.count(for:)` of the size before. One node hash a
  /// leaf on average, 62 at most.
  @discardableResult
  package mutating func append(leafHash: Digest32) -> [Digest32] {
    var stored = [leafHash]
    var node = leafHash
    // Each one bit at the end of the size is a subtree as large as what the leaf has completed.
    for _ in 0..<(~size.rawValue).trailingZeroBitCount {
      node = MerkleTree.nodeHash(subtrees.removeLast(), node)
      stored.append(node)
    }
    subtrees.append(node)
    size = TreeSize(size.rawValue + 1)
    return stored
  }

  /// MTH of all leaves so far (RFC 6962 § 2.1); at most 62 node hashes.
  package var root: Digest32 { MerkleTree.rootOfSubtrees(subtrees) }
}

extension MerkleTree {
  /// The hashes to store when the leaf at `leaf` is appended: its own and those of the nodes that it
  /// completes, in storage order, the first at `StoredHashIndex(leaf: leaf)`.
  ///
  /// One batched read of what is needed of the leaves before, at most 62 hashes, often none. Throws
  /// what the reader throws. For many leaves in a row, `TreeAccumulator` reads only once.
  package static func storedHashesForAppending<Reader: HashReader>(
    _ leaf: LeafIndex, leafHash: Digest32, from reader: Reader
  ) throws(Reader.Failure) -> [Digest32] {
    let completed = (~leaf.rawValue).trailingZeroBitCount
    let siblings = (0..<completed).map { level in
      StoredHashIndex(level: level, position: leaf.rawValue >> level - 1)
    }
    var stored = [leafHash]
    var node = leafHash
    for sibling in try reader.readExactly(siblings) {
      node = nodeHash(sibling, node)
      stored.append(node)
    }
    return stored
  }
}

// MARK: - Bytes

/// Why bytes are no saved `TreeAccumulator`.
package enum TreeAccumulatorError: Error, Hashable {
  /// Fewer than the 8 bytes of the size.
  case truncatedSize(byteCount: Int)
  /// A size above `LogLimits.treeSizeMax`.
  case sizeTooLarge(UInt64)
  /// Not 32 bytes for each one bit of the size.
  case wrongByteCount(expected: Int, actual: Int)
}

extension TreeAccumulator {
  /// The accumulator as bytes, to be stored beside a checkpoint.
  ///
  ///     size       8 bytes, big-endian
  ///     subtrees   32 bytes each, the largest first, one for each one bit of size
  package var encoded: [UInt8] {
    var bytes = withUnsafeBytes(of: size.rawValue.bigEndian) { Array($0) }
    for subtree in subtrees { bytes += subtree.bytes }
    return bytes
  }

  /// The accumulator that `bytes` encode.
  ///
  /// The form is checked, the hashes cannot be: compare `root` with something signed.
  package init(encoded bytes: [UInt8]) throws(TreeAccumulatorError) {
    guard bytes.count >= 8 else { throw .truncatedSize(byteCount: bytes.count) }
    let rawSize = bytes.prefix(8).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
    guard let size = TreeSize(rawValue: rawSize) else { throw .sizeTooLarge(rawSize) }
    let expected = 8 + Digest32.byteCount * rawSize.nonzeroBitCount
    guard bytes.count == expected else {
      throw .wrongByteCount(expected: expected, actual: bytes.count)
    }
    self.size = size
    subtrees = stride(from: 8, to: expected, by: Digest32.byteCount).compactMap {
      Digest32(bytes: bytes[$0..<$0 + Digest32.byteCount])
    }
  }
}
