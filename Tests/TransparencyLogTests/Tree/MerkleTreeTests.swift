import Testing
import TransparencyLog

@Suite("Merkle tree hashes (RFC 6962 § 2.1)")
struct MerkleTreeTests {
  @Test("the published leaves have the published root at every size", arguments: 0...8)
  func publishedRoots(size: Int) throws {
    let log = try PublishedTree.log()
    #expect(MerkleTree.root(size: TreeSize(size), from: log).hex == PublishedTree.roots[size])
  }

  @Test("stored hashes have the root that the recursive definition gives, at every size up to 130")
  func rootsAgreeWithDefinition() {
    let leaves = makeLeafHashes(130)
    let log = makeLog(130)
    for size in 0...130 {
      #expect(
        MerkleTree.root(size: TreeSize(size), from: log) == NaiveTree.root(leaves.prefix(size)))
    }
  }

  @Test("a root is computed from one batched read of one hash for each one bit of the size")
  func rootReadsOnce() {
    let reader = RecordingReader(makeLog(70))
    _ = MerkleTree.root(size: 70, from: reader)
    #expect(reader.calls.map(\.count) == [70.nonzeroBitCount])
  }

  @Test("what the reader throws is thrown on")
  func readerFailure() {
    struct Unreadable: HashReader {
      struct Lost: Error, Equatable {}
      func readHashes(_ indexes: [StoredHashIndex]) throws(Lost) -> [Digest32] { throw Lost() }
    }
    #expect(throws: Unreadable.Lost()) { try MerkleTree.root(size: 5, from: Unreadable()) }
  }

  @Test("a tree size has a limit and its leaf indices stay below it")
  func sizeLimits() {
    let max = LogLimits.treeSizeMax
    #expect(TreeSize(rawValue: max)?.rawValue == max)
    #expect(TreeSize(rawValue: max + 1) == nil)
    #expect(LeafIndex(rawValue: max - 1)?.treeSize.rawValue == max)
    #expect(LeafIndex(rawValue: max) == nil)
  }
}
