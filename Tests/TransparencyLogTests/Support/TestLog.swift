import Testing
import TransparencyLog

/// A log of `leafCount` small entries, all different.
func makeLog(_ leafCount: Int) -> StoredHashes {
  var log = StoredHashes()
  for leaf in makeLeafHashes(leafCount) { log.append(leafHash: leaf) }
  return log
}

func makeLeafHashes(_ count: Int) -> [Digest32] {
  (0..<count).map { MerkleTree.leafHash(Array("entry \($0)".utf8)) }
}

/// The digest with one of its 256 bits, counted from the first, turned over.
func flip(_ bit: Int, of digest: Digest32) throws -> Digest32 {
  var bytes = digest.bytes
  bytes[bit / 8] ^= 0x80 >> (bit % 8)
  return try #require(Digest32(bytes: bytes))
}

/// All copies of `hashes` with one bit turned over: every bit of each hash, or every `step`-th.
func mutations(of hashes: [Digest32], from first: Int = 0, step: Int = 1) throws -> [[Digest32]] {
  var mutated: [[Digest32]] = []
  for position in hashes.indices {
    for bit in stride(from: first, to: 256, by: step) {
      var copy = hashes
      copy[position] = try flip(bit, of: copy[position])
      mutated.append(copy)
    }
  }
  return mutated
}

/// Passes reads on and keeps what was asked for, call by call.
final class RecordingReader: HashReader {
  private let log: StoredHashes
  private(set) var calls: [[StoredHashIndex]] = []

  init(_ log: StoredHashes) { self.log = log }

  func readHashes(_ indexes: [StoredHashIndex]) -> [Digest32] {
    calls.append(indexes)
    return log.readHashes(indexes)
  }
}
