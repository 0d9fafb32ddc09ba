import Foundation
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// A log about which the machine cannot know enough: its operator decides.
@Suite struct RecoveryDecisionTests {
  /// A server that was restored to four of nine leaves.
  ///
  /// - Parameter state: what became of the machine's record.
  private func restored(_ state: MachineRecord) throws -> (TestServer, Holder) {
    let server = try TestServer()
    for _ in 0..<3 { try server.append() }
    try server.restart {
      try server.copy("server", to: "backup")
      try server.copy("state", to: "state-backup")
    }
    let founder = server.founder
    for _ in 0..<5 { try server.append() }
    let holder = try Holder(server)
    // Who goes on after the loss does not hold what was lost.
    server.founder = founder
    try server.restart {
      try server.copy("backup", to: "server")
      switch state {
      case .restored: try server.copy("state-backup", to: "state")
      case .lost: try FileManager.default.removeItem(atPath: server.disk.folder("state"))
      }
    }
    return (server, holder)
  }

  enum MachineRecord: CaseIterable {
    /// The whole machine went back: nothing tells.
    case restored
    case lost
  }

  private func show(_ holder: Holder, _ size: UInt64, to server: TestServer) throws -> String? {
    try Problem.code {
      try server.exchange(
        [], by: server.founder.id, mode: .pull, checkpoint: holder.notes[size] ?? [])
    }
  }

  private func refusal(_ server: TestServer, _ decision: RecoveryDecision) -> RecoveryRefusal? {
    do {
      _ = try server.hosted.recover(decision)
      return nil
    } catch {
      return error as? RecoveryRefusal
    }
  }

  @Test(
    "a larger note without a record stops the log until it heals",
    arguments: MachineRecord.allCases)
  func heals(state: MachineRecord) throws {
    let (server, holder) = try restored(state)
    #expect(try show(holder, 9, to: server) == "log-behind")
    guard case .decision(let shown)? = try server.hosted.recoveryNeed() else {
      Issue.record("nothing is to be decided")
      return
    }
    #expect(shown.size == 9)
    #expect(try Problem.code { try server.append() } == "log-behind")
    // What holders bring meanwhile is kept, and not taken in.
    let standing = try server.heal(holder.body(note: 9, prefixes: [4], leaves: Array(4..<9)))
    #expect((standing.treeSize, standing.awaitedSize) == (4, 9))
    guard case .moreSigned? = refusal(server, .nothingLost) else {
      Issue.record("nothing is said to be lost")
      return
    }
    #expect(try server.hosted.recover(.heal).treeSize == 9)
    #expect(try Holder(server).entries.map(\.leaf) == holder.entries.map(\.leaf))
    try server.restart()
    #expect(try server.hosted.recoveryNeed() == nil)
  }

