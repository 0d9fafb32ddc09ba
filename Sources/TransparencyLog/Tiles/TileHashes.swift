extension Tile {
  /// What to fetch: the stored hashes that form the tile, in order.
  ///
  /// The n-th tile at level l holds MTH(D[(n · 256 + i) · 256^l : (n · 256 + i + 1) · 256^l]), as
  /// § Merkle Tree says; for entries, these are the leaf hashes that they must have.
  package var storedHashes: [StoredHashIndex] {
    (0..<UInt64(width)).map {
      StoredHashIndex(level: Tile.height * level, position: firstInRow + $0)
    }
  }

  /// Builds the content of the hash tile: its hashes one after another, 32 bytes each.
  ///
  /// One batched read of `width` hashes. Throws what the reader throws.
  package func bytes<Reader: HashReader>(
    from reader: Reader
  ) throws(Reader.Failure) -> [UInt8] {
    precondition(content != .entries, "entries are no hashes")
    let hashes = try reader.readExactly(storedHashes)
    return hashes.flatMap(\.bytes)
  }

  /// The hash tiles to publish when a log grows from `old` to `new` leaves, lower levels first.
  ///
  /// Each is as wide as the log of `new` leaves has it; § Partial Tiles wants those served for every
  /// size with a checkpoint. Grows with the leaves that were added, and with nothing else.
  package static func hashTiles(from old: TreeSize, to new: TreeSize) -> [Tile] {
    (0...levelMax).flatMap { tiles(.hashes(level: $0), from: old, to: new) }
  }

  /// The entry bundles to publish when a log grows from `old` to `new` leaves, in order.
  package static func entryBundles(from old: TreeSize, to new: TreeSize) -> [Tile] {
    tiles(.entries, from: old, to: new)
  }

  /// The partial hash tiles of a log of `size` leaves, lower levels first: one a level at most, and
  /// together they determine the root.
  package static func partialTiles(in size: TreeSize) -> [Tile] {
    (0...levelMax).compactMap { level in
      let row = rowCount(level: level, in: size)
      let width = Int(row % UInt64(widthMax))
      return Tile(.hashes(level: level), index: row / UInt64(widthMax), width: width)
    }
  }

  /// How many full hash tiles a log of `size` leaves has at `level`: those with lower indices.
  package static func fullTileCount(level: Int, in size: TreeSize) -> UInt64 {
    precondition((0...levelMax).contains(level), "no tile has level \(level)")
    return rowCount(level: level, in: size) / UInt64(widthMax)
  }

  private static func tiles(
    _ content: Content, from old: TreeSize, to new: TreeSize
  ) -> [Tile] {
    precondition(old <= new, "a log only grows")
    let level = if case .hashes(let level) = content { level } else { 0 }
    let oldRow = rowCount(level: level, in: old)
    let newRow = rowCount(level: level, in: new)
    guard oldRow < newRow else { return [] }
    let width = UInt64(widthMax)
    return (oldRow / width...(newRow - 1) / width).compactMap { index in
      Tile(content, index: index, width: Self.width(level: level, index: index, in: new))
    }
  }
}
