import FoundationEssentials
import MergeCore
import SyncProtocol
import TransparencyLog
import WorkspaceStore

/// One audit under way: follows the leaves one after another, then compares what is stored beside them.
struct AuditRun {
  /// The audited log; of its membership and records nothing is believed.
  let source: LogReader
  /// What the log is checked against.
  let pins: AuditPins
  /// The auditor's own log, which grows by what replay gives.
  let copy: LogDatabase
  let replay: LeafReplay
  /// Leaves that were followed without a difference.
  private var followed: UInt64 = 0
  /// The size of the largest checkpoint that agreed.
  private var agreed: UInt64 = 0

  private static let pageLeaves = 256
  private static let pageBytes = 4 << 20
  private static let pageRecords = 512

  private var logKey: VerifierKey? { pins.logKey }

  init(source: LogReader, pins: AuditPins, copy: LogDatabase, replay: LeafReplay) {
    self.source = source
    self.pins = pins
    self.copy = copy
    self.replay = replay
  }

  mutating func execute(progress: (UInt64, UInt64) -> Void) throws -> AuditResult {
    do {
      try pins.check(named: source)
      while followed < source.treeSize {
        try followPage()
        progress(followed, source.treeSize)
      }
      try compareEnd()
      try compareRecords()
      try compareTables()
      return try result(nil)
    } catch let finding as AuditFinding {
      return try result(finding)
    } catch {
      guard case .corrupt(let what) = StoreFailure(error) else { throw error }
      let damage = "the file is damaged: \(what)"
      return try result(
        followed < source.treeSize
          ? AuditFinding(leaf: followed, nil, damage) : AuditFinding(damage))
    }
  }

  private func result(_ finding: AuditFinding?) throws -> AuditResult {
    AuditResult(
      verified: finding == nil, size: source.treeSize, root: try root(),
      firstBadLeaf: finding?.leaf, reason: finding?.reason,
      workspace: (pins.workspace ?? source.workspace)?.hex, logKey: logKey)
  }

  private func root() throws -> String {
    let root = try copy.read { db in
      let reader = try LogReader(unverified: db)
      return try reader.root(ofSize: reader.treeSize)
    }
    return Base64.encode(root.bytes)
  }
}

// MARK: - Leaves

extension AuditRun {
  /// Follows some leaves in one transaction of the copy; those before a difference stay followed.
  private mutating func followPage() throws {
    let leaves = try source.leaves(
      from: followed, countMax: Self.pageLeaves, bytesMax: Self.pageBytes
    ).prefix { $0.index < source.treeSize }
    guard !leaves.isEmpty else { throw AuditFinding(leaf: followed, nil, "it is missing") }
    let outcome = try copy.write { db in
      var writer = try LogWriter(db)
      if followed == 0, let workspace = pins.workspace { try writer.pin(workspace: workspace) }
      if followed == 0, let logKey { try writer.setLogKey(logKey) }
      return try follow(Array(leaves), &writer)
    }
    followed = outcome.followed
    agreed = outcome.agreed
    if let finding = outcome.finding { throw finding }
  }

  /// What following a page came to: a difference is returned, so that the transaction stays.
  private struct PageOutcome {
    var followed: UInt64
    var agreed: UInt64
    var finding: AuditFinding?
  }

  private func follow(_ leaves: [StoredLeaf], _ writer: inout LogWriter) throws -> PageOutcome {
    var outcome = PageOutcome(followed: followed, agreed: agreed)
    do {
      for stored in leaves {
        try follow(stored, &writer)
        outcome.followed = writer.reader.treeSize
      }
      for checkpoint in try source.checkpoints(after: followed, upTo: outcome.followed) {
        try check(checkpoint.note, ofSize: checkpoint.size, writer.reader, after: outcome.agreed)
        outcome.agreed = checkpoint.size
      }
    } catch let finding as AuditFinding {
      outcome.finding = finding
    }
    return outcome
  }

  private func follow(_ stored: StoredLeaf, _ writer: inout LogWriter) throws {
    let index = writer.reader.treeSize
    guard stored.index == index else { throw AuditFinding(leaf: index, nil, "it is missing") }
    let subject = LeafSubject(stored, source: source, membership: writer.reader.membership)
    let stated = try source.tree.readHashes([StoredHashIndex(leaf: LeafIndex(index))])
    guard stated == [MerkleTree.leafHash(stored.leafBytes)] else {
      throw AuditFinding(
        leaf: index, subject.text, "its bytes were altered: the tree has another hash for it")
    }
    let replayed: ReplayedLeaf
    do {
      replayed = try replay.follow(
        leafBytes: stored.leafBytes, batch: stored.batchBytes, at: writer.reader)
    } catch let mismatch as LeafMismatch {
      throw AuditFinding(leaf: index, subject.text, mismatch.words)
    }
    guard stored.reportBytes == replayed.reportBytes else {
      throw AuditFinding(
        leaf: index, subject.text, "the stored merge report is not the replayed one")
    }
    try writer.append(replayed)
    try compareTree(writer.reader, at: index, subject)
  }

