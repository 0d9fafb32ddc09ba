import Testing
import TransparencyLog

@Suite("Tiles (tlog-tiles)")
struct TileTests {
  @Test(
    "paths are written as the specification says, and read back",
    arguments: [
      ("tile/0/000", .hashes(level: 0), 0, 256),
      ("tile/0/x001/x234/067", .hashes(level: 0), 1_234_067, 256),
      ("tile/0/x001/x234/067.p/8", .hashes(level: 0), 1_234_067, 8),
      ("tile/1/999.p/255", .hashes(level: 1), 999, 255),
      ("tile/2/x001/000", .hashes(level: 2), 1000, 256),
      ("tile/7/000.p/1", .hashes(level: 7), 0, 1),
      ("tile/entries/000.p/1", .entries, 0, 1),
      ("tile/entries/x123/x456/789", .entries, 123_456_789, 256),
    ] as [(String, Tile.Content, UInt64, Int)])
  func paths(path: String, content: Tile.Content, index: UInt64, width: Int) throws {
    let tile = try #require(Tile(content, index: index, width: width))
    #expect(tile.path == path)
    #expect(Tile(path: path) == tile)
  }

  @Test(
    "a path in any other spelling is refused",
    arguments: [
      "", "tile", "tile/0", "tile/0/", "tile//000", "/tile/0/000", "tile/0/000/", "tile/0/0",
      "tile/0/0000", "tile/00/000", "tile/+0/000", "tile/-1/000", "tile/64/000", "tile/8/000",
      "tile/0/x000/000", "tile/0/001/000", "tile/0/x001", "tile/0/X001/000", "tile/0/000.p",
      "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/08", "tile/0/000.p/+8",
      "tile/0/000.p/8/", "tile/0/000.p/8.p/8", "tile/0/.p/8", "tile/0/0a0", "tile/Entries/000",
      "tile/0/x001.p/000", "tiles/0/000", "tile/entries/entries/000", "tile/7/000",
      "tile/0/x999/x999/x999/x999/x999/x999/999",
      "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/999",
    ])
  func malformedPaths(path: String) {
    #expect(Tile(path: path) == nil)
  }

  @Test("a tree of 70,000 leaves has the tiles that the specification counts")
  func specificationExample() {
    #expect(Tile.fullTileCount(level: 0, in: 70_000) == 273)
    #expect(Tile.fullTileCount(level: 1, in: 70_000) == 1)
    #expect(Tile.fullTileCount(level: 2, in: 70_000) == 0)
    #expect(
      Tile.partialTiles(in: 70_000).map(\.path)
        == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"])
    #expect(Tile.hashTiles(from: 0, to: 70_000).count == 273 + 1 + 1 + 1 + 1)
    #expect(Tile.entryBundles(from: 0, to: 70_000).count == 274)
  }

  @Test("a tree of 256 leaves has a full tile and above it a partial one of width 1")
  func fullTileExample() {
    #expect(Tile.hashTiles(from: 0, to: 256).map(\.path) == ["tile/0/000", "tile/1/000.p/1"])
    #expect(Tile.partialTiles(in: 256).map(\.path) == ["tile/1/000.p/1"])
    #expect(Tile.hashTiles(from: 0, to: 0).isEmpty)
    #expect(Tile.partialTiles(in: 0).isEmpty)
  }

  @Test("growing by some leaves publishes only the tiles that they change")
  func growing() {
    #expect(
      Tile.hashTiles(from: 250, to: 520).map(\.path)
        == ["tile/0/000", "tile/0/001", "tile/0/002.p/8", "tile/1/000.p/2"])
    #expect(Tile.hashTiles(from: 256, to: 257).map(\.path) == ["tile/0/001.p/1"])
    #expect(Tile.hashTiles(from: 300, to: 300).isEmpty)
    #expect(
      Tile.entryBundles(from: 255, to: 257).map(\.path)
        == ["tile/entries/000", "tile/entries/001.p/1"])
  }

  @Test("a tile exists as soon as the log is large enough for its width")
  func existence() throws {
    let tile = try #require(Tile(.hashes(level: 1), index: 1, width: 2))
    #expect(!tile.exists(in: TreeSize(258 * 256 - 1)))
    #expect(tile.exists(in: TreeSize(258 * 256)))
    #expect(Tile.width(level: 1, index: 1, in: TreeSize(258 * 256)) == 2)
    #expect(Tile.width(level: 1, index: 2, in: TreeSize(258 * 256)) == 0)
    #expect(Tile.width(level: 0, index: UInt64.max, in: 5) == 0)
  }

  @Test("tiles hold the leaf hashes, and one level up the roots over 256 of them, in one read")
  func contents() throws {
    let leaves = makeLeafHashes(600)
    let reader = RecordingReader(makeLog(600))
    let leafTile = try #require(Tile(.hashes(level: 0), index: 2, width: 88))
    #expect(leafTile.bytes(from: reader) == leaves[512..<600].flatMap(\.bytes))
    let upperTile = try #require(Tile(.hashes(level: 1), index: 0, width: 2))
    let roots = [NaiveTree.root(leaves[0..<256]), NaiveTree.root(leaves[256..<512])]
    #expect(upperTile.bytes(from: reader) == roots.flatMap(\.bytes))
    #expect(reader.calls.map(\.count) == [88, 2])
  }
}
