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
  /// The size of the largest that a batch brings: the log has signed at least so many leaves.
  private var cited: UInt64 = 0

  private static let pageLeaves = 256
  private static let pageBytes = 4 << 20

  /// What is wrong with the file's tables as such.
  private let schemaProblem: () throws -> String?

  private var logKey: VerifierKey? { pins.logKey }

  init(
    source: LogReader, pins: AuditPins, copy: LogDatabase, replay: LeafReplay,
    schemaProblem: @escaping () throws -> String?
  ) {
    self.schemaProblem = schemaProblem
    self.source = source
    self.pins = pins
    self.copy = copy
    self.replay = replay
  }

  mutating func execute(progress: (UInt64, UInt64) -> Void) throws -> AuditResult {
    do {
      try pins.check(named: source)
      try copy.write { db in
        var writer = try LogWriter(unsigned: db)
        if let workspace = pins.workspace { try writer.pin(workspace: workspace) }
        if let logKey { try writer.setLogKey(logKey) }
      }
      while followed < source.treeSize {
        try followPage()
        progress(followed, source.treeSize)
      }
      try compareEnd()
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
      notice: finding == nil ? unsignedEnd : nil,
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
    let leaves = try source.storedLeaves(
      from: followed, countMax: Self.pageLeaves, bytesMax: Self.pageBytes
    ).prefix { $0.index < source.treeSize }
    guard !leaves.isEmpty else { throw AuditFinding(leaf: followed, nil, "it is missing") }
    let outcome = try copy.write { db in
      var writer = try LogWriter(unsigned: db)
      return try follow(Array(leaves), &writer)
    }
    followed = outcome.followed
    agreed = outcome.agreed
    cited = max(cited, outcome.cited)
    if let finding = outcome.finding { throw finding }
  }

  /// What following a page came to: a difference is returned, so that the transaction stays.
  private struct PageOutcome {
    var followed: UInt64
    var agreed: UInt64
    var cited: UInt64 = 0
    var finding: AuditFinding?
  }

  private func follow(_ leaves: [StoredLeaf], _ writer: inout LogWriter) throws -> PageOutcome {
    var outcome = PageOutcome(followed: followed, agreed: agreed)
    do {
      for stored in leaves {
        let replayed = try follow(stored, &writer)
        outcome.cited = max(outcome.cited, replayed.judgement.batch.header.context.treeSize)
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

  private func follow(_ stored: StoredLeaf, _ writer: inout LogWriter) throws -> ReplayedLeaf {
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
    return replayed
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
    guard logKey == nil || agreed == source.treeSize || unsignedEnd != nil else {
      throw AuditFinding(
        leaf: agreed, nil, "no signed checkpoint covers it, nor the leaves after it")
    }
    try copy.read { try pins.check(checkpointsAgainst: LogReader(unverified: $0)) }
  }

  /// The leaves of one request that a crash left unsigned, of which nobody was told; nil when all are
  /// signed, and when the log had signed more.
  private var unsignedEnd: String? {
    let count = source.treeSize - agreed
    let oneRequest = UInt64(Limits.requestBatchesMax)
    guard logKey != nil, count > 0, count <= oneRequest, cited <= agreed else { return nil }
    let leaves = count == 1 ? "last leaf is" : "last \(count) leaves are"
    return "the \(leaves) not signed yet; a server does that when it starts"
  }

  /// Every table that follows from the leaves, column by column; the values that people are shown; and
  /// the file's own order.
  private func compareTables() throws {
    try copy.read { db in
      let replayed = try LogReader(unverified: db)
      if let difference = try source.firstDifference(from: replayed) {
        throw AuditFinding(difference, source: source)
      }
      if let value = try source.firstAlteredContent() {
        throw AuditFinding("the stored value \(value.hex) has other bytes than its hash says")
      }
      if let value = try source.firstMissingContent(of: replayed) {
        throw AuditFinding("the value \(value.hex) is not stored")
      }
    }
    if let problem = try schemaProblem() { throw AuditFinding(problem) }
    if let damage = try source.integrityProblems().first {
      throw AuditFinding("the file is damaged: \(damage)")
    }
  }
}

extension AuditFinding {
  /// What a table beside the leaves has otherwise than replay.
  fileprivate init(_ difference: LogDifference, source: LogReader) {
    let place = ([difference.table] + [difference.column].compactMap { $0 }).joined(separator: ".")
    if difference.table == "record", let record = difference.record {
      let name = LeafSubject.name(of: RecordID(encoded: record), source: source)
      self.init("the stored state of \(name) is not what the log comes to: \(place)")
    } else if let leaf = difference.leaf {
      self.init(leaf: leaf, nil, "what is stored of its changes is not in its batch: \(place)")
    } else {
      self.init("what is stored beside the leaves is not what they come to: \(place)")
    }
  }
}
