import Crypto

/// The Merkle Tree Hash of
/// [RFC 6962, section 2.1](https://www.rfc-editor.org/rfc/rfc6962#section-2.1), with SHA-256.
package enum MerkleTree {
  /// MTH({}) = SHA-256(): the root of a log without leaves.
  package static let emptyRoot = Digest32.sha256([])

  /// MTH({d}) = SHA-256(0x00 || d): the hash of the leaf whose entry is `entry`.
  package static func leafHash(_ entry: [UInt8]) -> Digest32 {
    var hasher = SHA256()
    withUnsafeBytes(of: 0x00 as UInt8) { hasher.update(bufferPointer: $0) }
    entry.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return Digest32(hasher.finalize())
  }

  /// SHA-256(0x01 || left || right): the hash of the node over two subtrees.
  package static func nodeHash(_ left: Digest32, _ right: Digest32) -> Digest32 {
    withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Digest32.byteCount, alignment: 1) { input in
      input[0] = 0x01
      left.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: input[1..<33]))
      right.copyBytes(to: UnsafeMutableRawBufferPointer(rebasing: input[33..<65]))
      var hasher = SHA256()
      hasher.update(bufferPointer: UnsafeRawBufferPointer(input))
      return Digest32(hasher.finalize())
    }
  }

  /// MTH(D[n]): the root of the log's first `size` leaves.
  ///
  /// One batched read of at most 63 hashes. Throws what the reader throws.
  package static func root<Reader: HashReader>(
    size: TreeSize, from reader: Reader
  ) throws(Reader.Failure) -> Digest32 {
    guard size > 0 else { return emptyRoot }
    let subtrees = LeafRange(0, size.rawValue).perfectSubtrees
    let hashes = try reader.readExactly(subtrees)
    return rootOfSubtrees(hashes)
  }

  /// The root over neighbouring perfect subtrees, the largest and leftmost first.
  ///
  /// Section 2.1 splits a tree at the largest power of two below its size. So the leftmost perfect
  /// subtree is the left child of the root, and all others together are its right child.
  static func rootOfSubtrees(_ hashes: some BidirectionalCollection<Digest32>) -> Digest32 {
    guard var root = hashes.last else { return emptyRoot }
    for left in hashes.dropLast().reversed() { root = nodeHash(left, root) }
    return root
  }

  /// The root of the perfect tree whose leaves, or nodes of one level, are `row`.
  ///
  /// `row` holds a power of two of hashes; costs as many node hashes, less one.
  static func rootOfPerfectRow(_ row: ArraySlice<Digest32>) -> Digest32 {
    precondition(row.count > 0 && row.count & (row.count - 1) == 0, "a perfect row is 2ⁿ wide")
    var row = Array(row)
    while row.count > 1 {
      row = (0..<row.count / 2).map { nodeHash(row[2 * $0], row[2 * $0 + 1]) }
    }
    return row[0]
  }
}
