import Testing
import TransparencyLog

@Suite("Accumulating a tree")
struct TreeAccumulatorTests {
  @Test("an accumulator has the root of the definition after every leaf up to 130")
  func rootAfterEveryLeaf() {
    let leaves = makeLeafHashes(130)
    var accumulator = TreeAccumulator()
    #expect(accumulator.root == MerkleTree.emptyRoot)
    for (position, leafHash) in leaves.enumerated() {
      accumulator.append(leafHash: leafHash)
      #expect(accumulator.size == TreeSize(position + 1))
      #expect(accumulator.root == NaiveTree.root(leaves.prefix(position + 1)))
    }
  }

  @Test("an accumulator taken from storage, or decoded, goes on as the original does")
  func resuming() throws {
    let leaves = makeLeafHashes(70)
    var accumulator = TreeAccumulator()
    for (position, leafHash) in leaves.enumerated() {
      #expect(try TreeAccumulator(encoded: accumulator.encoded) == accumulator)
      let reader = RecordingReader(makeLog(position))
      #expect(TreeAccumulator(size: TreeSize(position), from: reader) == accumulator)
      #expect(reader.calls.count <= 1)
      accumulator.append(leafHash: leafHash)
    }
  }

  @Test("bytes of another form are refused")
  func malformedBytes() {
    #expect(throws: TreeAccumulatorError.truncatedSize(byteCount: 7)) {
      try TreeAccumulator(encoded: [UInt8](repeating: 0, count: 7))
    }
    #expect(throws: TreeAccumulatorError.sizeTooLarge(1 << 63)) {
      try TreeAccumulator(encoded: [0x80, 0, 0, 0, 0, 0, 0, 0])
    }
    #expect(throws: TreeAccumulatorError.wrongByteCount(expected: 72, actual: 40)) {
      try TreeAccumulator(encoded: [0, 0, 0, 0, 0, 0, 0, 3] + [UInt8](repeating: 1, count: 32))
    }
    #expect(throws: TreeAccumulatorError.wrongByteCount(expected: 8, actual: 9)) {
      try TreeAccumulator(encoded: [UInt8](repeating: 0, count: 9))
    }
  }
}
