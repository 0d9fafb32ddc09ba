import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol
package import TransparencyLog

/// One sealed batch of the store's own pending changes.
package struct OutgoingBatch: Sendable {
  package var bytes: [UInt8]
  /// The batch's identity, which its leaf names.
  package var digest: Digest256
  package var replica: ReplicaID
  package var first: Counter
  package var last: Counter
  /// The chain hash at ``last``.
  package var chain: Digest256
  package var changeCount: Int { Int(last.rawValue - first.rawValue) + 1 }

  /// Whether the change is in it.
  package func holds(_ dot: Dot) -> Bool {
    dot.replica == replica && first <= dot.counter && dot.counter <= last
  }
}

/// What one exchange starts from: where the store stands, and what it brings.
package struct OutgoingExchange: Sendable {
  package var standing: ExchangeStanding
  package var context: SignedContext
  /// The largest signed checkpoint seen, empty before there was one.
  package var checkpoint: [UInt8]
  package var batches: [OutgoingBatch]
  /// Other people's batches, carried like mail.
  package var mail: [CarriedBatch]
  /// The replica that asks, and its key.
  package var replica: OwnReplica
  package var url: String?
  package var slot: String?
  /// The operator's secret, until the workspace is published.
  package var claim: [UInt8]
}

extension OutgoingExchange {
  /// The largest checkpoint seen, whose signature was verified when it was kept; nil before there was
  /// one.
  package func seenCheckpoint() throws(StoreFailure) -> Checkpoint? {
    guard !checkpoint.isEmpty else { return nil }
    do {
      return try Checkpoint(text: SignedNote(checkpoint).text)
    } catch {
      throw .corrupt("the largest checkpoint seen does not decode")
    }
  }
}

extension Workspace {
  /// Seals pending changes for one exchange, and adds mail where there is room left.
  ///
  /// Together they have at most `bytesMax` bytes, unless one batch alone has more, and
  /// ``Limits/requestBatchesMax`` batches; the rest goes next time.
  ///
  /// - Parameters:
  ///   - enrolsAlone: whether who joins sends the enrolment without anything else, since strangers may
  ///     not send more.
  ///   - isMailTurn: whether mail goes without own batches, at least one of it.
  ///   - mailAfter: the ``CarriedBatch/sequence`` after which mail is taken.
  ///   - cuts: the changes that begin a batch.
  package func prepareExchange(
    bytesMax: Int, withBatches: Bool = true, enrolsAlone: Bool = false, isMailTurn: Bool = false,
    mailAfter: Int64 = 0, cutBefore cuts: Set<Dot> = []
  ) throws -> OutgoingExchange {
    try read { reader in
      var batches: [OutgoingBatch] = []
      var mail: [CarriedBatch] = []
      try reader.log.checkEnd()
      if withBatches {
        var hasMore = false
        if !isMailTurn {
          let isJoining = try enrolsAlone && reader.isJoining()
          (batches, hasMore) = try reader.sealPending(
            bytesMax: bytesMax, batchesMax: isJoining ? 1 : Limits.requestBatchesMax / 2,
            cutBefore: cuts)
          hasMore = hasMore || isJoining
        }
        if !hasMore {
          mail = try reader.mail(
            after: mailAfter, countMax: Limits.requestBatchesMax - batches.count,
            bytesMax: bytesMax - batches.reduce(0) { $0 + $1.bytes.count },
            isFirstTaken: batches.isEmpty)
        }
      }
      return OutgoingExchange(
        standing: try reader.exchangeStanding(), context: try reader.log.currentContext(),
        checkpoint: try reader.largestCheckpoint(), batches: batches, mail: mail,
        replica: try reader.requestingReplica(), url: try reader.setting(.url),
        slot: try reader.setting(.slot),
        claim: try reader.setting(.claim).flatMap { hexBytes($0) } ?? [])
    }
  }
}

extension Workspace {
  /// Whether the store is what a join left that did not come to its end: its enrolment, and nothing of
  /// the log.
  ///
  /// At most two small rows are read.
  package func isJoinUnfinished() throws -> Bool {
    try logDatabase.read { db in
      guard try LogReader(unverified: db).treeSize == 0 else { return false }
      return try PendingChanges(db).first()?.isEnrolment() ?? false
    }
  }
}

extension WorkspaceReader {
  /// The replica that signs requests: the latest that the log has enrolled, since the one that
  /// writes may be a successor whose enrolment is still pending.
  ///
  /// Before any is enrolled, as far as this store knows, the store's first: only that one needs
  /// nothing but its invite, and a copy of this store may have enrolled it already.
  package func requestingReplica() throws -> OwnReplica {
    let own = try OwnReplica.all(db)
    let enrolled = own.last { log.membership.replica($0.id).map { !$0.isRevoked } ?? false }
    return try enrolled ?? own.first ?? OwnReplica.active(db)
  }

  /// Whether the enrolment of the replica that asks has yet to be accepted.
  ///
  /// Who publishes enrols by the genesis, and shows a claim instead.
  func isJoining() throws -> Bool {
    guard try setting(.claim) == nil else { return false }
    return try Int.fetchOne(
      db, sql: "SELECT 1 FROM pending WHERE acknowledged IS NULL AND replica = ? AND counter = 1",
      arguments: [try requestingReplica().id.blob]) != nil
  }

  /// The workspace that this store is of.
  package func workspaceID() throws -> Digest256 {
    guard let workspace = try PendingChanges(db).workspace(log) else {
      throw StoreFailure.corrupt("the store does not know its workspace")
    }
    return workspace
  }

