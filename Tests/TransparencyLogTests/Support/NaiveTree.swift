import TransparencyLog

/// RFC 6962 §§ 2.1–2.1.2 word for word, recursive and slow: the oracle for everything else.
enum NaiveTree {
  static func root(_ leaves: ArraySlice<Digest32>) -> Digest32 {
    guard let first = leaves.first else { return MerkleTree.emptyRoot }
    if leaves.count == 1 { return first }
    let k = split(leaves.count)
    return MerkleTree.nodeHash(root(leaves.prefix(k)), root(leaves.dropFirst(k)))
  }

  static func path(_ m: Int, _ leaves: ArraySlice<Digest32>) -> [Digest32] {
    if leaves.count == 1 { return [] }
    let k = split(leaves.count)
    return m < k
      ? path(m, leaves.prefix(k)) + [root(leaves.dropFirst(k))]
      : path(m - k, leaves.dropFirst(k)) + [root(leaves.prefix(k))]
  }

  static func proof(_ m: Int, _ leaves: ArraySlice<Digest32>) -> [Digest32] {
    subproof(m, leaves, isWholeOldTree: true)
  }

  private static func subproof(
    _ m: Int, _ leaves: ArraySlice<Digest32>, isWholeOldTree: Bool
  ) -> [Digest32] {
    if m == leaves.count { return isWholeOldTree ? [] : [root(leaves)] }
    let k = split(leaves.count)
    return m <= k
      ? subproof(m, leaves.prefix(k), isWholeOldTree: isWholeOldTree)
        + [root(leaves.dropFirst(k))]
      : subproof(m - k, leaves.dropFirst(k), isWholeOldTree: false) + [root(leaves.prefix(k))]
  }

  /// The largest power of two smaller than `n`.
  private static func split(_ n: Int) -> Int {
    var k = 1
    while 2 * k < n { k *= 2 }
    return k
  }
}
