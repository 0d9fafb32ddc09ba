import NIOCore
import SimulationKit
import SyncProtocol
import Synchronization
import Testing
import WorkspaceStore

@testable import SyncClient

@Suite struct ExchangeProgressTests {
  private func isProof(_ failure: SyncFailure?) -> Bool {
    if case .proof? = failure { true } else { false }
  }

  @Test("a server that says it has more, and brings nothing, does not keep a client for ever")
  func endlessMore() throws {
    let desk = try LogDesk()
    for mode in [ExchangeMode.sync, .pull] {
      let failure = desk.failure(mode) { _ in
        try desk.welcome() + desk.checkpoint(desk.log.checkpoint) + desk.end(more: true)
      }
      #expect(isProof(failure), "\(String(describing: failure))")
    }
  }

  @Test("a server that says it took changes in, and does not show them, is not asked again")
  func claimed() throws {
    let desk = try LogDesk()
    let held = desk.log
    try desk.edit()
    try desk.exchange.push(desk.store)
    let failure = desk.failure(.sync) { round in
      try desk.welcome() + desk.outcomes(round, in: desk.log, size: desk.log.treeSize)
        + desk.checkpoint(held.checkpoint) + desk.end()
    }
    #expect(isProof(failure), "\(String(describing: failure))")
  }

  @Test("a pull that breaks off keeps what a checkpoint covered, and goes on from there")
  func resumed() throws {
    let desk = try LogDesk()
    let start = try desk.treeSize()
    for _ in 0..<4 {
      try desk.edit()
      try desk.exchange.push(desk.store)
    }
    let covered = start + 2
    let failure = desk.failure(.pull) { _ in
      try desk.welcome() + desk.entries(start..<covered)
        + desk.checkpoint(desk.log.checkpoint(ofSize: covered))
        + desk.entries(covered..<desk.log.treeSize)
    }
    guard case .unreachable? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(try desk.treeSize() == covered)
    _ = try desk.play(.pull) { round in
      #expect(round.outgoing.context.treeSize == covered)
      return try desk.welcome() + desk.entries(covered..<desk.log.treeSize)
        + desk.checkpoint(desk.log.checkpoint) + desk.end()
    }
    #expect(try desk.treeSize() == desk.log.treeSize)
  }

  @Test("a request's body comes in pieces that add up to it, and tells how far it is")
  func body() async throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
    let told = Mutex<[SyncProgress]>([])
    let body = RequestBody(bytes: bytes) { progress in told.withLock { $0.append(progress) } }
    var sent: [UInt8] = []
    for await piece in body { sent += piece.readableBytesView }
    #expect(sent == bytes)
    let progress = told.withLock { $0 }
    #expect(progress.first == .sending(bytes: 0, of: bytes.count))
    #expect(progress.last == .sending(bytes: bytes.count, of: bytes.count))
    #expect(progress.count == 5)
  }
}
