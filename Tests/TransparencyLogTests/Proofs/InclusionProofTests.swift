import Testing
import TransparencyLog

@Suite("Inclusion proofs (RFC 6962 § 2.1.1)")
struct InclusionProofTests {
  @Test("the published proofs are built and checked", arguments: PublishedTree.inclusionProofs)
  func published(vector: PublishedTree.Proof) throws {
    let log = try PublishedTree.log()
    let leaf = LeafIndex(vector.from)
    let size = TreeSize(vector.size)
    let proof = InclusionProof(leaf: leaf, size: size, from: log)
    #expect(proof.hashes.map(\.hex) == vector.hashes)
    let root = try #require(Digest32(hex: PublishedTree.roots[vector.size]))
    let leafHash = log.readHashes([StoredHashIndex(leaf: leaf)])[0]
    try proof.check(leafHash: leafHash, at: leaf, size: size, root: root)
  }

  @Test("a proof for every leaf of every size up to 70 is the defined one and verifies")
  func exhaustive() throws {
    let leaves = makeLeafHashes(70)
    let reader = RecordingReader(makeLog(70))
    for size in 1...70 {
      let root = NaiveTree.root(leaves.prefix(size))
      for leaf in 0..<size {
        let proof = InclusionProof(leaf: LeafIndex(leaf), size: TreeSize(size), from: reader)
        #expect(proof.hashes == NaiveTree.path(leaf, leaves.prefix(size)))
        try proof.check(
          leafHash: leaves[leaf], at: LeafIndex(leaf), size: TreeSize(size), root: root)
      }
    }
    #expect(reader.calls.count == 70 * 71 / 2 - 1, "one read a proof, none for a single leaf")
  }

  @Test("every one-bit mutation of a proof, its leaf or its root fails", arguments: 1...9)
  func mutated(size: Int) throws {
    let leaves = makeLeafHashes(size)
    let log = makeLog(size)
    for leaf in 0..<size {
      let proof = InclusionProof(leaf: LeafIndex(leaf), size: TreeSize(size), from: log)
      for mutation in try mutations(of: proof.hashes + [leaves[leaf], log.root]) {
        let mutated = InclusionProof(hashes: mutation.dropLast(2))
        let (leafHash, root) = (mutation[mutation.count - 2], mutation[mutation.count - 1])
        let result: Void? = try? mutated.check(
          leafHash: leafHash, at: LeafIndex(leaf), size: TreeSize(size), root: root)
        if result != nil { Issue.record("a mutated proof of leaf \(leaf) in \(size) verifies") }
      }
    }
  }

  @Test("a proof for another leaf of the tree fails")
  func otherLeaf() {
    let leaves = makeLeafHashes(21)
    let log = makeLog(21)
    for leaf in 0..<21 {
      let proof = InclusionProof(leaf: LeafIndex(leaf), size: 21, from: log)
      for other in 0..<21 where other != leaf {
        #expect(throws: InclusionProofError.self) {
          try proof.check(
            leafHash: leaves[leaf], at: LeafIndex(other), size: 21, root: log.root)
        }
      }
    }
  }

  @Test("a proof with a hash too many or too few fails, and so does a leaf outside the tree")
  func wrongShape() {
    let leaves = makeLeafHashes(7)
    let log = makeLog(7)
    let hashes = InclusionProof(leaf: 4, size: 7, from: log).hashes
    let cases: [(hashes: [Digest32], leaf: LeafIndex, error: InclusionProofError)] = [
      (hashes + [log.root], 4, .wrongLength(expected: 3, actual: 4)),
      ([leaves[0]] + hashes, 4, .wrongLength(expected: 3, actual: 4)),
      (hashes.dropLast(), 4, .wrongLength(expected: 3, actual: 2)),
      ([], 4, .wrongLength(expected: 3, actual: 0)),
      (hashes, 7, .leafOutsideTree(7, 7)),
    ]
    for (hashes, leaf, error) in cases {
      #expect(throws: error) {
        try InclusionProof(hashes: hashes).check(
          leafHash: leaves[4], at: leaf, size: 7, root: log.root)
      }
    }
    #expect(throws: InclusionProofError.leafOutsideTree(0, 0)) {
      try InclusionProof(hashes: []).check(
        leafHash: leaves[0], at: 0, size: 0, root: MerkleTree.emptyRoot)
    }
  }

  @Test("a proof in the largest log that there can be is checked without overflow")
  func largestTree() {
    let size = TreeSize(LogLimits.treeSizeMax)
    let leaf = LeafIndex(LogLimits.treeSizeMax - 1)
    #expect(InclusionProof.storedHashes(leaf: leaf, size: size).count == 62)
    let proof = InclusionProof(hashes: makeLeafHashes(62))
    #expect(throws: InclusionProofError.self) {
      try proof.check(
        leafHash: MerkleTree.emptyRoot, at: leaf, size: size, root: MerkleTree.emptyRoot)
    }
  }
}
