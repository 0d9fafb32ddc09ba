import AnnotationModel
import FoundationEssentials
import GRDB
import MergeCore
package import SyncProtocol
package import TransparencyLog

/// What receiving leaves came to.
package struct IngestOutcome: Sendable {
  /// Changes of others that are new here.
  package var pulledChanges = 0
  package var leaves = 0
  /// Own changes that the log has now.
  package var confirmedChanges = 0
}

/// Why what a server or a bundle brought is not taken in; the store is unchanged.
package enum IngestFailure: Error, Sendable {
  /// A leaf does not follow the one before it.
  case outOfOrder(expected: UInt64, received: UInt64)
  /// A leaf is not what its batch comes to.
  case mismatch(RefusedLeaf)
  /// A leaf is of a newer version, and cannot be checked here.
  case newer(leaf: UInt64, words: String)
  /// A leaf that is here came with other bytes, which nothing signed covers.
  case altered(leaf: UInt64)
  /// The checkpoint is not the pinned log's, or does not decode.
  case badCheckpoint(SignedCheckpointError)
  /// The log signed this size, but not of the leaves that came: some were lost or altered on their way,
  /// or they are of another history.
  case wrongRoot(size: UInt64)
  /// The log has signed more than it shows: an old answer, or a log that lost leaves.
  case lagging(size: UInt64, signed: UInt64)
  /// The log's key is proved to have signed another history than the one here.
  case fork(size: UInt64)
  /// The store has no log key to check against.
  case noLogKey
}

/// A leaf that is not what its batch comes to.
package struct RefusedLeaf: Sendable {
  package var leaf: UInt64
  package var mismatch: LeafMismatch
  /// Whose change of what it is, and what is wrong with it.
  package var words: String
  /// The leaf that honest replay gives; empty where the batch may not stand there.
  package var honest: [UInt8]
}

extension Workspace {
  /// Takes in leaves and the signed checkpoint that covers them: verifies every batch, re-executes
  /// every merge, recomputes the root, and only then stores them, in one transaction (ruling 5).
  ///
  /// Leaves that the store has already are passed over when they are identical. Own pending changes
  /// that the log has now stop being pending; the rest is folded anew.
  ///
  /// Throws ``IngestFailure``; what proves that the log's key signed a lie is kept then.
  package func ingest(_ entries: [ReceivedEntry], checkpoint: [UInt8]) throws -> IngestOutcome {
    do {
      return try write { db in try ingest(entries, checkpoint: checkpoint, in: db) }
    } catch let failure as IngestFailure {
      throw try explained(failure, entries, note: checkpoint)
    }
  }

  /// The same, as a part of a larger transaction.
  func ingest(
    _ entries: [ReceivedEntry], checkpoint: [UInt8], in db: Database,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws -> IngestOutcome {
    var intake = try LogIntake(db, machine: machine)
    for (position, entry) in entries.enumerated() {
      try intake.append(entry)
      progress(position + 1, entries.count)
    }
    return try intake.finish(checkpoint: checkpoint)
  }
}

/// Leaves being taken in within one transaction.
private struct LogIntake {
  let db: Database
  let machine: Machine
  private var writer: LogWriter
  private let replay = LeafReplay(schema: AnnotationSchema.schema)
  private let own: Set<ReplicaID>
  private let active: ReplicaID
  private var touched = Set<RecordID>()
  private var outcome = IngestOutcome()
  /// Whether the log has a change under an own dot that this store did not make.
  private var isOthersWork = false

  init(_ db: Database, machine: Machine) throws {
    self.db = db
    self.machine = machine
    writer = try LogWriter(db)
    own = Set(try OwnReplica.all(db).map(\.id))
    active = try OwnReplica.active(db).id
  }

  mutating func append(_ entry: ReceivedEntry) throws {
    if entry.index < writer.reader.treeSize, let known = try writer.reader.leaf(at: entry.index) {
      guard known.isSame(as: entry) else { throw IngestFailure.altered(leaf: entry.index) }
      return
    }
    guard entry.index == writer.reader.treeSize else {
      throw IngestFailure.outOfOrder(expected: writer.reader.treeSize, received: entry.index)
    }
    let replayed: ReplayedLeaf
    do {
      replayed = try replay.follow(leafBytes: entry.leaf, batch: entry.batch, at: writer.reader)
    } catch LeafMismatch.newer(let words) {
      throw IngestFailure.newer(leaf: entry.index, words: words)
    } catch let mismatch as LeafMismatch {
      throw IngestFailure.mismatch(refused(entry, mismatch))
    } catch let refusal as Refusal {
      throw IngestFailure.mismatch(refused(entry, .refused(refusal)))
    }
    try writer.append(replayed)
    touched.formUnion(replayed.states.map(\.record))
    outcome.leaves += 1
    try count(replayed)
  }

