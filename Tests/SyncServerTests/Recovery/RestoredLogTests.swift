import Foundation
import GRDB
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// A log whose folder is behind what this machine signed, or was lost.
@Suite struct RestoredLogTests {
  /// What becomes of the data folder; the machine's record stays.
  enum Loss: String, CaseIterable {
    case restored, databaseLost, databaseEmptied, walLost
  }

  /// A server of nine leaves, of which it then loses some.
  private func lossy(_ loss: Loss) throws -> (TestServer, Holder) {
    let server = try TestServer()
    for _ in 0..<3 { try server.append() }
    try server.restart { try server.copy("server", to: "backup") }
    for _ in 0..<5 { try server.append() }
    let holder = try Holder(server)
    let file = server.hosted.folder.path + "/log.sqlite"
    // As after SIGKILL: what a close would move into the file stays in the WAL.
    try server.copy("server", to: "killed")
    try server.restart {
      try server.copy("killed", to: "server")
      switch loss {
      case .restored: try server.copy("backup", to: "server")
      case .databaseLost:
        for suffix in ["", "-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: file + suffix)
        }
      case .databaseEmptied:
        for suffix in ["-wal", "-shm"] {
          try? FileManager.default.removeItem(atPath: file + suffix)
        }
        try Data().write(to: URL(fileURLWithPath: file))
      case .walLost: try FileManager.default.removeItem(atPath: file + "-wal")
      }
    }
    return (server, holder)
  }

