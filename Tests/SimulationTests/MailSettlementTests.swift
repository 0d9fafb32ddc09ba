import AnnotationModel
import MergeCore
import SimulationKit
import SyncClient
import SyncProtocol
import Testing
import WorkspaceStore

@Suite("Mail and its carrier")
struct MailSettlementTests {
  private func mail(_ store: SimulatedStore) throws -> [[UInt8]] {
    try store.workspace.prepareExchange(bytesMax: .max).mail.map(\.bytes)
  }

  /// Hands over what a store has pending.
  private func hand(_ from: SimulatedStore, to carrier: SimulatedStore) throws {
    let size = try from.workspace.read { $0.log.treeSize }
    _ = try carrier.workspace.apply(bundle: from.workspace.makeBundle(since: size))
  }

  /// Omar carries work of Nadia's and of Sami's; both are members, and offline.
  private func play(
    _ body: (Pair, _ nadia: SimulatedStore, _ sami: SimulatedStore) throws -> Void
  ) throws {
    let pair = try Pair()
    let (nadia, sami) = (try pair.invite("Nadia", seed: 3), try pair.invite("Sami", seed: 4))
    for store in [pair.layla, nadia, sami, pair.omar, pair.layla] { try pair.sync(store) }
    try pair.annotate(nadia, "by Nadia")
    try pair.annotate(sami, "by Sami")
    try hand(nadia, to: pair.omar)
    try hand(sami, to: pair.omar)
    try pair.annotate(pair.omar, "by Omar")
    #expect(try mail(pair.omar).count == 2)
    try body(pair, nadia, sami)
  }

  @Test("mail that is refused for good is dropped, and all else goes on", arguments: [true, false])
  func refused(isPush: Bool) throws {
    try play { pair, nadia, _ in
      try pair.layla.workspace.edit { try $0.setRole(member: "Nadia", role: .auditor) }
      try pair.sync(pair.layla)
      let outcome = try pair.sync(pair.omar, isPush ? .push : .sync)
      // The refusal is of somebody else's change: the carrier has nothing set aside.
      #expect(outcome.pushedChanges == 1)
      #expect(outcome.refusedChanges == 0 && outcome.refusals.isEmpty)
      #expect(try pair.omar.workspace.read { try $0.quarantinedCount() } == 0)
      // A push brings no leaves, so that the carrier cannot tell yet whether the refusal is right.
      #expect(try mail(pair.omar).isEmpty == !isPush)
      try pair.sync(pair.layla)
      #expect(try pair.notes(pair.layla) == ["by Omar", "by Sami"])
      #expect(try pair.sync(pair.omar).inSync)
      #expect(try mail(pair.omar).isEmpty)
      // Its author learns of it, and keeps it.
      #expect(try pair.sync(nadia).refusedChanges == 1)
      #expect(try nadia.workspace.read { try $0.quarantinedCount() } == 1)
    }
  }

  @Test("mail that waits for something in the log is kept until that is there")
  func waiting() throws {
    let pair = try Pair()
    // Layla has not synced: the server knows neither invite nor enrolment.
    let nadia = try pair.invite("Nadia", seed: 3)
    try pair.annotateOffline(nadia, "offline")
    try hand(nadia, to: pair.omar)
    let carried = try mail(pair.omar)
    #expect(carried.count >= 2)
    try pair.annotate(pair.omar, "by Omar")
    #expect(try pair.sync(pair.omar).pushedChanges == 1)
    #expect(Set(try mail(pair.omar)) == Set(carried))
    try pair.sync(pair.layla)
    for _ in 0..<2 { try pair.sync(pair.omar) }
    #expect(try mail(pair.omar).isEmpty)
    #expect(try pair.sync(nadia).inSync)
    #expect(try nadia.workspace.read { try $0.liveCount(of: .label) } == 1)
  }

  @Test("mail that the log has by another way is dropped, and nothing comes twice")
  func known() throws {
    try play { pair, nadia, sami in
      for store in [nadia, sami] { try pair.sync(store) }
      let size = try nadia.workspace.read { $0.log.treeSize }
      let outcome = try pair.sync(pair.omar)
      #expect(outcome.pushedChanges == 1 && outcome.refusedChanges == 0)
      #expect(try mail(pair.omar).isEmpty)
      let end = try pair.omar.workspace.read { $0.log.treeSize }
      #expect(try end == sami.workspace.read { $0.log.treeSize } + 1 && end > size)
      #expect(try pair.notes(pair.omar) == ["by Nadia", "by Omar", "by Sami"])
    }
  }
}

extension Pair {
  /// Work of a store that has not received the article yet.
  fileprivate func annotateOffline(_ store: SimulatedStore, _ name: String) throws {
    _ = try store.workspace.edit { try $0.addLabel(name) }
  }
}
