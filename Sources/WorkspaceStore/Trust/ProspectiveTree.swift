import SyncProtocol
import TransparencyLog

/// The tree that leaves would make which somebody brought and which are not stored: the log here up to
/// the first of them, and then theirs.
struct ProspectiveTree: HashReader {
  private let base: StoredTree
  /// The position of the first hash that is not the log's.
  private let start: UInt64
  private let hashes: [Digest32]
  let size: TreeSize
  let root: Digest32

  /// Nil unless the entries follow each other from a leaf that the log has or lacks next.
  init?(_ entries: [ReceivedEntry], on log: LogReader) throws {
    guard let first = entries.first?.index, first <= log.treeSize else { return nil }
    var tree = try TreeAccumulator(size: TreeSize(first), from: log.tree)
    base = log.tree
    start = StoredHashIndex.count(for: tree.size)
    var hashes: [Digest32] = []
    for entry in entries {
      guard entry.index == tree.size.rawValue else { return nil }
      hashes += tree.append(leafHash: MerkleTree.leafHash(entry.leaf))
    }
    self.hashes = hashes
    size = tree.size
    root = tree.root
  }

  func readHashes(_ indexes: [StoredHashIndex]) throws(StoreFailure) -> [Digest32] {
    var read: [Digest32] = []
    for index in indexes {
      if index.rawValue < start {
        read += try base.readHashes([index])
      } else {
        read.append(hashes[Int(index.rawValue - start)])
      }
    }
    return read
  }

  /// The root over the first leaves.
  func root(ofSize size: TreeSize) throws(StoreFailure) -> Digest32 {
    try MerkleTree.root(size: size, from: self)
  }
}