  @Test("is no empty slot, takes nothing in and signs nothing", arguments: Loss.allCases)
  func nothing(loss: Loss) throws {
    let (server, _) = try lossy(loss)
    let size = try server.treeSize
    #expect(size < 9)
    guard case .leaves(let awaited)? = try server.hosted.recoveryNeed() else {
      Issue.record("\(loss) is not noticed")
      return
    }
    #expect(awaited.size == 9)
    var other = try BatchAuthor(number: 7)
    other.found(member: 7, name: "Nobody")
    let code = try Problem.code {
      try server.exchange([other.seal()], by: other.id, claim: server.secret)
    }
    #expect(code == "log-behind")
    try server.hosted.signEnd()
    #expect(try server.treeSize == size)
    #expect(
      try server.hosted.check().first { $0.check == "no leaves were lost" }?.problem != nil)
  }

  @Test("takes the same bytes back, and goes on", arguments: Loss.allCases)
  func heals(loss: Loss) throws {
    let (server, holder) = try lossy(loss)
    let standing = try server.heal(holder.body(note: 9, leaves: Array(0..<9)))
    #expect((standing.treeSize, standing.awaitedSize) == (9, 9))
    #expect(try Holder(server).entries.map(\.leaf) == holder.entries.map(\.leaf))
    #expect(try Holder(server).entries.map(\.batch) == holder.entries.map(\.batch))
    #expect(try server.hosted.recoveryNeed() == nil)
    try server.append()
    try server.restart()
    try server.append()
    #expect(try server.treeSize == 11)
    #expect(try server.hosted.check().allSatisfy { $0.problem == nil })
  }

  @Test("reads go on for whoever holds a prefix")
  func reads() throws {
    let (server, _) = try lossy(.restored)
    let answer = try server.exchange([], by: server.founder.id, mode: .pull)
    #expect(answer.treeSize == 4)
  }

  @Test("tells a holder how much it has and signed")
  func sizes() throws {
    let (server, holder) = try lossy(.restored)
    do {
      _ = try server.exchange(
        [], by: server.founder.id, mode: .pull, checkpoint: holder.notes[9] ?? [])
      Issue.record("a larger note is answered")
    } catch Problem.logBehind(let behind) {
      #expect(behind.sizes?.tree == 4)
      #expect(behind.sizes?.signed == 9)
      let document = String(
        decoding: ProblemDocument(.logBehind(behind)).encoded, as: UTF8.self)
      #expect(document.contains(#""tree_size":4"#))
      #expect(document.contains(#""signed_size":9"#))
    }
  }

  @Test("holders of a piece each combine in any order", arguments: 1...12 as ClosedRange<UInt64>)
  func combined(seed: UInt64) throws {
    let (server, holder) = try lossy(Loss.allCases[Int(seed % 4)])
    let random = SeededRandom(seed: seed)
    var pieces = Array(try server.treeSize..<9)
    while !pieces.isEmpty {
      let index = pieces.remove(at: random.below(pieces.count))
      // Whoever pushed holds a leaf, and the proof in the tree of that time.
      let size = holder.notes.keys.filter { $0 > index }.sorted().first ?? 9
      let standing = try server.heal(holder.body(note: size, leaves: [index]))
      #expect(standing.missing.reduce(0) { $0 + $1.count } == pieces.count, "seed \(seed)")
      if random.once(in: 3) { try server.restart() }
    }
    #expect(try Holder(server).entries.map(\.leaf) == holder.entries.map(\.leaf), "seed \(seed)")
    try server.append()
  }

  @Test("a batch that may not stand there does not keep the right one out")
  func poisoned() throws {
    let (server, holder) = try lossy(.restored)
    try server.heal(
      holder.body(note: 9, leaves: Array(4..<9)) { leaf in
        guard leaf.index == 6, var batch = try? WireBatch(serializedBytes: leaf.batch) else {
          return
        }
        batch.signature = Data(repeating: 1, count: 64)
        leaf.batch = (try? batch.serializedBytes()) ?? Data()
      })
    let standing = try server.hosted.healingStanding()
    #expect((standing.treeSize, standing.missing) == (6, [6..<7]))
    #expect(try Problem.code { try server.append() } == "log-behind")
    #expect(try server.heal(holder.body(note: 9, leaves: [6])).treeSize == 9)
    #expect(try Holder(server).entries.map(\.batch) == holder.entries.map(\.batch))
  }

  @Test("a batch that its author did not sign takes no place, where the log knows the author")
  func unsigned() throws {
    let (server, holder) = try lossy(.restored)
    for number in 0...HealingStage.variantsMax {
      var reader = HealingRequestReader(logKey: server.hosted.logKey)
      try reader.append(
        holder.body(note: 9, leaves: [6]) { leaf in
          guard var batch = try? WireBatch(serializedBytes: leaf.batch) else { return }
          batch.signature = Data(repeating: UInt8(number), count: 64)
          leaf.batch = (try? batch.serializedBytes()) ?? Data()
        })
      #expect(try Problem.code { _ = try server.hosted.checked(reader) } == "malformed")
    }
    var reader = HealingRequestReader(logKey: server.hosted.logKey)
    try reader.append(holder.body(note: 9, leaves: [6]))
    try server.hosted.receive(server.hosted.checked(reader)) { false }
    #expect(try server.hosted.healingStanding().missing == [4..<6, 7..<9])
  }

  @Test("a note that the log has already brings nothing that is looked at")
  func oldNote() throws {
    let (server, holder) = try lossy(.restored)
    #expect(try server.hosted.needsNothing(ofNote: 4))
    #expect(try !server.hosted.needsNothing(ofNote: 5))
    var reader = HealingRequestReader(logKey: server.hosted.logKey)
    let body = try holder.body(note: 4, prefixes: [2], leaves: [0, 1])
    try reader.append(body.prefix(body.count / 2))
    reader.keepNoteAlone()
    try reader.append(body.suffix(from: body.count / 2))
    // Not even a frame that is none.
    try reader.append([UInt8](repeating: 0xFF, count: 100_000))
    let request = try reader.finish()
    #expect(request.leaves.isEmpty && request.prefixes.isEmpty)
    let standing = try server.hosted.processHealing(request)
    #expect((standing.treeSize, standing.awaitedSize) == (4, 9))
    #expect(standing.reason == "leaves-lost")
  }

  @Test("leaves are taken in a page at a time, and whoever asks again goes on with them")
  func pages() throws {
    let server = try TestServer()
    try server.restart { try server.copy("server", to: "backup") }
    let count = 2 * ServerLimits.healedLeavesMax + 3
    for index in 0..<count { try server.append("\(index)") }
    let holder = try Holder(server)
    let size = UInt64(count) + 1
    try server.restart { try server.copy("backup", to: "server") }
    func ask(_ leaves: [UInt64]) throws -> HealingStanding {
      var reader = HealingRequestReader(logKey: server.hosted.logKey)
      try reader.append(holder.body(note: size, leaves: leaves))
      try server.hosted.receive(server.hosted.checked(reader)) { true }
      return try server.hosted.healingStanding()
    }
    let page = UInt64(ServerLimits.healedLeavesMax)
    for (leaves, expected) in [
      (Array(1..<size), 1 + page), ([], 1 + 2 * page), ([], size),
    ] as [([UInt64], UInt64)] {
      let standing = try ask(leaves)
      #expect(standing.treeSize == expected)
      #expect(standing.missing.isEmpty)
      #expect((standing.reason == nil) == (expected == size))
    }
    try server.append()
  }

  @Test("what is staged has a limit")
  func limit() throws {
    let (server, holder) = try lossy(.restored)
    let byteCount = holder.entries[4..<9].reduce(0) { $0 + $1.leaf.count + $1.batch.count }
    let body = try holder.body(note: 9, leaves: Array(4..<9))
    #expect(
      try Problem.code { try server.heal(body, stagedBytesMax: byteCount - 1) } == "storage-full")
    #expect(try server.hosted.healingStanding().missing == [4..<9])
    #expect(try server.heal(body, stagedBytesMax: byteCount).treeSize == 9)
  }

  @Test("what is staged is counted as it is, also where a leaf takes the place of another")
  func counted() throws {
    let (server, holder) = try lossy(.restored)
    let (real, other) = (holder.entries[5], holder.entries[6])
    try server.hosted.log.write { db in
      let stage = try LogReader(db).stage
      var sum = try stage.byteCount()
      func keep(_ leaf: [UInt8], isAnchored: Bool) throws {
        let entry = ReceivedEntry(index: 5, leaf: leaf, batch: real.batch)
        sum += try stage.keep(
          entry, hash: MerkleTree.leafHash(leaf), isAnchored: isAnchored)
        #expect(try stage.byteCount() == sum)
      }
      for number in 0..<HealingStage.variantsMax {
        try keep(other.leaf + Array(repeating: 0, count: 100 + number), isAnchored: false)
      }
      // The one that is proved takes a place, once.
      for _ in 0..<3 { try keep(real.leaf, isAnchored: true) }
      #expect(try stage.variants(at: 5).count == HealingStage.variantsMax)
    }
  }

  @Test("prefixes have a limit, and stand before the leaves")
  func prefixes() throws {
    let (server, holder) = try lossy(.restored)
    let most = Array(1...UInt64(ServerLimits.healingPrefixesMax))
    #expect(try server.heal(holder.body(note: 9, prefixes: most)).missing == [4..<9])
    let code = try Problem.code {
      try server.heal(holder.body(note: 9, prefixes: most + [UInt64(most.count) + 1]))
    }
    #expect(code == "malformed")
  }

  @Test("a prefix or leaf that is not the note's refuses the request")
  func altered() throws {
    let (server, holder) = try lossy(.restored)
    let changes: [(inout WireHeldLeaf) -> Void] = [
      { $0.index = 5 }, { $0.index = 40 }, { $0.leaf.append(32) }, { $0.batch.append(1) },
      { $0.batch = Data(holder.entries[5].batch) }, { $0.proof.removeLast() },
      { $0.proof.append(Data(repeating: 0, count: 32)) }, { $0.proof[0] = Data() },
      { $0.proof[0] = Data(repeating: 0, count: 32) },
    ]
    for change in changes {
      let code = try Problem.code {
        try server.heal(holder.body(note: 9, leaves: [4], changing: change))
      }
      #expect(code == "malformed")
    }
    #expect(try server.hosted.healingStanding().missing == [4..<9])
  }

  @Test("whoever does not hold the log's signature is told nothing")
  func stranger() throws {
    let (server, holder) = try lossy(.restored)
    let body = try holder.body(note: 9, leaves: [4])
    var forged = holder.notes[9] ?? []
    forged[forged.count - 10] ^= 1
    var frame = WireHealingFrame()
    frame.checkpoint = Data(forged)
    let stranger = framed(try frame.serializedBytes()) + body
    for bad in [stranger, Array(body.dropFirst(400)), [UInt8](repeating: 9, count: 40_000)] {
      #expect(try Problem.code { try server.heal(bad) } == "not-enrolled")
    }
    #expect(try server.hosted.healingStanding().missing == [4..<9])
  }

  @Test("a file that is taken away while it is open takes nothing in")
  func unlinked() throws {
    for isReplaced in [false, true] {
      let server = try TestServer()
      try server.append()
      let file = server.hosted.folder.path + "/log.sqlite"
      try FileManager.default.moveItem(atPath: file, toPath: file + ".away")
      if isReplaced { try FileManager.default.copyItem(atPath: file + ".away", toPath: file) }
      #expect(try server.hosted.recoveryNeed() == .fileReplaced)
      #expect(try Problem.code { try server.append() } == "log-behind")
      #expect(try server.hosted.log.read { try LogReader(unverified: $0).treeSize } == 2)
    }
  }

  @Test("a WAL that is taken away while it is written to takes nothing in")
  func unlinkedWAL() throws {
    let server = try TestServer()
    try server.append()
    try FileManager.default.removeItem(atPath: server.hosted.folder.path + "/log.sqlite-wal")
    #expect(try Problem.code { try server.append() } == "log-behind")
  }
}
