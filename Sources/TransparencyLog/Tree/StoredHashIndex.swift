/// The place of one hash in a log's storage, which is one growing array of hashes.
///
/// The array holds the hash of every perfect subtree of the log: every node over 2ⁿ leaves that
/// begins at a multiple of 2ⁿ. A node is written as soon as its last leaf is, so the array is only
/// ever appended to: leaf, then all nodes that the leaf completed, from the lowest up. The order is
/// that of Go's `sumdb/tlog`, so its tools read the same array. For seven leaves:
///
///     array index   0   1   2    3   4   5    6    7   8   9    10
///     hash of       0   1  0-1   2   3  2-3  0-3   4   5  4-5    6
package struct StoredHashIndex: RawRepresentable, Hashable, Sendable {
  /// The index in the array, starting at 0.
  package let rawValue: UInt64

  /// The place with this array index; nil for one that the largest log does not reach.
  package init?(rawValue: UInt64) {
    guard rawValue < StoredHashIndex.count(for: TreeSize(LogLimits.treeSizeMax)) else { return nil }
    self.rawValue = rawValue
  }

  /// The place of the hash over the leaves D[position · 2^level : (position + 1) · 2^level].
  ///
  /// Leaves have level 0. The last of those leaves must be within the limits of a log.
  package init(level: Int, position: UInt64) {
    precondition((0..<63).contains(level), "no tree has level \(level)")
    precondition(
      position < LogLimits.treeSizeMax >> level, "no log has node \(position) at level \(level)")
    // The node follows its last leaf, and between the two stand the nodes of the levels between.
    let lastLeaf = (position + 1) << level - 1
    rawValue = StoredHashIndex.count(for: TreeSize(lastLeaf)) + UInt64(level)
  }

  /// The place of a leaf's hash.
  package init(leaf: LeafIndex) {
    self.init(level: 0, position: leaf.rawValue)
  }

  /// The level of the hash and its position within the level, both starting at 0.
  package var node: (level: Int, position: UInt64) {
    // m leaves come with 2m − (one bits of m) hashes, so the last leaf at or before this place is
    // at most 32 leaves past half of the index.
    var lastLeaf = rawValue / 2
    while StoredHashIndex.count(forLeaves: lastLeaf + 1) <= rawValue { lastLeaf += 1 }
    let level = Int(rawValue - StoredHashIndex.count(forLeaves: lastLeaf))
    return (level, (lastLeaf + 1) >> level - 1)
  }

  /// How many hashes are stored for a log of `size` leaves, which is also where the next leaf's
  /// hash goes.
  ///
  /// Every leaf and every merge of two equal subtrees stores one hash: 2n less the number of
  /// subtrees still unmerged, which is the number of one bits of n.
  package static func count(for size: TreeSize) -> UInt64 { count(forLeaves: size.rawValue) }

  private static func count(forLeaves leaves: UInt64) -> UInt64 {
    2 * leaves - UInt64(leaves.nonzeroBitCount)
  }
}

extension StoredHashIndex: Comparable, CustomStringConvertible {
  package static func < (left: StoredHashIndex, right: StoredHashIndex) -> Bool {
    left.rawValue < right.rawValue
  }

  package var description: String { String(rawValue) }
}
