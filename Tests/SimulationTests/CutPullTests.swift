import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import WorkspaceStore

@testable import SyncClient
@testable import SyncServer

@Suite("A pull that is cut")
struct CutPullTests {
  /// A founder whose log has many more leaves than the member holds.
  private func play(_ body: (Pair, _ size: UInt64) throws -> Void) throws {
    let pair = try Pair()
    // Membership acts stand alone in their batches, so each is a leaf.
    for _ in 0..<300 { try pair.layla.workspace.edit { _ = try $0.addDevice() } }
    try pair.sync(pair.layla)
    try body(pair, Self.size(pair.layla))
  }

  private static func size(_ store: SimulatedStore) throws -> UInt64 {
    try store.workspace.read { $0.log.treeSize }
  }

  /// The server's whole answer to the next round of a pull.
  private func answer(_ pair: Pair, _ run: inout ExchangeRun) throws -> (ExchangeRound, [UInt8]) {
    let round = try run.begin()
    let answer = try pair.server.answer(
      round.session.request, by: round.outgoing.replica.id, now: pair.time.now())
    return (round, answer)
  }

  private func pull(_ store: SimulatedStore) -> ExchangeRun {
    ExchangeRun(workspace: store.workspace, mode: .pull, progress: { _ in })
  }

  @Test("what a checkpoint covered stays, and the next pull brings the rest alone (ruling 5)")
  func resumes() throws {
    try play { pair, size in
      let known = try Self.size(pair.omar)
      var first = pull(pair.omar)
      var (round, whole) = try answer(pair, &first)
      var rest = whole[...]
      while try Self.size(pair.omar) == known, !rest.isEmpty {
        try first.receive(rest.prefix(97), into: &round)
        rest = rest.dropFirst(97)
      }
      // Some leaves more, with no checkpoint over them.
      try first.receive(rest.prefix(2_000), into: &round)
      #expect(throws: SyncFailure.self) { try first.end(round) }

      let kept = try Self.size(pair.omar)
      #expect(known < kept && kept < size)
      try expectPrefix(pair, kept)
      var second = pull(pair.omar)
      let (resumed, remainder) = try answer(pair, &second)
      #expect(resumed.outgoing.context.treeSize == kept)
      #expect(remainder.count < whole.count)
      var end = resumed
      try second.receive(remainder, into: &end)
      _ = try second.end(end)
      #expect(try Self.size(pair.omar) == size)
      try expectPrefix(pair, size)
    }
  }

  @Test("wherever it is cut, it stands at the last checkpoint that came", arguments: 1...6)
  func anywhere(seed: UInt64) throws {
    try play { pair, size in
      let random = SeededRandom(seed: seed)
      var sizes: Set<UInt64> = []
      for _ in 0..<12 {
        var run = pull(pair.omar)
        var (round, whole) = try answer(pair, &run)
        // Most cuts fall behind the first checkpoint, some before it.
        let cut = whole.prefix(random.below(whole.count))
        let expected = try lastCheckpoint(in: cut) ?? Self.size(pair.omar)
        try run.receive(cut, into: &round)
        #expect(throws: SyncFailure.self, "seed \(seed)") { try run.end(round) }
        #expect(try Self.size(pair.omar) == expected, "seed \(seed)")
        try expectPrefix(pair, expected)
        sizes.insert(expected)
      }
      #expect(try pair.sync(pair.omar, .pull).inSync, "seed \(seed)")
      #expect(try Self.size(pair.omar) == size)
      print("cut pulls, seed \(seed): stood at \(sizes.sorted()) of \(size)")
    }
  }

  /// The size that the last whole checkpoint frame states.
  private func lastCheckpoint(in bytes: ArraySlice<UInt8>) throws -> UInt64? {
    var frames = FrameReader()
    frames.append(bytes)
    var size: UInt64?
    while let frame = try frames.next() {
      guard case .checkpoint(let note) = try WireResponseFrame(serializedBytes: frame).frame else {
        continue
      }
      // The second line of a checkpoint is its size.
      let lines = String(decoding: note, as: UTF8.self).split(separator: "\n")
      size = UInt64(lines[1])
    }
    return size
  }

  /// The store's state is that of the log's first leaves, as the server's leaf states it.
  private func expectPrefix(_ pair: Pair, _ size: UInt64) throws {
    let bytes = try pair.server.hosted.log.read {
      try LogReader(unverified: $0).leaf(at: size - 1)?.leafBytes
    }
    let leaf = try #require(bytes.flatMap { Leaf(encoded: $0) })
    let (digest, held) = try pair.omar.workspace.read { ($0.log.stateDigest, $0.log.treeSize) }
    #expect(held == size)
    #expect(digest.hex == leaf.stateDigest)
  }
}
