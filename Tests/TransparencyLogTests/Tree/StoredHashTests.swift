import Testing
import TransparencyLog

@Suite("Storage of hashes")
struct StoredHashTests {
  @Test("hashes are stored in the order in which leaves complete nodes")
  func storageOrder() {
    let places: [(level: Int, position: UInt64)] = [
      (0, 0), (0, 1), (1, 0), (0, 2), (0, 3), (1, 1), (2, 0), (0, 4), (0, 5), (1, 2), (0, 6),
      (0, 7), (1, 3), (2, 1), (3, 0), (0, 8),
    ]
    for (index, place) in places.enumerated() {
      let stored = StoredHashIndex(level: place.level, position: place.position)
      #expect(stored.rawValue == UInt64(index))
    }
  }

  @Test("every array index has one node, and the node has that array index")
  func roundTrip() throws {
    let largest = StoredHashIndex.count(for: TreeSize(LogLimits.treeSizeMax)) - 1
    for rawValue in Array(0..<5000) + Array(largest - 5000...largest) {
      let stored = try #require(StoredHashIndex(rawValue: rawValue))
      let node = stored.node
      #expect(StoredHashIndex(level: node.level, position: node.position) == stored)
    }
    #expect(StoredHashIndex(rawValue: largest + 1) == nil)
  }

  @Test("the next leaf's hash goes where the stored hashes end")
  func nextLeaf() {
    for size in 0..<200 as Range<UInt64> {
      let count = StoredHashIndex.count(for: TreeSize(size))
      #expect(StoredHashIndex(leaf: LeafIndex(size)).rawValue == count)
    }
  }

  @Test("every stored hash is the root over its leaves")
  func storedHashesAreRoots() throws {
    let leaves = makeLeafHashes(70)
    let log = makeLog(70)
    #expect(UInt64(log.hashes.count) == StoredHashIndex.count(for: 70))
    for (index, hash) in log.hashes.enumerated() {
      let node = try #require(StoredHashIndex(rawValue: UInt64(index))).node
      let first = Int(node.position) << node.level
      #expect(hash == NaiveTree.root(leaves[first..<first + 1 << node.level]))
    }
  }

  @Test("appending from stored hashes stores what the accumulator stores, with one read at most")
  func appendingFromStorage() {
    var log = StoredHashes()
    for (position, leafHash) in makeLeafHashes(70).enumerated() {
      let reader = RecordingReader(log)
      let stored = MerkleTree.storedHashesForAppending(
        LeafIndex(position), leafHash: leafHash, from: reader)
      #expect(reader.calls.count <= 1)
      let before = log.hashes
      log.append(leafHash: leafHash)
      #expect(before + stored == log.hashes)
    }
  }
}
