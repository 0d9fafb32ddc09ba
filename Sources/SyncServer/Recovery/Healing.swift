import MergeCore
import SyncProtocol
import Synchronization
import TransparencyLog
import WorkspaceStore

/// How far a log is that takes leaves back.
package struct HealingStanding: Sendable {
  /// The leaves that the log has.
  package var treeSize: UInt64
  /// The leaves that it has to reach before it grows on; equal when it does.
  package var awaitedSize: UInt64
  /// What neither the log nor the stage has, ascending.
  package var missing: [Range<UInt64>] = []
  /// Why the log takes nothing in, ``RecoveryNeed/reason``; nil when it does.
  package var reason: String?
}

extension HostedWorkspace {
  /// Takes back what a holder brings, as far as the log lost it.
  ///
  /// Every piece stands alone, so holders combine in any order. What is new is staged durably; when the
  /// stage leads to the head that the log has to reach, all of it is taken in. Anybody who holds the
  /// log's signature may bring leaves: the enrolment of whoever does may be one of them.
  ///
  /// Throws ``Problem/logMismatch(checkpoint:)`` for a note that is of another history.
  func processHealing(
    _ request: HealingRequest, stagedBytesMax: Int = ServerLimits.stagedBytesMax
  ) throws -> HealingStanding {
    try receive(request, stagedBytesMax: stagedBytesMax) { false }
    return try healingStanding()
  }

  /// The same without the answer.
  ///
  /// - Parameter isOver: asked after each page of leaves that is taken in: whoever brings leaves asks
  ///   again for those that are left.
  func receive(
    _ request: HealingRequest, stagedBytesMax: Int = ServerLimits.stagedBytesMax,
    until isOver: () -> Bool
  ) throws {
    let (isRefuted, known, staged) = try writeInPlace { reader in
      let isRefuted = try refute(request, reader)
      var staged: StagedBytes?
      if !isRefuted {
        if try mayStop(request, reader) { try keepShown(request.note, reader) }
        staged = try stage(request, reader, stagedBytesMax)
      }
      return (isRefuted, try reader.checkpoint(ofAtMost: reader.treeSize)?.note, staged)
    }
    note(staged)
    if isRefuted { throw Problem.logMismatch(checkpoint: known) }
    try takeIn(until: isOver)
  }

  /// A request whose body is complete, checked as far as that needs no turn to write.
  func checked(_ reader: HealingRequestReader) throws -> HealingRequest {
    guard reader.bringsAnything else { return try reader.finish() }
    let membership = try log.read { try LogReader($0).membership }
    return try reader.finish { membership.replica($0)?.key }
  }

  /// Whether the log has all leaves of a note of that size, so that nothing that its holder brings is of
  /// use, and none of it need be decoded.
  ///
  /// Throws ``Problem/logBehind(_:)`` where the log's file is no longer in place.
  func needsNothing(ofNote size: UInt64) throws -> Bool {
    guard isInPlace else {
      throw Problem.logBehind(LogBehind(need: .fileReplaced, sizes: nil))
    }
    return try log.read { try LogReader(unverified: $0).treeSize } >= size
  }

  /// How far the log is.
  package func healingStanding() throws -> HealingStanding {
    try log.read { db in
      let reader = try LogReader(unverified: db)
      let size = reader.treeSize
      let need = try recoveryNeed(reader)
      guard let awaited = need?.awaited, awaited.size > size else {
        return HealingStanding(treeSize: size, awaitedSize: size, reason: need?.reason)
      }
      return HealingStanding(
        treeSize: size, awaitedSize: awaited.size,
        missing: try reader.stage.missing(
          from: size, to: awaited.size, countMax: ServerLimits.missingRangesMax),
        reason: need?.reason)
    }
  }

  /// Whether the request's note is of another history than the log, or than what this machine signed.
  private func refute(_ request: HealingRequest, _ reader: LogReader) throws -> Bool {
    var heads = request.prefixes.map { SignedPrefix(size: $0.size, root: $0.root) }
    heads.append(SignedPrefix(size: request.note.size, root: request.note.root))
    let signed = try signingRecord()?.signed?.prefix
    let isRefuted = try heads.contains { head in
      if head.size > 0, head.size <= reader.treeSize {
        return try reader.root(ofSize: head.size) != head.root
      }
      return signed.map { $0.size == head.size && $0.root != head.root } ?? false
    }
    if isRefuted, request.note.size > reader.treeSize {
      try reader.shownNotes.refute(request.note)
    }
    return isRefuted
  }

  /// Whether the note may stop the log until its operator decides: any may, as long as the key is not
  /// proved to have signed another history; then only one whose tree continues the log.
  private func mayStop(_ request: HealingRequest, _ reader: LogReader) throws -> Bool {
    guard try reader.shownNotes.isForkProved() else { return true }
    return request.prefixes.contains { $0.size == reader.treeSize }
  }

  private func stage(
    _ request: HealingRequest, _ reader: LogReader, _ bytesMax: Int
  ) throws -> StagedBytes? {
    guard !request.leaves.isEmpty, let awaited = try recoveryNeed(reader)?.awaited else {
      return nil
    }
    let isAnchored =
      SignedPrefix(size: request.note.size, root: request.note.root) == awaited
      || request.prefixes.contains { $0.size == awaited.size && $0.root == awaited.root }
    return try stage(request.leaves, of: awaited, isAnchored: isAnchored, bytesMax, reader)
  }

