import Foundation
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@testable import SyncServer

/// Bundles that are handed to an operator whose log lost leaves, or is not the only one of its key.
@Suite struct BundleHealingTests {
  /// A server of nine leaves that was restored to four, with its record or without, and who holds them.
  private func restored(withRecord: Bool) throws -> (TestServer, Holder, Digest256) {
    let server = try TestServer()
    for _ in 0..<3 { try server.append() }
    try server.restart { try server.copy("server", to: "backup") }
    let founder = server.founder
    for _ in 0..<5 { try server.append() }
    let holder = try Holder(server)
    let workspace = try #require(try server.hosted.workspaceID())
    server.founder = founder
    try server.restart {
      try server.copy("backup", to: "server")
      if !withRecord { try FileManager.default.removeItem(atPath: server.disk.folder("state")) }
    }
    return (server, holder, workspace)
  }

  private func bundle(
    _ holder: Holder, _ workspace: Digest256, entries: Range<Int>, held body: [UInt8] = []
  ) throws -> [UInt8] {
    let held = try FrameReader.frames(of: body)
    let bundle = Bundle(
      workspace: workspace, from: UInt64(entries.lowerBound), to: UInt64(entries.upperBound),
      entries: Array(holder.entries[entries]),
      checkpoint: holder.notes[UInt64(entries.upperBound)] ?? [], pending: [], held: held)
    #expect(try Bundle(decoding: bundle.encoded).held == held)
    return bundle.encoded
  }

  @Test("what its maker pushed, and did not pull, heals")
  func held() throws {
    let (server, holder, workspace) = try restored(withRecord: true)
    let bytes = try bundle(
      holder, workspace, entries: 0..<4, held: holder.body(note: 9, leaves: Array(4..<9)))
    let applied = try server.hosted.apply(
      bundle: bytes, time: { throw ClockDoubt(jump: 0, wall: 0) })
    #expect(applied.healed == 5)
    #expect(try Holder(server).entries.map(\.leaf) == holder.entries.map(\.leaf))
  }

  @Test("what its maker holds is known before anybody says that nothing is lost")
  func heldNote() throws {
    let (server, holder, workspace) = try restored(withRecord: false)
    let bytes = try bundle(
      holder, workspace, entries: 0..<4, held: holder.body(note: 9, leaves: [8]))
    #expect(throws: BundleRejection.self) {
      try server.hosted.apply(bundle: bytes, time: { 0 })
    }
    #expect(throws: RecoveryRefusal.self) { try server.hosted.recover(.nothingLost) }
    #expect(try server.hosted.recoveryNeed()?.awaited?.size == 9)
  }

  @Test("what is held out of order is refused as a bundle that was altered, and heals nothing")
  func disorder() throws {
    let (server, holder, workspace) = try restored(withRecord: true)
    let held = try FrameReader.frames(
      of: holder.body(note: 9, prefixes: [4], leaves: Array(4..<9)))
    let (note, prefix, leaf) = (held[0], held[1], held[2])
    let unknown: [UInt8] = [0x78, 0x01]
    for (frames, isNewer) in [
      ([note, leaf, prefix], false), ([prefix], false), ([note, unknown], true),
      ([note] + Array(repeating: prefix, count: ServerLimits.healingPrefixesMax + 1), false),
    ] as [([[UInt8]], Bool)] {
      let bytes = try bundle(holder, workspace, entries: 0..<4, held: frames.flatMap(framed))
      do {
        _ = try server.hosted.apply(bundle: bytes, time: { 0 })
        Issue.record("\(frames.count) frames out of order are taken in")
      } catch BundleRejection.unreadable(let error) {
        #expect(error == (isNewer ? .newerVersion : .altered))
      }
      #expect(try server.treeSize == 4)
    }
  }

  @Test("one that proves another history says so, and where they part", arguments: [5, 9])
  func fork(size: Int) throws {
    let (server, holder, workspace) = try restored(withRecord: false)
    _ = try server.hosted.recover(.nothingLost)
    for label in ["another", "and", "more"] { try server.append(label) }
    #expect(try server.treeSize == 7)
    do {
      _ = try server.hosted.apply(
        bundle: bundle(holder, workspace, entries: 0..<size), time: { 0 })
      Issue.record("another history is taken in")
    } catch let rejection as BundleRejection {
      guard case .fork(let leaf, let shown) = rejection else { throw rejection }
      #expect(leaf == (size > 7 ? 4 : nil))
      #expect(shown.note == holder.notes[UInt64(size)])
    }
    let kept = try server.hosted.log.read { try LogReader(unverified: $0).shownNotes.all() }
    #expect(kept.map(\.size) == [UInt64(size)])
    // A proof stops nobody.
    try server.append("on")
    #expect(try server.treeSize == 8)
  }
}
