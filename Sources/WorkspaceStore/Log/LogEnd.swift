import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol
package import TransparencyLog

// What is checked before anything is appended or signed: that the log ends where the key that signs it
// says, and that what is stored of its end is what its last leaf states (decision 0031).

extension LogReader {
  /// Checks that the log's end is as it was signed.
  ///
  /// The root over the leaves of the largest checkpoint has to be the one that it signs, and leaves
  /// beyond it, which a crash left unsigned, to have their hashes. Reads O(log n) hashes and those
  /// leaves; verifies one signature. Throws ``StoreFailure/corrupt(_:)``.
  package func checkEnd() throws {
    let beyond = try Row.fetchOne(
      db, sql: "SELECT position FROM leaf ORDER BY position DESC LIMIT 1")
    guard try beyond?.size("position") == (treeSize == 0 ? nil : treeSize - 1) else {
      throw StoreFailure.corrupt("the leaves do not end where the log does, at \(treeSize)")
    }
    guard treeSize > 0 else { return }
    try checkLastLeaf()
    try checkTree()
  }

  private func checkLastLeaf() throws {
    guard let last = try leaf(at: treeSize - 1), let leaf = Leaf(encoded: last.leafBytes) else {
      throw StoreFailure.corrupt("leaf \(treeSize - 1) is no leaf")
    }
    guard Digest256(hex: leaf.stateDigest) == stateDigest else {
      throw StoreFailure.corrupt("the state digest is not the one that the last leaf states")
    }
  }

  private func checkTree() throws {
    let signed = try checkedCheckpoint(ofAtMost: treeSize)
    let size = TreeSize(signed?.checkpoint.size.rawValue ?? 0)
    var accumulator = try TreeAccumulator(size: size, from: tree)
    guard accumulator.root == signed?.checkpoint.root ?? MerkleTree.emptyRoot else {
      throw StoreFailure.corrupt("the tree's hashes are not those of the signed root of \(size)")
    }
    while accumulator.size.rawValue < treeSize {
      let leaves = try leaves(
        from: accumulator.size.rawValue, countMax: 256, bytesMax: 4 << 20)
      guard !leaves.isEmpty else {
        throw StoreFailure.corrupt("leaf \(accumulator.size.rawValue) is missing")
      }
      for leaf in leaves { try append(leaf, to: &accumulator) }
    }
  }

  private func append(_ leaf: StoredLeaf, to accumulator: inout TreeAccumulator) throws {
    let start = StoredHashIndex.count(for: accumulator.size)
    let hashes = accumulator.append(leafHash: MerkleTree.leafHash(leaf.leafBytes))
    let places = (start..<start + UInt64(hashes.count)).compactMap { StoredHashIndex(rawValue: $0) }
    guard leaf.index + 1 == accumulator.size.rawValue, try tree.readHashes(places) == hashes else {
      throw StoreFailure.corrupt("leaf \(leaf.index) is not the one that was hashed")
    }
  }

  /// The largest checkpoint of at most `size` leaves, once its signature holds; nil when none is stored.
  ///
  /// Throws ``StoreFailure/corrupt(_:)``.
  package func checkedCheckpoint(ofAtMost size: UInt64) throws -> SignedCheckpoint? {
    guard let key = logKey, let stored = try checkpoint(ofAtMost: size) else { return nil }
    guard
      let signed = try? SignedCheckpoint(opening: stored.note, origin: key.name.line, logKey: key),
      signed.checkpoint.size.rawValue == stored.size
    else {
      throw StoreFailure.corrupt("the checkpoint of \(stored.size) leaves is not signed by the log")
    }
    return signed
  }
}