  private func refused(_ entry: ReceivedEntry, _ mismatch: LeafMismatch) -> RefusedLeaf {
    let reader = try? WorkspaceReader(db)
    let subject = reader.flatMap { LeafWords($0).text(of: entry.batch) }.map { "\($0): " } ?? ""
    return RefusedLeaf(
      leaf: entry.index, mismatch: mismatch, words: subject + mismatch.words,
      honest: honestLeaf(entry))
  }

  /// What replay gives for a leaf's batch at the time that the leaf states.
  private func honestLeaf(_ entry: ReceivedEntry) -> [UInt8] {
    guard let stated = Leaf(encoded: entry.leaf), let time = Timestamp(stated.time),
      let batch = try? ReceivedBatch(decoding: entry.batch),
      case .new(let honest) = try? replay.append(
        batch, to: writer.reader, time: time.milliseconds)
    else { return [] }
    return honest.leafBytes
  }

  private mutating func count(_ replayed: ReplayedLeaf) throws {
    let replica = replayed.judgement.batch.header.replica
    guard own.contains(replica) else {
      outcome.pulledChanges += replayed.judgement.fresh.count
      return
    }
    for decoded in replayed.judgement.fresh {
      let dot = decoded.received.dot
      if try PendingChanges(db).row(at: dot)?.chain == decoded.received.chain { continue }
      outcome.pulledChanges += 1
      if dot.replica == active { isOthersWork = true }
    }
  }

  /// Checks the checkpoint against the leaves, stores it, and settles the pending changes.
  mutating func finish(checkpoint note: [UInt8]) throws -> IngestOutcome {
    let size = writer.reader.treeSize
    guard let key = writer.reader.logKey else { throw IngestFailure.noLogKey }
    let signed: SignedCheckpoint
    do {
      signed = try SignedCheckpoint(opening: note, origin: key.name.line, logKey: key)
    } catch {
      throw IngestFailure.badCheckpoint(error)
    }
    let signedSize = signed.checkpoint.size.rawValue
    // Another process may have taken the store further meanwhile: then nothing here was new.
    guard signedSize == size || (outcome.leaves == 0 && signedSize < size),
      try writer.reader.root(ofSize: signedSize).bytes == signed.checkpoint.root.bytes
    else { throw IngestFailure.wrongRoot(size: signedSize) }
    try checkLargestSeen()
    try writer.store(checkpoint: note, ofSize: signedSize)
    try db.remember(signed)
    try db.forgetHeldLeaves(before: size)
    touched.formUnion(try confirmLogged())
    try PendingSettlement(db: db, machine: machine).settle(
      touched: touched, othersWork: isOthersWork, log: writer.reader)
    return outcome
  }

  /// Whether these leaves lead to the largest checkpoint seen, once they reach it: a push shows the
  /// store one before it has the leaves.
  private func checkLargestSeen() throws {
    guard let seen = try db.largestCheckpoint(), seen.size.rawValue <= writer.reader.treeSize,
      try writer.reader.root(ofSize: seen.size.rawValue).bytes != seen.root.bytes
    else { return }
    throw IngestFailure.wrongRoot(size: seen.size.rawValue)
  }

  /// Drops pending changes that the log has; returns the records they were on.
  private mutating func confirmLogged() throws -> Set<RecordID> {
    let condition = """
      EXISTS (SELECT 1 FROM change WHERE change.replica = pending.replica
        AND change.counter = pending.counter AND change.chain = pending.chain)
      """
    let records = try Data.fetchAll(
      db,
      sql: """
        SELECT DISTINCT record FROM pending_record_change JOIN pending USING (sequence)
        WHERE \(condition)
        """
    ).compactMap { RecordID(encoded: $0) }
    try db.execute(sql: "DELETE FROM pending WHERE \(condition)")
    outcome.confirmedChanges += db.changesCount
    return Set(records)
  }
}

extension StoredLeaf {
  /// Whether an entry is this leaf, its batch included.
  func isSame(as entry: ReceivedEntry) -> Bool {
    leafBytes == entry.leaf && batchBytes == entry.batch
  }
}

extension Database {
  /// Keeps the largest signed checkpoint, and forgets the claim once the log has begun.
  func remember(_ signed: SignedCheckpoint) throws {
    let earlier = try largestCheckpoint()?.size
    if earlier == nil || signed.checkpoint.size >= earlier ?? 0 {
      try set(.largestCheckpoint, Base64.encode(signed.note.encoded))
    }
    try set(.claim, nil)
  }

  /// The largest checkpoint seen; its signature was verified when it was kept.
  func largestCheckpoint() throws -> Checkpoint? {
    try setting(.largestCheckpoint).flatMap { Base64.decode($0) }.flatMap { try? SignedNote($0) }
      .flatMap { try? Checkpoint(text: $0.text) }
  }
}
