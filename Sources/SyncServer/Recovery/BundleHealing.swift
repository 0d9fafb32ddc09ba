import MergeCore
import SwiftProtobuf
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
    let before = try log.read { try LogReader(unverified: $0).treeSize }
    try receiveHeld(of: bundle)
    if !bundle.checkpoint.isEmpty {
      do {
        note(try writeInPlace { try stage(bundle, $0) })
      } catch BundleRejection.fork(let leaf, let shown) {
        // The proof outlives the transaction that found it.
        try writeInPlace { try $0.shownNotes.refute(shown) }
        throw BundleRejection.fork(leaf: leaf, shown)
      }
    }
    try takeIn()
    return try log.read { try LogReader(unverified: $0).treeSize } - before
  }

  /// Takes in what the maker holds beside the entries, each leaf with its proof, as if the maker brought
  /// it.
  private func receiveHeld(of bundle: Bundle) throws {
    var reader: HealingRequestReader?
    var byteCount = 0
    func end() throws {
      guard let ended = reader, ended.isHolder else { return }
      try receive(checked(ended)) { true }
    }
    var note: [UInt8] = []
    for frame in bundle.held {
      let bytes = framed(frame)
      let isNote = try Self.isNote(frame)
      guard isNote || reader != nil else { throw BundleRejection.unreadable(.altered) }
      byteCount += bytes.count
      // As many at a time as a request may have.
      if isNote || byteCount > Limits.requestBytesMax / 2 {
        try end()
        if isNote { note = bytes }
        reader = HealingRequestReader(logKey: logKey)
        try reader?.append(note)
        byteCount = note.count
        if isNote { continue }
      }
      try reader?.append(bytes)
    }
    try end()
  }

  /// Whether a frame begins what is held under another note.
  private static func isNote(_ frame: [UInt8]) throws(BundleRejection) -> Bool {
    guard let wire = try? WireHealingFrame(serializedBytes: frame) else {
      throw .unreadable(.altered)
    }
    switch wire.frame {
    case .checkpoint: return true
    case .prefix, .leaf: return false
    // The bundle's own sum covers it: its maker knows a kind that this program does not.
    case nil: throw .unreadable(.newerVersion)
    }
  }

  private func stage(_ bundle: Bundle, _ reader: LogReader) throws -> StagedBytes? {
    if let workspace = try reader.workspace ?? folder.publishedWorkspace(),
      workspace != bundle.workspace
    {
      throw BundleRejection.otherWorkspace(bundle.workspace)
    }
    guard let note = signedHere(bundle.checkpoint) else { throw BundleRejection.otherLog }
    guard note.size > reader.treeSize else {
      guard try reader.root(ofSize: note.size) == note.root else {
        throw BundleRejection.fork(leaf: nil, note)
      }
      return nil
    }
    try findFork(in: bundle, note, reader)
    let tree = try tree(before: bundle, reader)
    try keepShown(note, reader)
    guard let awaited = try recoveryNeed(reader)?.awaited else { return nil }
    let entries = bundle.entries.filter { $0.index >= tree.size.rawValue }
    let (leaves, isAnchored) = try checked(entries, continuing: tree, to: note, awaited)
    return try stage(
      leaves, of: awaited, isAnchored: isAnchored, ServerLimits.stagedBytesMax, reader)
  }

  /// Throws ``BundleRejection/fork(leaf:_:)`` where the bundle has the whole tree of its note, and the
  /// log another leaf.
  private func findFork(
    in bundle: Bundle, _ note: ShownNotes.Shown, _ reader: LogReader
  ) throws {
    guard bundle.from == 0 else { return }
    var tree = TreeAccumulator()
    var parting: UInt64?
    for entry in bundle.entries {
      tree.append(leafHash: MerkleTree.leafHash(entry.leaf))
      guard parting == nil, entry.index < reader.treeSize else { continue }
      if try reader.leaf(at: entry.index)?.leafBytes != entry.leaf { parting = entry.index }
    }
    guard parting != nil, tree.size.rawValue == note.size, tree.root.bytes == note.root.bytes
    else { return }
    throw BundleRejection.fork(leaf: parting, note)
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

extension BundleRejection {
  /// What is wrong with a bundle of which some part, taken as a healing request, comes to a problem; nil
  /// for what no bundle can bring about.
  init?(_ problem: Problem, _ standing: () throws -> HealingStanding) rethrows {
    switch problem {
    case .logMismatch, .notEnrolled: self = .otherLog
    case .malformed, .frameTooLong, .bodyTooLarge: self = .unreadable(.altered)
    case .storageFull: self = .stageFull
    case .logBehind(let behind): self = .logBehind(behind.need, try standing())
    case .notFound, .methodNotAllowed, .tokenMissing, .token, .revoked, .claimWrong, .slotEmpty,
      .slotTaken, .refused, .unsupportedEncoding, .tooManyBatches, .unknownProtocol,
      .requestTimeout, .clockInDoubt, .logDamaged, .storageBusy, .interrupted, .internalError:
      return nil
    }
  }
}