  @Test("a stolen key's notes stop the log once, and are kept", arguments: MachineRecord.allCases)
  func stolen(state: MachineRecord) throws {
    let (server, holder) = try restored(state)
    #expect(try show(holder, 9, to: server) == "log-behind")
    try server.heal(holder.body(note: 9, leaves: Array(4..<9)))
    #expect(try server.hosted.recover(.keyStolen).treeSize == 4)
    try server.append()
    for size in [8, 9] as [UInt64] { #expect(try show(holder, size, to: server) == "log-mismatch") }
    let far = try server.checkpoint(ofSize: 5_000)
    let code = try Problem.code {
      try server.exchange([], by: server.founder.id, mode: .pull, checkpoint: far)
    }
    #expect(code == "log-mismatch")
    try server.append()
    try server.restart()
    try server.append()
    #expect(try server.treeSize == 7)
    let kept = try server.hosted.log.read { try LogReader(unverified: $0).shownNotes.all() }
    #expect(kept.map(\.note).contains(far))
    #expect(kept.map(\.note).contains(holder.notes[9] ?? []))
  }

  @Test("heals on a word that is taken back goes on from what it has")
  func takenBack() throws {
    let (server, holder) = try restored(.restored)
    #expect(try show(holder, 9, to: server) == "log-behind")
    #expect(try server.hosted.recover(.heal).treeSize == 4)
    guard case .leaves? = try server.hosted.recoveryNeed() else {
      Issue.record("it waits for nothing")
      return
    }
    #expect(try server.hosted.recover(.keyStolen).treeSize == 4)
    try server.append()
    #expect(try server.treeSize == 5)
  }

  @Test("larger heads that are shown before a log is healed are healed to, without another word")
  func growing() throws {
    let (server, holder) = try restored(.restored)
    #expect(try show(holder, 7, to: server) == "log-behind")
    #expect(try server.hosted.recover(.heal).awaitedSize == 7)
    #expect(try show(holder, 9, to: server) == "log-behind")
    let standing = try server.heal(holder.body(note: 7, leaves: [4, 5, 6]))
    #expect((standing.treeSize, standing.awaitedSize) == (7, 9))
    #expect(try Problem.code { try server.append() } == "log-behind")
    #expect(try server.heal(holder.body(note: 9, leaves: [7, 8])).treeSize == 9)
    #expect(try Holder(server).entries.map(\.leaf) == holder.entries.map(\.leaf))
    #expect(try server.hosted.recoveryNeed() == nil)
  }

  @Test("who is shown another history stops the log once at most, whatever note comes next")
  func repeated() throws {
    let (server, holder) = try restored(.restored)
    try server.append("another history")
    #expect(try show(holder, 8, to: server) == "log-behind")
    let founder = server.founder
    #expect(try Problem.code { try server.append() } == "log-behind", "until it is proved")
    server.founder = founder
    let proof = try holder.body(note: 8, prefixes: [5])
    #expect(try Problem.code { try server.heal(proof) } == "log-mismatch")
    try server.append()
    // The same note again, a larger one, and one that nobody ever proves.
    #expect(try show(holder, 8, to: server) == "log-mismatch")
    #expect(try show(holder, 9, to: server) == "log-behind")
    try server.append()
    let far = try server.checkpoint(ofSize: 5_000)
    let code = try Problem.code {
      try server.exchange([], by: server.founder.id, mode: .pull, checkpoint: far)
    }
    #expect(code == "log-behind", "its holder is asked to prove where it belongs")
    try server.append()
    let larger = try holder.body(note: 9, prefixes: [6])
    #expect(try Problem.code { try server.heal(larger) } == "log-mismatch")
    try server.append()
    #expect(try server.treeSize == 9)
    #expect(try server.hosted.recoveryNeed() == nil)
  }

  @Test("after a fork was proved, a head that is proved to continue the log still stops it")
  func lostAfterFork() throws {
    let (server, forked) = try restored(.restored)
    try server.append("another history")
    _ = try show(forked, 9, to: server)
    #expect(
      try Problem.code { try server.heal(forked.body(note: 9, prefixes: [5])) } == "log-mismatch")
    let founder = server.founder
    try server.restart {
      try server.copy("server", to: "later")
      try server.copy("state", to: "state-later")
    }
    for _ in 0..<2 { try server.append() }
    let holder = try Holder(server)
    server.founder = founder
    try server.restart {
      try server.copy("later", to: "server")
      try server.copy("state-later", to: "state")
    }
    #expect(try show(holder, 7, to: server) == "log-behind")
    #expect(try server.heal(holder.body(note: 7, prefixes: [5], leaves: [5, 6])).treeSize == 5)
    #expect(try Problem.code { try server.append() } == "log-behind")
    #expect(try server.hosted.recover(.heal).treeSize == 7)
    #expect(try Holder(server).entries.map(\.leaf) == holder.entries.map(\.leaf))
  }

  @Test("what the machine signed itself is no thief's")
  func signed() throws {
    let server = try TestServer()
    try server.restart { try server.copy("server", to: "backup") }
    try server.append()
    try server.restart { try server.copy("backup", to: "server") }
    guard case .moreSigned(size: 2, treeSize: 1)? = refusal(server, .keyStolen),
      case .moreSigned? = refusal(server, .nothingLost)
    else {
      Issue.record("a decision is taken over the machine's own record")
      return
    }
  }

  @Test("a folder that came to another machine waits for one word, and then goes on")
  func moved() throws {
    let server = try TestServer()
    try server.append()
    try server.restart {
      try FileManager.default.removeItem(atPath: server.disk.folder("state"))
    }
    #expect(try server.hosted.recoveryNeed() == .noRecord)
    // Nothing is awaited, and yet the log takes nothing in.
    #expect(try server.hosted.healingStanding().reason == "no-record")
    #expect(try Problem.code { try server.append() } == "log-behind")
    #expect(try server.exchange([], by: server.founder.id, mode: .pull).treeSize == 2)
    guard case .nothingShown? = refusal(server, .heal) else {
      Issue.record("it heals to what nobody showed")
      return
    }
    #expect(try server.hosted.recover(.nothingLost).treeSize == 2)
    try server.append()
    try server.restart()
    try server.append()
    guard case .nothingToDecide? = refusal(server, .nothingLost) else {
      Issue.record("there is still something to decide")
      return
    }
  }

