/// The coordinates of one static resource of a log
/// ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles)): hashes of one level, or entries.
///
/// Tiles have height 8: a full one is 256 wide and is summed up by one hash eight levels higher.
/// Every `Tile` value lies within the limits of a log; not every log is large enough to have it.
package struct Tile: Hashable, Sendable {
  /// What a tile is made of.
  package enum Content: Hashable, Sendable {
    /// Hashes of the tree's level 8 · `level`; leaf hashes for level 0.
    case hashes(level: Int)
    /// Log entries, a resource that tlog-tiles calls an entry bundle.
    case entries
  }

  /// The width of a full tile, and the most hashes or entries in one.
  package static let widthMax = 256
  /// The levels of the tree between a tile's hashes and the hash that sums up a full tile.
  package static let height = 8
  /// The highest level of tiles; one hash of the next would cover more leaves than a log can have.
  package static let levelMax = 7

  /// What the tile is made of.
  package let content: Content
  /// The position within the level, starting at 0: N of tlog-tiles.
  package let index: UInt64
  /// The number of hashes or entries, 1…256: W of tlog-tiles.
  package let width: Int

  /// The tile with these coordinates; nil when no log has it.
  package init?(_ content: Content, index: UInt64, width: Int = Tile.widthMax) {
    guard (1...Tile.widthMax).contains(width) else { return nil }
    if case .hashes(let level) = content {
      guard (0...Tile.levelMax).contains(level) else { return nil }
    }
    self.content = content
    self.index = index
    self.width = width
    let row = LogLimits.treeSizeMax >> (Tile.height * self.level)
    guard index <= row / UInt64(Tile.widthMax), firstInRow + UInt64(width) <= row else {
      return nil
    }
  }

  /// The level of the tile: 0 for entries as for leaf hashes.
  package var level: Int {
    switch content {
    case .hashes(let level): level
    case .entries: 0
    }
  }

  /// Whether the tile is 256 wide and will never change.
  package var isFull: Bool { width == Tile.widthMax }

  /// The position of the tile's first hash or entry among all of its level.
  package var firstInRow: UInt64 { index * UInt64(Tile.widthMax) }

  /// Whether a log of `size` leaves can serve the tile: it has this width or, with more leaves,
  /// a larger one that begins with the same content.
  package func exists(in size: TreeSize) -> Bool {
    firstInRow + UInt64(width) <= Tile.rowCount(level: level, in: size)
  }

  /// How many hashes a log of `size` leaves has in the tile `index` of `level`, 0…256.
  ///
  /// For the last tile of a level this is floor(s / 256**l) mod 256 of § Partial Tiles, or 256.
  package static func width(level: Int, index: UInt64, in size: TreeSize) -> Int {
    let row = rowCount(level: level, in: size)
    guard index <= row / UInt64(widthMax) else { return 0 }
    return Int(min(row - index * UInt64(widthMax), UInt64(widthMax)))
  }

  /// The number of hashes that a log of `size` leaves has in all tiles of `level`.
  static func rowCount(level: Int, in size: TreeSize) -> UInt64 {
    size.rawValue >> (height * level)
  }
}
