/// Where the contents of hash tiles are read from, such as an HTTP server's static files.
package protocol TileReader {
  /// What reading can fail with.
  associatedtype Failure: Error

  /// The contents of `tiles`, one for each and in the same order, each 32 bytes times its width.
  ///
  /// When a partial tile is gone, the beginning of the full one is the same (§ Partial Tiles).
  func readTiles(_ tiles: [Tile]) throws(Failure) -> [[UInt8]]
}

/// A log's stored hashes, read from tiles that nobody need trust.
///
/// Every tile is checked against the root before a hash is taken from it: the partial tiles
/// together have the root, and each full tile has its hash in the tile above.
package struct TileHashReader<Tiles: TileReader>: HashReader {
  private let size: TreeSize
  private let root: Digest32
  private let tiles: Tiles

  /// The hashes of the log with this size and root, which come from a verified checkpoint.
  package init(size: TreeSize, root: Digest32, tiles: Tiles) {
    self.size = size
    self.root = root
    self.tiles = tiles
  }

  /// The hashes at `indexes`, each of which must lie within the log.
  ///
  /// One batched read: for each index at most one tile a level, and the partial tiles.
  package func readHashes(
    _ indexes: [StoredHashIndex]
  ) throws(TileHashReaderError<Tiles.Failure>) -> [Digest32] {
    let partial = Tile.partialTiles(in: size)
    let wanted = indexes.map(tile(holding:))
    var full: Set<Tile> = []
    for tile in wanted { full.formUnion(fullTiles(upFrom: tile)) }
    // The tiles above come first, because those below are checked against them.
    let order = full.sorted { ($1.level, $0.index) < ($0.level, $1.index) }
    let rows = try readRows(partial + order)
    try checkRoot(partial, rows)
    for tile in order { try check(tile, rows) }
    return zip(indexes, wanted).map { hash(at: $0, in: $1, rows) }
  }

  /// The tile with the hashes under the stored hash, as wide as the log has it.
  private func tile(holding index: StoredHashIndex) -> Tile {
    let node = index.node
    let level = node.level / Tile.height
    let firstInRow = node.position << (node.level % Tile.height)
    let tileIndex = firstInRow / UInt64(Tile.widthMax)
    let width = Tile.width(level: level, index: tileIndex, in: size)
    guard index.rawValue < StoredHashIndex.count(for: size),
      let tile = Tile(.hashes(level: level), index: tileIndex, width: width)
    else { preconditionFailure("a log of \(size) leaves has no stored hash \(index)") }
    return tile
  }

  /// The tile and all above it, as far as they are full; the next one is partial.
  private func fullTiles(upFrom tile: Tile) -> [Tile] {
    var chain: [Tile] = []
    var next = tile
    while next.isFull {
      chain.append(next)
      next = parent(of: next)
    }
    return chain
  }

  /// The tile that has the hash of the full `tile`.
  private func parent(of tile: Tile) -> Tile {
    let level = tile.level + 1
    let index = tile.index / UInt64(Tile.widthMax)
    let width = Tile.width(level: level, index: index, in: size)
    guard let parent = Tile(.hashes(level: level), index: index, width: width) else {
      preconditionFailure("a full tile has a tile above it")
    }
    return parent
  }

  private func readRows(
    _ wanted: [Tile]
  ) throws(TileHashReaderError<Tiles.Failure>) -> [Tile: [Digest32]] {
    let contents: [[UInt8]]
    do {
      contents = try tiles.readTiles(wanted)
    } catch {
      throw .unreadable(error)
    }
    precondition(contents.count == wanted.count, "a reader returns one content for each tile")
    var rows: [Tile: [Digest32]] = [:]
    for (tile, bytes) in zip(wanted, contents) {
      let expected = tile.width * Digest32.byteCount
      guard bytes.count == expected else {
        throw .wrongByteCount(tile, expected: expected, actual: bytes.count)
      }
      rows[tile] = stride(from: 0, to: expected, by: Digest32.byteCount).compactMap {
        Digest32(bytes: bytes[$0..<$0 + Digest32.byteCount])
      }
    }
    return rows
  }

  /// The perfect subtrees of a log are those of its partial tiles, from the highest level down.
  private func checkRoot(
    _ partial: [Tile], _ rows: [Tile: [Digest32]]
  ) throws(TileHashReaderError<Tiles.Failure>) {
    let subtrees = partial.reversed().flatMap { tile in
      LeafRange(0, UInt64(tile.width)).perfectSubtrees.map { subtree in
        let (level, position) = subtree.node
        return hash(level: level, position: position, in: rows[tile, default: []])
      }
    }
    let computed = MerkleTree.rootOfSubtrees(subtrees)
    guard computed == root else { throw .rootMismatch(computed: computed, expected: root) }
  }

  private func check(
    _ tile: Tile, _ rows: [Tile: [Digest32]]
  ) throws(TileHashReaderError<Tiles.Failure>) {
    let computed = MerkleTree.rootOfPerfectRow(rows[tile, default: []][...])
    let above = rows[parent(of: tile), default: []]
    guard above[Int(tile.index % UInt64(Tile.widthMax))] == computed else {
      throw .hashMismatch(tile)
    }
  }

  private func hash(
    at index: StoredHashIndex, in tile: Tile, _ rows: [Tile: [Digest32]]
  ) -> Digest32 {
    let node = index.node
    let level = node.level % Tile.height
    let position = node.position - tile.firstInRow >> level
    return hash(level: level, position: position, in: rows[tile, default: []])
  }

  /// The hash `level` levels above the row of a tile, at `position` within that level.
  private func hash(level: Int, position: UInt64, in row: [Digest32]) -> Digest32 {
    let first = Int(position) << level
    return MerkleTree.rootOfPerfectRow(row[first..<first + 1 << level])
  }
}

/// Why hashes cannot be had from tiles.
package enum TileHashReaderError<Unreadable: Error>: Error {
  /// The tiles could not be read.
  case unreadable(Unreadable)
  /// A tile has another length than its width says.
  case wrongByteCount(Tile, expected: Int, actual: Int)
  /// The partial tiles have another root than the log.
  case rootMismatch(computed: Digest32, expected: Digest32)
  /// A full tile is not the one whose hash is in the tile above.
  case hashMismatch(Tile)
}

extension TileHashReaderError: Equatable where Unreadable: Equatable {}
extension TileHashReaderError: Hashable where Unreadable: Hashable {}
