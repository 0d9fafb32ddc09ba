import Foundation
import SimulationKit
import SyncProtocol
import Synchronization
import Testing

/// What a bad line, a copy or a crash does to honest servers: refused where it must be, and no evidence.
@Suite struct HonestAccidentTests {
  /// Omar's next sync through a change of the answer; then the line is good again.
  private func play(
    _ change: AnswerRelay.Change, code: Int32, says words: [String] = [], command: String = "sync"
  ) throws {
    try LiedTo.play { team in
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("sync")
      try team.layla.annotate("brown fox", as: "fox")
      try team.layla("sync")
      try team.omar.annotate("quick", as: "quick")
      team.relay.set(change)
      let outcome = try team.omar.run([command])
      #expect(outcome.code == code, "\(outcome)")
      expectSays(outcome, words)
      #expect(try team.omar.evidenceCount() == 0)
      #expect(try !team.omar("status").output.contains("in sync with"))
      team.relay.set(nil)
      try expectConverged([team.omar, team.layla], team.server)
      #expect(try team.omar.json("quarantine").items.isEmpty)
      #expect(try team.omar.evidenceCount() == 0)
    }
  }

  @Test func `a proxy that drops the last leaf of an answer`() throws {
    try play(
      AnswerRelay.Change { frames in
        var frames = frames
        let last = frames.lastIndex { if case .entry? = $0.frame { true } else { false } }
        if let last { frames.remove(at: last) }
        return frames
      }, code: 76, says: ["lost or altered on the way"])
  }

  @Test func `a line that alters a leaf, a batch or an attachment`() throws {
    for part in 0..<3 {
      try play(
        AnswerRelay.Change { frames in
          frames.map { frame in
            guard case .entry(var entry)? = frame.frame, entry.hasBatch else { return frame }
            switch part {
            case 0: entry.leaf[entry.leaf.count / 2] ^= 1
            case 1: entry.batch[entry.batch.count / 2] ^= 1
            default: entry.batch += [0xF8, 0x07, 0x01]
            }
            return WireResponseFrame { $0.entry = entry }
          }
        }, code: 76)
    }
  }

  @Test func `a field added to a batch on the way is no newer version`() throws {
    try play(
      AnswerRelay.Change { frames in
        frames.map { frame in
          guard case .entry(var entry)? = frame.frame, entry.hasBatch else { return frame }
          entry.batch += [0xF8, 0x07, 0x01]
          return WireResponseFrame { $0.entry = entry }
        }
      }, code: 76, says: ["added to the batch on its way"])
  }

  @Test func `an answer of before, repeated`() throws {
    try LiedTo.play { team in
      team.relay.set(nil)
      try team.omar("pull")
      let older = try #require(team.relay.recorded.last)
      try team.layla.annotate("lazy dog", as: "dog")
      try team.layla("sync")
      try team.omar("pull")
      team.relay.set(AnswerRelay.Change(request: nil) { _ in older })
      let outcome = try team.omar.run(["pull"])
      #expect(outcome.code == 75, "\(outcome)")
      expectSays(outcome, ["an old answer"])
      #expect(try team.omar.evidenceCount() == 0)
      try expectHealthy(team.omar)
      team.relay.set(nil)
      try expectConverged([team.omar, team.layla], team.server)
    }
  }

  @Test func `a store of one's own that was copied`() throws {
    try LiedTo.play { team in
      let copy = try team.omar.copied(to: "second-laptop")
      try copy.annotate("lazy dog", as: "dog")
      try copy("sync")
      try team.omar.annotate("brown fox", as: "fox")
      // The copy's successor is in the log: the original goes on, or does under one of its own.
      try team.omar("sync")
      #expect(try team.omar.evidenceCount() == 0)
      #expect(try copy.evidenceCount() == 0)
      try expectConverged([team.omar, copy, team.layla], team.server)
    }
  }
}
