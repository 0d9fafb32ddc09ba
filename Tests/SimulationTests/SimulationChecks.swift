import AnnotationModel
import Auditor
import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

// What must hold at the end: the invariants of DESIGN.md §7, by number.

extension WorkspaceSimulation {
  /// Checks every invariant; nothing is pending any more.
  func checkEverything() throws {
    try checkOldRequests()
    let closed = try stores.filter { try isClosed($0) }
    let living = try stores.filter { try !isClosed($0) }
    tally.closedStores = closed.count
    try checkOneState(living)
    try checkExaminations()
    let log = try replayedLog()
    try checkLedger(log, closed)
    try checkDates(log, living)
    try checkOracle(log)
    try checkAudit(living)
    try checkCheckpoints(log)
    try checkRepetition(living, log)
    try checkSuccessors()
  }

  /// 3: whatever old requests could still bring, they bring once.
  ///
  /// The first time they may: what a restored backup took from its store, or what was refused while
  /// the author's role was another.
  private func checkOldRequests() throws {
    let requests = (0..<8).compactMap { _ in random.pick(exchange.requests) }
    for request in requests { exchange.send(again: request) }
    try drain()
    let size = try server.hosted.log.read { try LogReader(unverified: $0).treeSize }
    for request in requests { exchange.send(again: request) }
    try require(
      server.hosted.log.read { try LogReader(unverified: $0).treeSize } == size,
      "an old request was accepted again")
  }

  /// 1: one state digest, size, root, and byte-identical records.
  private func checkOneState(_ living: [SimulatedStore]) throws {
    let expected = try server.hosted.log.read { db in try LogSummary(LogReader(db)) }
    tally.leaves = Int(expected.size)
    tally.conflicts = expected.conflicts
    for store in living {
      let summary = try store.workspace.read { try LogSummary($0.log) }
      try require(summary == expected, "\(store.name) has another state than the server")
      let digest = try store.workspace.read { try $0.stateDigest() }
      try require(digest == expected.digest, "\(store.name) shows another digest")
    }
  }

  /// 9, and what else `doctor` looks at.
  private func checkExaminations() throws {
    for store in stores {
      for finding in try store.workspace.examine() where !finding.isGood {
        // Not a fault of a copy that nobody has written in yet.
        if finding.check.hasPrefix("this is the store that wrote last") { continue }
        throw SimulationFault("\(store.name): \(finding.check): \(finding.problem ?? "")")
      }
    }
  }

  /// The server's log, followed leaf by leaf.
  private func replayedLog() throws -> MemoryLog {
    var log = MemoryLog(signer: server.signer, schema: AnnotationSchema.schema)
    let leaves = try server.hosted.log.read { db in
      try LogReader(db).leaves(from: 0, countMax: 1 << 40, bytesMax: .max)
    }
    for leaf in leaves { try log.follow(leaf: leaf.leafBytes, batch: leaf.batchBytes) }
    return log
  }

  /// 2 and 5: what was acknowledged is in history once, nothing else is, and a value is gone only
  /// where a change that its author knew to cover it is there.
  private func checkLedger(_ log: MemoryLog, _ closed: [SimulatedStore]) throws {
    var logged = Set<ChangeIdentity>()
    for change in log.leaves.flatMap(\.judgement.fresh) where change.act == nil {
      try require(
        ledger.entries[change.identity] != nil,
        "\(change.received.dot) is in the log, and nobody made it: \(change.identity.brief)")
      if !logged.insert(change.identity).inserted { tally.absorbed += 1 }
    }
    var excused = ledger.excused
    for store in closed {
      excused.formUnion(try store.workspace.read { try $0.pendingIdentities() })
    }
    for entry in ledger.entries.values
    where !logged.contains(entry.identity) && !excused.contains(entry.identity) {
      throw SimulationFault("lost: \(entry.identity.brief), acknowledged by \(entry.store)")
    }
    try checkEffects(log, logged)
  }

  private func checkEffects(_ log: MemoryLog, _ logged: Set<ChangeIdentity>) throws {
    var present = Set<Effect>()
    for (record, state) in log.states {
      present.formUnion(state.digestElements.compactMap { Effect(record, $0) })
    }
    let entries = ledger.entries.values.filter { logged.contains($0.identity) }
    var superseded: [Effect: ChangeIdentity] = [:]
    for entry in entries {
      for effect in entry.superseded { superseded[effect] = entry.identity }
    }
    for effect in present {
      if let by = superseded[effect] {
        throw SimulationFault("\(effect) is back, and \(by.brief) had taken its place")
      }
    }
    for entry in entries {
      for effect in entry.made where !present.contains(effect) && superseded[effect] == nil {
        let takers = log.leaves.flatMap(\.decisions).filter { merged in
          merged.decision.record == effect.record
            && merged.decision.superseded.contains { log.identity(of: $0) == entry.identity }
        }.map { log.identity(of: $0.dot)?.brief ?? "" }
        throw SimulationFault(
          "\(effect) of \(entry.store) is gone, taken by \(takers), which did not know it")
      }
    }
  }

