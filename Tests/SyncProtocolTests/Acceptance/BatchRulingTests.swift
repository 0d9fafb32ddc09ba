import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

struct BatchRulingTests {
  @Test("ruling 21: a batch whose beginning is logged is accepted for its remainder")
  func remainder() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    var copy = omar
    for _ in 0..<3 { omar.make(try rewrite(1, note: "x")) }
    try workspace.push(&omar)
    for _ in 0..<5 { copy.make(try rewrite(1, note: "x")) }
    let batch = try workspace.sealed(&copy)
    guard case .new(let replayed) = try workspace.log.append(batch, time: 2_000) else {
      Issue.record("nothing was new")
      return
    }
    #expect((replayed.leaf.first, replayed.leaf.last) == (5, 6))
    #expect(replayed.leaf.changes == 2)
    #expect(replayed.leaf.batch == (try ReceivedBatch(decoding: batch).header.digest.hex))
    let size = workspace.log.treeSize
    guard case .known(let leaf) = try workspace.log.append(batch, time: 2_000) else {
      Issue.record("it was new twice")
      return
    }
    #expect((leaf, workspace.log.treeSize) == (size - 1, size))
  }

  @Test("ruling 21: a batch after a gap comes too early, and is taken in once the gap is closed")
  func gap() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    for _ in 0..<5 { omar.make(try rewrite(1, note: "x")) }
    let first = try workspace.sealed(&omar, 2)
    let second = try workspace.sealed(&omar, 3)
    let before = workspace.log
    let code = try refusalCode { try workspace.log.append(second, time: 2_000) }
    #expect(code == .predecessorMissing)
    #expect(code?.isRetryable == true)
    #expect(workspace.log.treeSize == before.treeSize)
    #expect(workspace.log.stateDigest == before.stateDigest)
    for (batch, counters) in [(first, UInt64(2)...3), (second, 4...6)] {
      guard case .new(let replayed) = try workspace.log.append(batch, time: 2_000) else {
        Issue.record("nothing was new")
        return
      }
      #expect(replayed.leaf.first...replayed.leaf.last == counters)
    }
  }

  @Test(
    "ruling 21: what is wholly known is acknowledged with the leaf that took in its last change")
  func knownLeaves() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    var copies = [omar, omar, omar]
    for _ in 0..<5 {
      omar.make(try rewrite(1, note: "x"))
      for index in copies.indices { copies[index].make(try rewrite(1, note: "x")) }
    }
    var batches = [try workspace.sealed(&omar, 3)]
    try workspace.log.append(batches[0], time: 2_000)
    let first = workspace.log.treeSize - 1
    try workspace.push(roleAct(member: 2, .annotator))
    batches.append(try workspace.sealed(&omar, 2))
    try workspace.log.append(batches[1], time: 2_000)
    let second = workspace.log.treeSize - 1
    #expect(second == first + 2)
    // Each again; then one of a part, one that ends where the first did, and one of everything.
    batches.append(try workspace.sealed(&copies[0], 1))
    batches.append(try workspace.sealed(&copies[1], 3))
    batches.append(try workspace.sealed(&copies[2], 5))
    for (batch, leaf) in zip(batches, [first, second, first, first, second]) {
      guard case .known(let known) = try workspace.log.append(batch, time: 2_000) else {
        Issue.record("it was new twice")
        return
      }
      #expect(known == leaf)
    }
    #expect(workspace.log.treeSize == second + 1)
  }

  @Test("ruling 21: a batch that differs in its known part is a fork, and none of it is accepted")
  func forkInKnownPart() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    var copy = omar
    omar.make(try rewrite(1, note: "mine"))
    try workspace.push(&omar)
    copy.make(try rewrite(1, note: "other"))
    copy.make(try rewrite(1, note: "more"))
    let batch = try workspace.sealed(&copy)
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == .fork)
  }

  @Test("ruling 22: contents and seeds are no part of a batch's digest")
  func digest() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(try creation(1, note: "x"))
    let batch = try workspace.sealed(&omar)
    let whole = try ReceivedBatch(decoding: batch)
    let bare = try ReceivedBatch(
      decoding: altered(batch) { wire in
        wire.seeds = []
        wire.changes[0].contents = whole.changes[0].contents.map { content in
          var wire = WireContent()
          wire.commitment = Data(content.commitment.bytes)
          return wire
        }
      })
    #expect(bare.header.digest == whole.header.digest)
    #expect(bare.changes.map(\.chain) == whole.changes.map(\.chain))
  }

  @Test("a membership act is alone in its batch, even when the log has it already")
  func actsAlone() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    var founder = workspace.founder
    founder.make(try creation(1, note: "x"))
    founder.make(roleAct(member: 2, .auditor))
    var batch = try workspace.sealed(&founder)
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == .badOperation)

    // Omar's enrolment is logged; his copy seals it together with an edit.
    omar = try BatchAuthor(number: 2, workspace: workspace.founder.workspace)
    try omar.enrol(by: inviteKey(2))
    omar.make(try creation(1, note: "x"))
    batch = try workspace.sealed(&omar)
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == .badOperation)
  }

  @Test("a change has operations or an act, and an act has no contents")
  func actsAndOperations() throws {
    var workspace = try TestWorkspace()
    _ = try workspace.admit(2, name: "Omar")
    var founder = workspace.founder
    let both = try skeleton { skeleton in
      skeleton.act = roleAct(member: 2, .auditor)
      var operation = WireOperation()
      operation.kind = 2
      operation.id = Data(repeating: 1, count: 16)
      operation.type = .delete
      skeleton.operations = [operation]
    }
    founder.make(skeleton: both, contents: [])
    let batch = try workspace.sealed(&founder)
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == .malformed)
  }

  @Test("an enrolment is a replica's first change, and only that")
  func enrolmentFirst() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    try omar.enrol(by: inviteKey(2))
    let again = try workspace.sealed(&omar)
    #expect(try refusalCode { try workspace.log.append(again, time: 2_000) } == .badOperation)

    var stranger = try BatchAuthor(number: 9, workspace: workspace.founder.workspace)
    stranger.make(inviteAct(try inviteKey(9), member: 9, name: "N", role: .admin))
    let first = try workspace.sealed(&stranger)
    #expect(try refusalCode { try workspace.log.append(first, time: 2_000) } == .badCertificate)
  }

  @Test("the first leaf is a genesis, and no other leaf is")
  func genesisFirst() throws {
    let workspace = try TestWorkspace()
    var empty = MemoryLog(signer: try logSigner(), schema: AnnotationSchema.schema)
    var stranger = try BatchAuthor(number: 9)
    stranger.make(try creation(1, note: "x"))
    stranger.workspace = workspaceID(genesisSkeleton: stranger.pending[0].skeleton)
    let work = try stranger.seal()
    #expect(try refusalCode { try empty.append(work, time: 1) } == .unknownReplica)

    var other = try BatchAuthor(number: 9)
    other.found(member: 9, name: "Other")
    other.workspace = workspace.founder.workspace
    var log = workspace.log
    let second = try other.seal()
    #expect(try refusalCode { try log.append(second, time: 2_000) } == .badOperation)
  }
}
