/// The leaves D[lower:upper] of a log, in the notation of RFC 6962 § 2.1.
///
/// The ranges in this module arise from splitting a tree as section 2.1 does, so `lower` is always a
/// multiple of the largest power of two that fits into the range.
struct LeafRange: Hashable {
  /// The first leaf of the range.
  let lower: UInt64
  /// One past the last leaf of the range.
  let upper: UInt64

  init(_ lower: UInt64, _ upper: UInt64) {
    precondition(lower < upper && upper <= LogLimits.treeSizeMax, "a range has leaves")
    self.lower = lower
    self.upper = upper
  }

  var count: UInt64 { upper - lower }

  /// Where section 2.1 splits the range: k, the largest power of two below its count, after `lower`.
  var split: UInt64 {
    precondition(count > 1, "one leaf is not split")
    return lower + 1 << (UInt64.bitWidth - 1 - (count - 1).leadingZeroBitCount)
  }

  /// The subtrees of 2ⁿ leaves which together make the range, the largest and leftmost first: one
  /// for every one bit of `count`, and every one of them a stored hash.
  var perfectSubtrees: [StoredHashIndex] {
    var subtrees: [StoredHashIndex] = []
    var start = lower
    while start < upper {
      let level = UInt64.bitWidth - 1 - (upper - start).leadingZeroBitCount
      precondition(start.trailingZeroBitCount >= level, "a subtree starts at its own multiple")
      subtrees.append(StoredHashIndex(level: level, position: start >> level))
      start += 1 << level
    }
    return subtrees
  }
}

/// The hash of each range, from the stored hashes of all their perfect subtrees in the same order.
func foldSubtrees(_ stored: [Digest32], into ranges: [LeafRange]) -> [Digest32] {
  var rest = stored[...]
  let hashes = ranges.map { range in
    let subtreeCount = range.count.nonzeroBitCount
    defer { rest = rest.dropFirst(subtreeCount) }
    return MerkleTree.rootOfSubtrees(rest.prefix(subtreeCount))
  }
  precondition(rest.isEmpty, "every stored hash belongs to a range")
  return hashes
}
