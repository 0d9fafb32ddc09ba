import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

extension HostedWorkspace {
  /// Takes the leaves that the log lost back from a bundle; returns how many.
  ///
  /// A bundle brings no proofs: its leaves follow those of the log, and what is staged, up to the root
  /// that its checkpoint signs. Throws ``BundleRejection`` for one whose checkpoint is of another
  /// history.
  func heal(_ bundle: Bundle) throws -> UInt64 {
    guard !bundle.checkpoint.isEmpty else { return 0 }
    let before = try log.write { db in
      let reader = try LogReader(unverified: db)
      try stage(bundle, reader)
      return reader.treeSize
    }
    try takeIn()
    return try log.read { try LogReader(unverified: $0).treeSize } - before
  }

  private func stage(_ bundle: Bundle, _ reader: LogReader) throws {
    if let workspace = try reader.workspace ?? folder.publishedWorkspace(),
      workspace != bundle.workspace
    {
      throw BundleRejection.otherWorkspace(bundle.workspace)
    }
    guard let note = signedHere(bundle.checkpoint) else { throw BundleRejection.otherLog }
    guard note.size > reader.treeSize else { return }
    let tree = try tree(before: bundle, reader)
    try keepShown(note, reader)
    guard let awaited = try recoveryNeed(reader)?.awaited else { return }
    let entries = bundle.entries.filter { $0.index >= tree.size.rawValue }
    let (leaves, isAnchored) = try checked(entries, continuing: tree, to: note, awaited)
    try stage(
      leaves, of: awaited, isAnchored: isAnchored, ServerLimits.stagedBytesMax, reader)
  }

  /// The log with what is staged, up to where the bundle's leaves go on.
  private func tree(before bundle: Bundle, _ reader: LogReader) throws -> TreeAccumulator {
    let tree = try TreeAccumulator(size: TreeSize(reader.treeSize), from: reader.tree)
    guard bundle.from > reader.treeSize else { return tree }
    guard let staged = try reader.stage.tree(continuing: tree, to: bundle.from) else {
      throw BundleRejection.gap(from: bundle.from, have: reader.treeSize)
    }
    return staged
  }

  /// The bundle's leaves, once they lead to its checkpoint; and whether they are those of the awaited
  /// tree.
  private func checked(
    _ entries: [ReceivedEntry], continuing tree: TreeAccumulator, to note: ShownNotes.Shown,
    _ awaited: SignedPrefix
  ) throws -> ([HealingRequest.Leaf], Bool) {
    var tree = tree
    var isAnchored = false
    let leaves = try entries.map { entry in
      guard let leaf = Leaf(encoded: entry.leaf),
        let batch = try? ReceivedBatch(decoding: entry.batch),
        Array(batch.header.digest.hex.utf8) == Array(leaf.batch.utf8)
      else { throw BundleRejection.unreadable(.altered) }
      let hash = MerkleTree.leafHash(entry.leaf)
      tree.append(leafHash: hash)
      if tree.size.rawValue == awaited.size { isAnchored = tree.root.bytes == awaited.root.bytes }
      return HealingRequest.Leaf(entry: entry, hash: hash)
    }
    guard tree.size.rawValue == note.size, tree.root.bytes == note.root.bytes else {
      throw BundleRejection.otherLog
    }
    return (leaves, isAnchored)
  }
}