  /// The stored hashes that the leaf completed, inner ones included.
  private func compareTree(_ replayed: LogReader, at index: UInt64, _ subject: LeafSubject) throws {
    let range =
      StoredHashIndex.count(for: TreeSize(index))..<StoredHashIndex.count(for: TreeSize(index + 1))
    let hashes = range.compactMap { StoredHashIndex(rawValue: $0) }
    guard try source.tree.readHashes(hashes) == replayed.tree.readHashes(hashes) else {
      throw AuditFinding(
        leaf: index, subject.text, "a stored hash of the tree is not that of its leaves")
    }
  }

  /// Every stored checkpoint is signed by the log, and of the replayed leaves.
  private func check(
    _ note: [UInt8], ofSize size: UInt64, _ replayed: LogReader, after agreed: UInt64
  ) throws {
    guard let logKey else { throw AuditFinding("the log names no key for its checkpoints") }
    let checkpoint: Checkpoint
    do {
      checkpoint = try SignedCheckpoint(opening: note, origin: logKey.name.line, logKey: logKey)
        .checkpoint
    } catch {
      throw AuditFinding("the checkpoint of \(size) leaves is not signed by \(logKey.name)")
    }
    guard checkpoint.size.rawValue == size else {
      throw AuditFinding("the checkpoint of \(size) leaves states \(checkpoint.size)")
    }
    let root = try replayed.root(ofSize: size)
    guard checkpoint.root.bytes == root.bytes else {
      throw AuditFinding(
        leaf: agreed, nil,
        "it or one after it was replaced: the signed checkpoint of \(size) leaves has another root")
    }
  }
}

// MARK: - What is stored beside the leaves

extension AuditRun {
  private func compareEnd() throws {
    let replayed = try copy.read { try LogReader(unverified: $0) }
    guard try source.storedLeafCount() == source.treeSize else {
      throw AuditFinding("the file holds leaves after the log's end")
    }
    guard source.treeSize == 0 || source.workspace == replayed.workspace else {
      throw AuditFinding("the stored workspace is not that of the genesis")
    }
    guard source.stateDigest == replayed.stateDigest else {
      throw AuditFinding(
        "state digest stored \(source.stateDigest.hex), replayed \(replayed.stateDigest.hex)")
    }
    guard logKey == nil || agreed == source.treeSize else {
      throw AuditFinding(
        leaf: agreed, nil, "no signed checkpoint covers it, nor the leaves after it")
    }
    try copy.read { try pins.check(checkpointsAgainst: LogReader(unverified: $0)) }
  }

  /// The merged records, in the order of their ids.
  private func compareRecords() throws {
    try copy.read { db in
      let replayed = try LogReader(unverified: db)
      var last: [UInt8] = []
      while true {
        let stored = try source.records(after: last, countMax: Self.pageRecords)
        let wanted = try replayed.records(after: last, countMax: Self.pageRecords)
        for position in 0..<max(stored.count, wanted.count) {
          let left = stored.indices.contains(position) ? stored[position] : nil
          let right = wanted.indices.contains(position) ? wanted[position] : nil
          if left?.id == right?.id, left?.state == right?.state { continue }
          let ids = [left?.id, right?.id].compactMap { $0 }
          let first = ids.min { $0.lexicographicallyPrecedes($1) } ?? []
          let name = LeafSubject.name(of: RecordID(encoded: first), source: source)
          throw AuditFinding("the stored state of \(name) is not what the log comes to")
        }
        guard let end = wanted.last else { return }
        last = end.id
      }
    }
  }

  /// The tables that serve queries, the values that people are shown, and the file's own order.
  private func compareTables() throws {
    try copy.read { db in
      let replayed = try LogReader(unverified: db)
      for table in DerivedTable.allCases {
        guard let leaf = try source.firstDifference(from: replayed, in: table) else { continue }
        throw AuditFinding(leaf: leaf, nil, "what is stored of its changes is not in its batch")
      }
      if let value = try source.firstAlteredContent() {
        throw AuditFinding("the stored value \(value.hex) has other bytes than its hash says")
      }
      if let value = try source.firstMissingContent(of: replayed) {
        throw AuditFinding("the value \(value.hex) is not stored")
      }
    }
    if let damage = try source.integrityProblems().first {
      throw AuditFinding("the file is damaged: \(damage)")
    }
  }
}
