package import MergeCore

/// A batch merged at its leaf: everything that storing it needs.
package struct ReplayedLeaf: Sendable {
  package var judgement: Judgement
  package var index: UInt64
  package var leaf: Leaf
  package var leafBytes: [UInt8]
  /// The states of the records that the leaf changed, ascending by record.
  package var states: [(record: RecordID, state: RecordState)]
  package var decisions: [MergedDecision]
  /// What undoing will have to know.
  package var partOperations: [RecordedOperation]
  package var reportBytes: [UInt8]
  package var stateDigest: Digest256
  package var cost: LeafCost
}

/// Why a leaf that somebody else appended is not what its batch comes to.
package enum LeafMismatch: Error, Hashable, Sendable {
  /// The leaf's bytes are not a leaf.
  case undecodable
  /// The leaf or its batch is of a newer version: only a program that knows it can tell whether the
  /// leaf is true.
  case newer(String)
  /// The leaf's batch may not stand there.
  case refused(Refusal)
  /// The batch holds nothing that the log lacked.
  case nothingNew
  /// A field of the leaf is not what replay gives.
  case differs(field: String, stated: String, replayed: String)
}

/// Appends batches to a log, or follows somebody else's: the same code for both, so that what the
/// server states is what everybody re-executes.
package struct LeafReplay: Sendable {
  package var judge: BatchJudge

  package init(schema: Schema) { judge = BatchJudge(schema: schema) }

  /// What `batch` comes to after `view`: the leaf that it makes, or the one that has all of it already.
  ///
  /// Throws ``Refusal``, or what the view throws.
  package func append<View: LogView>(
    _ batch: ReceivedBatch, to view: View, time: Int64
  ) throws -> Appended {
    let judgement = try judge.judge(batch, at: view, leafTime: time)
    if let known = judgement.knownLeaf { return .known(leaf: known) }
    return .new(try merge(judgement, view, time))
  }

  /// Checks a leaf that somebody else appended after `view`, by doing it again.
  ///
  /// Throws ``LeafMismatch``, or what the view throws.
  package func follow<View: LogView>(
    leafBytes: [UInt8], batch: [UInt8], at view: View
  ) throws -> ReplayedLeaf {
    guard let stated = Leaf(encoded: leafBytes), let time = Timestamp(stated.time) else {
      throw Leaf.isNewer(leafBytes)
        ? LeafMismatch.newer("the leaf is of a newer version: upgrade") : .undecodable
    }
    let received: ReceivedBatch
    do throws(Refusal) {
      received = try ReceivedBatch(decoding: batch)
    } catch {
      // What does not decode is no newer version: anybody on the way could have added to it.
      throw LeafMismatch.refused(error)
    }
    let appended: Appended
    do {
      appended = try append(received, to: view, time: time.milliseconds)
    } catch let refusal as Refusal {
      throw refusal.code.isNewer ? LeafMismatch.newer(refusal.detail) : .refused(refusal)
    }
    guard case .new(let replayed) = appended else { throw LeafMismatch.nothingNew }
    if let difference = stated.difference(from: replayed.leaf) { throw difference }
    return replayed
  }

  private func merge<View: LogView>(_ judgement: Judgement, _ view: View, _ time: Int64) throws
    -> ReplayedLeaf
  {
    let index = view.treeSize
    let author = judgement.batch.header.replica
    let lineage = judgement.membership.lineage(of: author)
    let replicas = judgement.membership.replicas(sharingMemberWith: author)
    var run = MergeRun(stateDigest: view.stateDigest)
    for decoded in judgement.fresh {
      try run.merge(
        decoded.change(at: .leaf(index), lineage: lineage),
        isKnown: view.contains(decoded.identity), read: view.state(of:)
      ) {
        try view.partOperations(on: $0, $1, dotsMax: $2)
      }
      try run.checkLimits(after: decoded, placedBy: replicas)
    }
    let report = MergeReport(run.decisions).encoded
    let leaf = Leaf(judgement, run, time: time, report: DomainHash.plain(report))
    return ReplayedLeaf(
      judgement: judgement, index: index, leaf: leaf, leafBytes: leaf.encoded,
      states: run.states.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
      decisions: run.decisions, partOperations: run.partOperations, reportBytes: report,
      stateDigest: run.stateDigest, cost: run.cost)
  }
}

/// What appending a batch came to.
package enum Appended: Sendable {
  case new(ReplayedLeaf)
  /// The log has every change of it; the leaf holds the last.
  case known(leaf: UInt64)
}

extension Leaf {
  fileprivate init(
    _ judgement: Judgement, _ run: MergeRun, time: Int64, report: Digest256
  ) {
    guard let first = judgement.fresh.first, let last = judgement.fresh.last else {
      preconditionFailure("a leaf takes in at least one change")
    }
    let decisions = run.decisions.map(\.decision)
    self.init(
      time: time, type: judgement.type, replica: judgement.batch.header.replica,
      first: first.received.dot.counter, last: last.received.dot.counter,
      changes: judgement.fresh.count,
      concurrent: decisions.filter { $0.rule != .absorbed && !$0.concurrent.isEmpty }.count,
      conflictsOpened: decisions.filter(\.opened).count,
      conflictsClosed: decisions.filter(\.closed).count, batch: judgement.batch.header.digest,
      report: report, stateDigest: run.stateDigest)
  }

  /// The first field in which two leaves differ.
  fileprivate func difference(from replayed: Leaf) -> LeafMismatch? {
    let pairs: [(String, String, String)] = [
      ("v", "\(v)", "\(replayed.v)"), ("epoch", "\(epoch)", "\(replayed.epoch)"),
      ("rules", "\(rules)", "\(replayed.rules)"), ("type", type.rawValue, replayed.type.rawValue),
      ("replica", replica, replayed.replica), ("first", "\(first)", "\(replayed.first)"),
      ("last", "\(last)", "\(replayed.last)"), ("changes", "\(changes)", "\(replayed.changes)"),
      ("batch", batch, replayed.batch), ("concurrent", "\(concurrent)", "\(replayed.concurrent)"),
      ("conflicts_opened", "\(conflictsOpened)", "\(replayed.conflictsOpened)"),
      ("conflicts_closed", "\(conflictsClosed)", "\(replayed.conflictsClosed)"),
      ("report", report, replayed.report), ("state_digest", stateDigest, replayed.stateDigest),
    ]
    return pairs.first { Array($0.1.utf8) != Array($0.2.utf8) }.map {
      .differs(field: $0.0, stated: $0.1, replayed: $0.2)
    }
  }
}