  @Test("a record that is older than its folder is noticed by its nonce")
  func oldRecord() throws {
    let server = try TestServer()
    try server.restart { try server.copy("state", to: "old") }
    try server.append()
    try server.restart()
    try server.append()
    try server.restart { try server.copy("old", to: "state") }
    #expect(try server.hosted.recoveryNeed() == .otherCopy)
    #expect(try server.hosted.recover(.nothingLost).treeSize == 3)
    try server.append()
  }

  @Test("a folder with another history than the one that was signed takes nothing in")
  func otherHistory() throws {
    let server = try TestServer()
    let founder = server.founder
    try server.restart { try server.copy("server", to: "backup") }
    try server.append()
    try server.restart {
      try server.copy("state", to: "state-ahead")
      try server.copy("backup", to: "server")
      try FileManager.default.removeItem(atPath: server.disk.folder("state"))
    }
    _ = try server.hosted.recover(.nothingLost)
    server.founder = founder
    try server.append("another")
    #expect(try server.treeSize == 2)
    try server.append()
    try server.restart { try server.copy("state-ahead", to: "state") }
    guard case .otherHistory? = try server.hosted.recoveryNeed(),
      case .undecidable? = refusal(server, .nothingLost)
    else {
      Issue.record("another history passes")
      return
    }
  }

  @Test("a slot that lost its log and its record waits for a member, and heals")
  func allLost() throws {
    let server = try TestServer()
    try server.append()
    let holder = try Holder(server)
    try server.restart {
      try FileManager.default.removeItem(atPath: server.disk.folder("state"))
      for suffix in ["", "-wal", "-shm"] {
        try? FileManager.default.removeItem(
          atPath: server.hosted.folder.path + "/log.sqlite" + suffix)
      }
    }
    #expect(try server.hosted.recoveryNeed() == .noRecord)
    guard case .nothingLeft? = refusal(server, .nothingLost) else {
      Issue.record("an emptied slot goes on as an empty one")
      return
    }
    try server.heal(holder.body(note: 2, leaves: [0, 1]))
    #expect(try server.hosted.recover(.heal).treeSize == 2)
    try server.append()
  }
}

/// Notes of the log's key that contradict the log: a proven fork, which stops nobody else.
@Suite struct ContradictionTests {
  @Test("a note of a size that the log has, with another root, is told with the log's own")
  func sameSize() throws {
    let server = try TestServer()
    try server.append()
    for size in 1...2 as ClosedRange<UInt64> {
      let own = try server.hosted.processCheckpoint()
      let note = try server.checkpoint(ofSize: size)
      do {
        _ = try server.exchange([], by: server.founder.id, mode: .pull, checkpoint: note)
        Issue.record("a contradicting note of size \(size) is answered")
      } catch Problem.logMismatch(let checkpoint) {
        #expect(checkpoint == own)
      }
      #expect(try server.hosted.recoveryNeed() == nil)
      try server.append()
    }
  }

  @Test("a victim whose fork has outgrown the log proves it, and the log goes on")
  func larger() throws {
    // The victim's history: another change after the genesis, and more of them.
    let server = try TestServer()
    let founder = server.founder
    try server.restart { try server.copy("server", to: "backup") }
    for _ in 0..<4 { try server.append() }
    let victim = try Holder(server)
    try server.restart {
      try server.copy("backup", to: "server")
      try FileManager.default.removeItem(atPath: server.disk.folder("state"))
    }
    _ = try server.hosted.recover(.nothingLost)
    server.founder = founder
    try server.append("another")
    let shown = try Problem.code {
      try server.exchange(
        [], by: server.founder.id, mode: .pull, checkpoint: victim.notes[5] ?? [])
    }
    #expect(shown == "log-behind")
    let proof = try victim.body(note: 5, prefixes: [2])
    #expect(try Problem.code { try server.heal(proof) } == "log-mismatch")
    #expect(try server.hosted.recoveryNeed() == nil)
    try server.append()
    let kept = try server.hosted.log.read { try LogReader(unverified: $0).shownNotes.all() }
    #expect(kept.map(\.size) == [5])
  }

  @Test("of shown notes the first and the largest are kept")
  func bounded() throws {
    let server = try TestServer()
    for size in 10...(10 + UInt64(ShownNotes.countMax)) {
      let note = try server.checkpoint(ofSize: size)
      _ = try Problem.code {
        try server.exchange([], by: server.founder.id, mode: .pull, checkpoint: note)
      }
      let kept = try server.hosted.log.read { try LogReader(unverified: $0).shownNotes.all() }
      #expect(kept.count <= ShownNotes.countMax)
      #expect(kept.map(\.size).max() == size)
      #expect(kept.map(\.size).min() == 10)
    }
  }
}
