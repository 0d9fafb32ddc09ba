import Testing
import TransparencyLog

@Suite("Reading hashes from tiles")
struct TileHashReaderTests {
  /// The tiles of a log, one byte of which may be turned over on the way.
  private struct Tiles: TileReader {
    let log: StoredHashes
    var tampered: (tile: Tile, byte: Int)?
    var missing: Tile?

    func readTiles(_ tiles: [Tile]) -> [[UInt8]] {
      tiles.map { tile in
        var bytes = tile.bytes(from: log)
        if let tampered, tampered.tile == tile { bytes[tampered.byte] ^= 1 }
        return tile == missing ? bytes.dropLast() : bytes
      }
    }
  }

  @Test(
    "every stored hash read from tiles is the stored hash",
    arguments: [1, 2, 255, 256, 257, 511, 512, 700])
  func everyHash(size: Int) throws {
    let log = makeLog(size)
    let reader = TileHashReader(size: log.size, root: log.root, tiles: Tiles(log: log))
    let indexes = try log.hashes.indices.map { index in
      try #require(StoredHashIndex(rawValue: UInt64(index)))
    }
    #expect(try reader.readHashes(indexes) == log.hashes)
  }

  @Test("proofs built from the tiles of a log of 70,000 leaves verify")
  func proofs() throws {
    let log = makeLog(70_000)
    let reader = TileHashReader(size: log.size, root: log.root, tiles: Tiles(log: log))
    let inclusion = try InclusionProof(leaf: 12_345, size: log.size, from: reader)
    let leafHash = MerkleTree.leafHash(utf8("entry 12345"))
    try inclusion.check(leafHash: leafHash, at: 12_345, size: log.size, root: log.root)
    let consistency = try ConsistencyProof(old: 65_537, new: log.size, from: reader)
    let oldRoot = MerkleTree.root(size: 65_537, from: log)
    try consistency.check(old: 65_537, oldRoot: oldRoot, new: log.size, newRoot: log.root)
  }

  @Test("a tile with one bit turned over is refused, whichever of the tiles it is")
  func tampered() throws {
    let log = makeLog(700)
    let leaf = StoredHashIndex(leaf: 3)
    for tile in Tile.partialTiles(in: log.size) {
      let tiles = Tiles(log: log, tampered: (tile, 32 * tile.width - 1))
      let reader = TileHashReader(size: log.size, root: log.root, tiles: tiles)
      let error = #expect(throws: TileHashReaderError<Never>.self) {
        try reader.readHashes([leaf])
      }
      guard case .rootMismatch = error else {
        Issue.record("\(tile.path): \(String(describing: error))")
        continue
      }
    }
    let full = try #require(Tile(.hashes(level: 0), index: 0))
    let tiles = Tiles(log: log, tampered: (full, 4000))
    let reader = TileHashReader(size: log.size, root: log.root, tiles: tiles)
    #expect(throws: TileHashReaderError<Never>.hashMismatch(full)) {
      try reader.readHashes([leaf])
    }
  }

  @Test("a tile of another length than its width says is refused")
  func wrongLength() throws {
    let log = makeLog(300)
    let partial = try #require(Tile(.hashes(level: 0), index: 1, width: 44))
    let reader = TileHashReader(
      size: log.size, root: log.root, tiles: Tiles(log: log, missing: partial))
    #expect(
      throws: TileHashReaderError<Never>.wrongByteCount(
        partial, expected: 44 * 32, actual: 44 * 32 - 1)
    ) {
      try reader.readHashes([StoredHashIndex(leaf: 0)])
    }
  }
}