  /// 7: the naive oracle decides as the log did, and has its records.
  private func checkOracle(_ log: MemoryLog) throws {
    var oracle = OracleFold()
    for leaf in log.leaves {
      let replica = leaf.judgement.batch.header.replica
      let lineage = leaf.judgement.membership.lineage(of: replica)
      for decoded in leaf.judgement.fresh {
        let change = decoded.change(at: .leaf(leaf.index), lineage: lineage)
        for (record, decisions) in oracle.apply(change) {
          let stated = leaf.decisions.filter {
            $0.dot == change.carrier.dot && $0.decision.record == record
          }.map(\.decision)
          try require(
            stated == decisions,
            "leaf \(leaf.index), \(change.carrier.dot): \(stated), oracle \(decisions)")
        }
      }
    }
    for (record, state) in log.states.sorted(by: { $0.key < $1.key }) {
      guard let naive = oracle.oracles[record] else {
        throw SimulationFault("the oracle knows no \(record)")
      }
      if let difference = RecordView(state).difference(from: naive.view) {
        throw SimulationFault("\(hexText(record.encoded)) has \(difference) as the oracle")
      }
    }
  }

  /// 7: independent replay.
  private func checkAudit(_ living: [SimulatedStore]) throws {
    let logs = [server.hosted.log] + living.suffix(1).map(\.workspace.logDatabase)
    for log in logs {
      let result = try LogAuditor(
        source: log, pins: AuditPins(logKey: server.hosted.logKey)
      ).audit()
      try require(result.verified, "the audit refuses: \(result.reason ?? "")")
    }
  }

  /// 6: every checkpoint that anybody keeps is of the one log.
  private func checkCheckpoints(_ log: MemoryLog) throws {
    for store in stores {
      let notes = try store.workspace.read { reader in
        try reader.log.checkpoints(after: 0, upTo: 1 << 40).map(\.note)
          + [reader.largestCheckpoint()].filter { !$0.isEmpty }
      }
      for note in notes {
        let checkpoint = try SignedCheckpoint(
          opening: note, origin: server.hosted.logKey.name.line, logKey: server.hosted.logKey
        ).checkpoint
        try require(
          log.root(ofSize: checkpoint.size.rawValue).bytes == checkpoint.root.bytes,
          "\(store.name) keeps a checkpoint of another log at \(checkpoint.size)")
      }
    }
  }

  /// 3: taking in again what is there changes nothing.
  private func checkRepetition(_ living: [SimulatedStore], _ log: MemoryLog) throws {
    guard let store = random.pick(living) else { return }
    let before = try store.workspace.read { try LogSummary($0.log) }
    let entries = log.leaves.suffix(5).map {
      ReceivedEntry(index: $0.index, leaf: $0.leafBytes, batch: $0.judgement.batch.bytes)
    }
    _ = try store.workspace.ingest(entries, checkpoint: log.checkpoint)
    _ = try store.workspace.apply(bundle: store.workspace.makeBundle(since: 0))
    let after = try store.workspace.read { try LogSummary($0.log) }
    try require(before == after, "\(store.name) changed by what it had")
  }

  /// A replica per store, and one more for what put it in doubt.
  private func checkSuccessors() throws {
    let counts = try stores.map { try $0.workspace.read { try $0.ownReplicaCount() } }
    tally.successors = counts.reduce(0) { $0 + $1 - 1 }
    try require(
      weather.putsStoresInDoubt || tally.successors == 0,
      "\(tally.successors) successors, and nobody was ever in doubt")
    try require(
      counts.allSatisfy { $0 <= 1 + doubts },
      "stores have been \(counts) replicas after \(doubts) doubts")
  }
}

/// A log's end and its records, to be compared.
struct LogSummary: Equatable {
  var size: UInt64
  var root: Digest256
  var digest: Digest256
  var records: [[UInt8]]
  var conflicts: Int

  init(_ reader: LogReader) throws {
    size = reader.treeSize
    root = try reader.root(ofSize: reader.treeSize)
    digest = reader.stateDigest
    conflicts = try reader.recordCounts().conflicts
    records = try reader.records(after: [], countMax: 10_000).map { $0.id + $0.state }
  }
}

extension MemoryLog {
  /// What a logged dot carries.
  fileprivate func identity(of dot: Dot) -> ChangeIdentity? {
    leaves.lazy.flatMap(\.judgement.fresh).first { $0.received.dot == dot }?.identity
  }
}
