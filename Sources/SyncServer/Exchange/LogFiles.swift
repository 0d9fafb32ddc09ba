import TransparencyLog
import WorkspaceStore

// The log as static files, in the form of C2SP tlog-tiles.

extension HostedWorkspace {
  /// The newest signed checkpoint; nil before leaf 0.
  func processCheckpoint() throws -> [UInt8]? {
    try log.read { db in
      let reader = try LogReader(unverified: db)
      return try reader.checkedCheckpoint(ofAtMost: reader.treeSize)?.note.encoded
    }
  }

  /// The content of a tile or entry bundle; nil when the signed log does not have it.
  func processTile(_ tile: Tile) throws -> [UInt8]? {
    try log.read { db in
      let reader = try LogReader(unverified: db)
      guard tile.exists(in: TreeSize(try reader.signedSize())) else { return nil }
      switch tile.content {
      case .hashes: return try tile.bytes(from: reader.tree)
      case .entries:
        let leaves = try reader.leafBytes(from: tile.firstInRow, count: tile.width)
        guard leaves.count == tile.width else {
          throw StoreFailure.corrupt("a leaf from \(tile.firstInRow) on is missing")
        }
        return try EntryBundle.encode(leaves)
      }
    }
  }
}
