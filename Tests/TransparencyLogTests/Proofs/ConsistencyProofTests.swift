import Testing
import TransparencyLog

@Suite("Consistency proofs (RFC 6962 § 2.1.2)")
struct ConsistencyProofTests {
  @Test("the published proofs are built and checked", arguments: PublishedTree.consistencyProofs)
  func published(vector: PublishedTree.Proof) throws {
    let log = try PublishedTree.log()
    let (old, new) = (TreeSize(vector.from), TreeSize(vector.size))
    let proof = ConsistencyProof(old: old, new: new, from: log)
    #expect(proof.hashes.map(\.hex) == vector.hashes)
    let oldRoot = try #require(Digest32(hex: PublishedTree.roots[vector.from]))
    let newRoot = try #require(Digest32(hex: PublishedTree.roots[vector.size]))
    try proof.check(old: old, oldRoot: oldRoot, new: new, newRoot: newRoot)
  }

  @Test("a proof for every pair of sizes up to 70 is as defined and verifies, and mutated it fails")
  func exhaustive() throws {
    let leaves = makeLeafHashes(70)
    let roots = (0...70).map { NaiveTree.root(leaves.prefix($0)) }
    let reader = RecordingReader(makeLog(70))
    for new in 1...70 {
      for old in 1...new {
        let readsBefore = reader.calls.count
        let proof = ConsistencyProof(old: TreeSize(old), new: TreeSize(new), from: reader)
        #expect(reader.calls.count == readsBefore + (old == new ? 0 : 1))
        #expect(proof.hashes == NaiveTree.proof(old, leaves.prefix(new)))
        try check(proof, old, roots[old], new, roots[new])
        for mutation in try mutations(of: proof.hashes, from: (old + new) % 256, step: 256) {
          let mutated = ConsistencyProof(hashes: mutation)
          let verifies = (try? check(mutated, old, roots[old], new, roots[new])) != nil
          if verifies { Issue.record("a mutated proof from \(old) to \(new) verifies") }
        }
      }
    }
  }

  @Test("every one-bit mutation of a proof or of a root fails", arguments: 1...9)
  func mutated(new: Int) throws {
    let log = makeLog(new)
    for old in 1...new {
      let oldRoot = MerkleTree.root(size: TreeSize(old), from: log)
      let proof = ConsistencyProof(old: TreeSize(old), new: TreeSize(new), from: log)
      for mutation in try mutations(of: proof.hashes + [oldRoot, log.root]) {
        let mutated = ConsistencyProof(hashes: mutation.dropLast(2))
        let (oldRoot, newRoot) = (mutation[mutation.count - 2], mutation[mutation.count - 1])
        let verifies = (try? check(mutated, old, oldRoot, new, newRoot)) != nil
        if verifies { Issue.record("a mutated proof from \(old) to \(new) verifies") }
      }
    }
  }

  @Test("a tree whose past was changed has no proof that verifies, whichever leaf was changed")
  func forkedLog() {
    let leaves = makeLeafHashes(13)
    let oldRoot = NaiveTree.root(leaves.prefix(9))
    for changed in 0..<9 {
      var forkedLeaves = leaves
      forkedLeaves[changed] = MerkleTree.leafHash(Array("another entry".utf8))
      var forked = StoredHashes()
      for leafHash in forkedLeaves { forked.append(leafHash: leafHash) }
      let proof = ConsistencyProof(old: 9, new: 13, from: forked)
      #expect(throws: ConsistencyProofError.self) {
        try check(proof, 9, oldRoot, 13, forked.root)
      }
    }
  }

  @Test("every tree extends the empty one with an empty proof")
  func emptyOldTree() throws {
    let log = makeLog(5)
    let proof = ConsistencyProof(old: 0, new: 5, from: log)
    #expect(proof.hashes.isEmpty)
    try check(proof, 0, MerkleTree.emptyRoot, 5, log.root)
    try check(proof, 0, MerkleTree.emptyRoot, 0, MerkleTree.emptyRoot)
    #expect(throws: ConsistencyProofError.self) { try check(proof, 0, log.root, 5, log.root) }
    #expect(throws: ConsistencyProofError.self) {
      try check(proof, 0, MerkleTree.emptyRoot, 0, log.root)
    }
  }

  @Test("a smaller new tree and a proof of another length are refused before any hashing")
  func wrongShape() {
    let log = makeLog(7)
    let hashes = ConsistencyProof(old: 6, new: 7, from: log).hashes
    let cases: [(hashes: [Digest32], old: Int, error: ConsistencyProofError)] = [
      (hashes, 8, .newSmallerThanOld(old: 8, new: 7)),
      (hashes + [log.root], 6, .wrongLength(expected: 3, actual: 4)),
      (hashes.dropLast(), 6, .wrongLength(expected: 3, actual: 2)),
      ([], 6, .wrongLength(expected: 3, actual: 0)),
      (hashes, 7, .wrongLength(expected: 0, actual: 3)),
      (hashes, 0, .wrongLength(expected: 0, actual: 3)),
    ]
    for (hashes, old, error) in cases {
      #expect(throws: error) {
        try check(ConsistencyProof(hashes: hashes), old, log.root, 7, log.root)
      }
    }
  }

  private func check(
    _ proof: ConsistencyProof, _ old: Int, _ oldRoot: Digest32, _ new: Int, _ newRoot: Digest32
  ) throws(ConsistencyProofError) {
    try proof.check(old: TreeSize(old), oldRoot: oldRoot, new: TreeSize(new), newRoot: newRoot)
  }
}
