import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncClient

@Suite struct PushProofTests {
  /// A desk whose store has pushed once, and so has seen a larger head than it holds leaves of; then
  /// it has one more change, which the log has too.
  private func desk() throws -> (LogDesk, before: MemoryLog) {
    let desk = try LogDesk()
    try desk.edit()
    try desk.exchange.push(desk.store)
    _ = try desk.play(.push) { try answer(desk, $0, desk.log) }
    #expect(try desk.acknowledgedCount() == 1)
    let before = desk.log
    try desk.edit()
    try desk.exchange.push(desk.store)
    return (desk, before)
  }

  /// A whole answer to a push, by a log of `size` leaves.
  private func answer(
    _ desk: LogDesk, _ round: ExchangeRound, _ log: MemoryLog, size: UInt64? = nil,
    withProofFromSeen: Bool = true
  ) throws -> [UInt8] {
    let size = size ?? log.treeSize
    let context = round.outgoing.context.treeSize
    var bytes = try desk.welcome(size: size) + desk.outcomes(round, in: log, size: size)
    bytes += try desk.consistency(from: context, to: size, in: log)
    let seen = try round.outgoing.seenCheckpoint()?.size.rawValue ?? 0
    if withProofFromSeen, seen > context, seen <= size {
      bytes += try desk.consistency(from: seen, to: size, in: log)
    }
    return try bytes + desk.checkpoint(log.checkpoint(ofSize: size)) + desk.end()
  }

  @Test("a head that continues the log held and the largest head seen acknowledges the changes")
  func continued() throws {
    let (desk, _) = try desk()
    #expect(desk.failure(.push) { try answer(desk, $0, desk.log) } == nil)
    #expect(try desk.acknowledgedCount() == 2)
  }

  @Test("a head smaller than the largest seen is refused, though it continues the log held")
  func smaller() throws {
    let (desk, before) = try desk()
    let failure = desk.failure(.push) { round in
      try answer(desk, round, desk.log, size: before.treeSize - 1)
    }
    // An answer of before, or a server restored from an old copy, is no lie.
    guard case .retryLater(let what)? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(what.contains("has signed"))
    #expect(try desk.store.read { try $0.evidenceCount() } == 0)
    #expect(try desk.acknowledgedCount() == 1)
  }

  @Test("another root of the largest size seen, and a larger fork of it, are refused")
  func forked() throws {
    let (desk, before) = try desk()
    var fork = MemoryLog(signer: desk.signer, schema: AnnotationSchema.schema)
    for leaf in before.leaves.dropLast() {
      try fork.follow(leaf: leaf.leafBytes, batch: leaf.judgement.batch.bytes)
    }
    for leaf in desk.log.leaves.suffix(2) {
      try fork.append(leaf.judgement.batch.bytes, time: 9_000_000_000_000)
    }
    for size in [before.treeSize, fork.treeSize] {
      let failure = desk.failure(.push) { try answer(desk, $0, fork, size: size) }
      switch failure {
      case .forked?: #expect(size == before.treeSize)
      // Whether a larger note is of another history, its log's own hashes tell.
      case .proof?: #expect(size == fork.treeSize)
      default: Issue.record("\(String(describing: failure))")
      }
    }
    #expect(try desk.acknowledgedCount() == 1)
    #expect(try desk.store.read { try $0.evidenceCount() } == 1)
  }

  @Test("an answer without the proof from the largest head seen is refused")
  func unproved() throws {
    let (desk, _) = try desk()
    let failure = desk.failure(.push) {
      try answer(desk, $0, desk.log, withProofFromSeen: false)
    }
    guard case .proof? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try desk.acknowledgedCount() == 1)
  }

  @Test("of several batches, none is acknowledged when one is not proved")
  func together() throws {
    let desk = try LogDesk()
    // Two acts make two batches.
    for name in ["Omar", "Nadia"] {
      try desk.store.edit { _ = try $0.invite(name: name, role: .annotator) }
    }
    try desk.exchange.push(desk.store)
    let size = desk.log.treeSize
    let failure = desk.failure(.push) { round in
      // The second batch's leaf is not under this head.
      try answer(desk, round, desk.log, size: size - 1)
    }
    guard case .proof? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try desk.acknowledgedCount() == 0)
    #expect(try desk.store.read { try $0.setting(.largestCheckpoint) } != nil)
  }
}