  /// Keeps verified leaves of the awaited tree that the log lacks; returns what is staged then, for
  /// ``note(_:)`` once the transaction is committed.
  func stage(
    _ leaves: [HealingRequest.Leaf], of awaited: SignedPrefix, isAnchored: Bool, _ bytesMax: Int,
    _ reader: LogReader
  ) throws -> StagedBytes {
    let version = try reader.stage.dataVersion()
    var byteCount = try stagedBytes(version, reader)
    for leaf in leaves
    where leaf.entry.index >= reader.treeSize && leaf.entry.index < awaited.size {
      byteCount += try reader.stage.keep(leaf.entry, hash: leaf.hash, isAnchored: isAnchored)
      guard byteCount <= bytesMax else { throw Problem.storageFull }
    }
    return StagedBytes(version: version, count: byteCount)
  }

  /// Remembers what is staged by a transaction that has been committed.
  func note(_ staged: StagedBytes?) {
    guard let staged else { return }
    serving.withLock { $0.staged = staged }
  }

  /// The bytes that are staged, which are summed up once, and again when something else than this
  /// changed them.
  private func stagedBytes(_ version: Int, _ reader: LogReader) throws -> Int {
    let known = serving.withLock { serving in
      // Until this transaction is committed, nothing is known.
      defer { serving.staged = nil }
      return serving.staged
    }
    if let known, known.version == version { return known.count }
    return try reader.stage.byteCount()
  }
}

// MARK: - Taking in

extension HostedWorkspace {
  /// Appends the staged leaves, byte for byte as they were, when they lead to the head that this machine
  /// signed, or that the operator decided to heal to; then signs, and the log may grow on.
  ///
  /// Page by page, each one durable transaction: a crash in between resumes with the next call.
  ///
  /// - Parameter isOver: asked after each page.
  func takeIn(until isOver: () -> Bool = { false }) throws {
    guard try log.read({ try isStageComplete(LogReader(unverified: $0)) }) else { return }
    while try takeInPage() {
      if isOver() { return }
    }
    try signEnd()
  }

  /// Whether log and stage together are the awaited tree.
  ///
  /// A stage that has every leaf and comes to another root holds leaves of another history; they are
  /// forgotten.
  private func isStageComplete(_ reader: LogReader) throws -> Bool {
    guard case .leaves(let awaited) = try recoveryNeed(reader),
      try reader.stage.missing(from: reader.treeSize, to: awaited.size, countMax: 1).isEmpty
    else { return false }
    let tree = try TreeAccumulator(size: TreeSize(reader.treeSize), from: reader.tree)
    let whole = try reader.stage.tree(continuing: tree, to: awaited.size)
    if whole?.root.bytes == awaited.root.bytes { return true }
    serving.withLock { $0.staged = nil }
    try log.write { try LogReader(unverified: $0).stage.removeDoubtful() }
    return false
  }

  /// Appends a page of staged leaves; returns whether there is another.
  private func takeInPage() throws -> Bool {
    serving.withLock { $0.staged = nil }
    var stored: [UInt8]?
    let isUnfinished = try log.write { db in
      var writer = try LogWriter(db)
      guard case .leaves(let awaited) = try recoveryNeed(writer.reader) else { return false }
      guard try append(upTo: awaited, &writer) else { return false }
      try writer.reader.stage.remove(before: writer.reader.treeSize)
      guard writer.reader.treeSize == awaited.size else { return true }
      guard try writer.reader.root(ofSize: awaited.size) == awaited.root else {
        throw StoreFailure.corrupt("the leaves brought back are not those that were signed")
      }
      stored = try finishHealing(awaited, writer)
      return false
    }
    try finishWrite(stored)
    return isUnfinished
  }

  /// Appends at most a page; returns whether every place had a leaf whose batch may stand there.
  private func append(upTo awaited: SignedPrefix, _ writer: inout LogWriter) throws -> Bool {
    var byteCount = 0
    var leafCount = 0
    while writer.reader.treeSize < awaited.size, leafCount < ServerLimits.healedLeavesMax,
      byteCount < ServerLimits.healedBytesMax
    {
      guard let replayed = try replayedVariant(writer.reader) else { return false }
      try writer.append(replayed)
      leafCount += 1
      byteCount += replayed.judgement.batch.bytes.count
    }
    return true
  }

  /// The next leaf, judged and merged as ever, with the first staged batch that may stand there.
  ///
  /// Those that may not are forgotten; nil when none is left: then its holders are asked again.
  private func replayedVariant(_ reader: LogReader) throws -> ReplayedLeaf? {
    let stage = reader.stage
    for variant in try stage.variants(at: reader.treeSize) {
      do {
        return try replay.follow(
          leafBytes: variant.leafBytes, batch: variant.batchBytes, at: reader)
      } catch is LeafMismatch {
        try stage.remove(variant)
      } catch is Refusal {
        try stage.remove(variant)
      }
    }
    return nil
  }

  /// Writes down that the log has reached the head, which is signed from now on.
  ///
  /// Where the operator's word was to heal, and somebody has shown a larger head meanwhile, that one is
  /// awaited next: the word was about the accident, and not about a number.
  private func finishHealing(_ head: SignedPrefix, _ writer: LogWriter) throws -> [UInt8]? {
    guard var record = try signingRecord() else { return nil }
    record.signed = SigningRecord.Head(head)
    let larger = try record.awaited.flatMap { _ in
      try writer.reader.shownNotes.largest(above: head.size)
    }
    record.awaited = larger.map {
      SigningRecord.Head(SignedPrefix(size: $0.size, root: $0.root))
    }
    record.workspace = writer.reader.workspace?.hex
    if let workspace = writer.reader.workspace { try folder.markPublished(workspace) }
    let next = randomBytes(16)
    (record.current, record.next) = (
      hexText(try writer.reader.servedNonce() ?? next), hexText(next)
    )
    try write(record)
    try writer.setServedNonce(next)
    return next
  }
}
