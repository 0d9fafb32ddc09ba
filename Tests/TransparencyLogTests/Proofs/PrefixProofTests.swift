import Testing

@testable import TransparencyLog

@Suite struct PrefixProofTests {
  private static let sizes: [UInt64] = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33, 64, 100]

  private func log(_ size: UInt64, changing leaf: UInt64? = nil) -> StoredHashes {
    var log = StoredHashes()
    for index in 0..<size {
      log.append(
        leafHash: MerkleTree.leafHash([UInt8(index), index == leaf ? 1 : 0]))
    }
    return log
  }

  @Test("both roots follow from the hashes, for every beginning of every tree", arguments: sizes)
  func roots(size: UInt64) throws {
    let tree = log(size)
    for prefix in 1...size {
      let proof = PrefixProof(prefix: TreeSize(prefix), size: TreeSize(size), from: tree)
      let roots = try #require(proof.roots(prefix: TreeSize(prefix), size: TreeSize(size)))
      #expect(roots.prefix == MerkleTree.root(size: TreeSize(prefix), from: tree))
      #expect(roots.whole == tree.root)
    }
  }

  @Test("a tree that changed an old leaf has another root of its beginning", arguments: sizes)
  func fork(size: UInt64) throws {
    for prefix in 1...size {
      let fork = log(size, changing: prefix - 1)
      let proof = PrefixProof(prefix: TreeSize(prefix), size: TreeSize(size), from: fork)
      let roots = try #require(proof.roots(prefix: TreeSize(prefix), size: TreeSize(size)))
      #expect(roots.whole == fork.root)
      #expect(roots.prefix != log(prefix).root)
    }
  }

  @Test("any altered hash alters the root of the whole, so nobody can be accused with other hashes")
  func altered() throws {
    let (prefix, size) = (TreeSize(11), TreeSize(29))
    let tree = log(29)
    let proof = PrefixProof(prefix: prefix, size: size, from: tree)
    for index in proof.hashes.indices {
      var hashes = proof.hashes
      hashes[index] = MerkleTree.leafHash([9])
      let roots = try #require(PrefixProof(hashes: hashes).roots(prefix: prefix, size: size))
      #expect(roots.whole != tree.root)
    }
  }

  @Test("sizes and numbers of hashes that do not fit give nothing")
  func misfits() {
    let proof = PrefixProof(prefix: 3, size: 7, from: log(7))
    #expect(proof.roots(prefix: 0, size: 7) == nil)
    #expect(proof.roots(prefix: 8, size: 7) == nil)
    #expect(proof.roots(prefix: 5, size: 8) == nil)
    #expect(PrefixProof(hashes: proof.hashes.dropLast()).roots(prefix: 3, size: 7) == nil)
  }
}