  /// The signed note of the largest checkpoint seen; empty before there was one.
  package func largestCheckpoint() throws -> [UInt8] {
    if let text = try setting(.largestCheckpoint), let note = Base64.decode(text) { return note }
    return try log.checkpoint(ofAtMost: log.treeSize)?.note ?? []
  }

  /// Seals the changes that nobody acknowledged, replica by replica in the order of making.
  ///
  /// The first batch is sealed whatever its size. `hasMore` says whether any change is left out.
  ///
  /// - Parameter cuts: the changes that begin a batch.
  func sealPending(
    bytesMax: Int, batchesMax: Int = Limits.requestBatchesMax / 2, cutBefore cuts: Set<Dot> = []
  ) throws -> (batches: [OutgoingBatch], hasMore: Bool) {
    guard let workspace = try PendingChanges(db).workspace(log) else { return ([], false) }
    let keys = try OwnReplica.all(db)
    // Header, seeds and checkpoint come on top of the changes.
    let changesMax = bytesMax - min(bytesMax / 2, 4 << 10)
    var run = PendingRun(bytesMax: changesMax)
    var batches: [OutgoingBatch] = []
    var bytes = 0
    /// Whether the run fits in.
    func add(_ run: PendingRun) throws -> Bool {
      guard batches.count < batchesMax else { return false }
      let sealed = try seal(run, workspace, keys)
      guard batches.isEmpty || sealed.bytes.count <= bytesMax - bytes else { return false }
      bytes += sealed.bytes.count
      batches.append(sealed)
      return true
    }
    let rows = try Row.fetchCursor(
      db, sql: "SELECT * FROM pending WHERE acknowledged IS NULL ORDER BY sequence")
    while let row = try rows.next() {
      let pending = try PendingRow(row)
      if !run.accepts(pending) || cuts.contains(pending.dot) {
        guard try add(run) else { return (batches, true) }
        run = PendingRun(bytesMax: changesMax)
      }
      try run.append(pending)
    }
    if !run.rows.isEmpty, try !add(run) { return (batches, true) }
    return (batches, false)
  }

  private func seal(_ run: PendingRun, _ workspace: Digest256, _ keys: [OwnReplica]) throws
    -> OutgoingBatch
  {
    guard let first = run.rows.first, let last = run.rows.last,
      let key = keys.first(where: { $0.id == first.dot.replica })
    else { throw StoreFailure.corrupt("a pending change is of a replica that is not one's own") }
    let sealer = BatchSealer(
      workspace: workspace, replica: key.id, key: key.signingKey, secret: key.secret)
    let note = try log.signedNote(of: last.context)
    let bytes = try sealer.seal(run.changes, after: first.previous, checkpoint: note)
    let digest = try ReceivedBatch(decoding: bytes).header.digest
    return OutgoingBatch(
      bytes: bytes, digest: digest, replica: key.id, first: first.dot.counter,
      last: last.dot.counter, chain: last.chain)
  }
}

/// Consecutive pending changes of one replica that share a batch.
private struct PendingRun {
  var rows: [PendingRow] = []
  var changes: [PendingChange] = []
  private var bytes = 0
  private let bytesMax: Int

  /// - Parameter bytesMax: of several changes together, where that is less than a batch may have.
  init(bytesMax: Int) { self.bytesMax = min(bytesMax, Limits.batchBytesMax) }

  /// Whether `next` may join: the same replica, no act on either side, and within the limits.
  func accepts(_ next: PendingRow) -> Bool {
    guard let last = rows.last else { return true }
    return last.dot.replica == next.dot.replica && last.dot.counter.next == next.dot.counter
      && !last.isAct && !next.isAct && rows.count < Limits.batchChangesMax
      && bytes + next.changeBytes.count <= bytesMax
  }

  mutating func append(_ row: PendingRow) throws {
    rows.append(row)
    bytes += row.changeBytes.count
    changes.append(try row.sealable())
  }
}

extension WorkspaceReader {
  /// What stands in a batch's way for good: own changes before it that are nowhere any more, or that the
  /// server proved to have; nil where everything before it is in the log, or pending here.
  package func gap(before batch: OutgoingBatch) throws -> ChainGap? {
    var end = Dot(batch.replica, Counter(batch.first.rawValue - 1))
    if end.counter == 0 {
      guard let key = try OwnReplica.all(db).first(where: { $0.id == batch.replica }),
        let succession = key.succession
      else { return nil }
      end = Dot(succession.predecessor, succession.counter)
    }
    let logged = try log.chainHead(of: end.replica)?.counter ?? 0
    guard logged < end.counter else { return nil }
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT counter, acknowledged FROM pending WHERE replica = ? AND counter <= ?
        ORDER BY counter DESC LIMIT 1
        """, arguments: [end.replica.blob, Int64(end.counter.rawValue)])
    guard let row, try row.counter("counter") == end.counter else {
      let known = max(logged, try row?.counter("counter") ?? 0)
      return .lost(Dot(end.replica, known.next), through: end)
    }
    guard let leaf = try row.optionalSize("acknowledged"), leaf < log.treeSize else { return nil }
    return .denied(end, leaf: leaf)
  }
}

/// Why a store's own chain does not reach a batch.
package enum ChainGap: Hashable, Sendable {
  /// Neither the log nor the store has these changes.
  case lost(Dot, through: Dot)
  /// The server proved that the leaf has the change, and its log has something else there.
  case denied(Dot, leaf: UInt64)
}
