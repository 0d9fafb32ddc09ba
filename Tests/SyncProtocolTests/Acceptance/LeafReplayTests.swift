import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog

struct LeafReplayTests {
  /// A log in which two people write one note apart.
  private func workspace() throws -> TestWorkspace {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    workspace.founder.make(try creation(1, note: "a"), in: workspace.log.context)
    try workspace.pushFounder()
    let seen = workspace.log.context
    workspace.founder.make(try rewrite(1, note: "b"), in: seen)
    omar.make(try rewrite(1, note: "c"), in: seen)
    try workspace.pushFounder(time: 3_004)
    try workspace.push(&omar, time: 1_500)
    return workspace
  }

  private func mismatch(_ log: MemoryLog, leaf: [UInt8], batch: [UInt8]) throws -> LeafMismatch? {
    var log = log
    do {
      try log.follow(leaf: leaf, batch: batch)
      return nil
    } catch let mismatch as LeafMismatch {
      return mismatch
    }
  }

  private func empty() throws -> MemoryLog {
    MemoryLog(signer: try logSigner(), schema: AnnotationSchema.schema)
  }

  @Test("whoever follows the leaves comes to the same states, digest and root")
  func follow() throws {
    let log = try workspace().log
    var other = try empty()
    for replayed in log.leaves {
      try other.follow(leaf: replayed.leafBytes, batch: replayed.judgement.batch.bytes)
    }
    #expect(other.states == log.states)
    #expect(other.stateDigest == log.stateDigest)
    #expect(other.tree.root == log.tree.root)
    #expect(other.membership == log.membership)
  }

  @Test("the conflict stands in its leaf and its report")
  func conflict() throws {
    let leaf = try #require(try workspace().log.leaves.last)
    #expect((leaf.leaf.concurrent, leaf.leaf.conflictsOpened) == (1, 1))
    #expect(leaf.leaf.report == DomainHash.plain(leaf.reportBytes).hex)
    let report = String(decoding: leaf.reportBytes, as: UTF8.self)
    #expect(report.contains(#""rule":"kept-siblings""#))
  }

  @Test("a leaf is dated as the server's clock says, also before the leaf before it")
  func time() throws {
    let log = try workspace().log
    #expect(log.leaves.last?.leaf.time == "1970-01-01T00:00:01.500Z")
    var earlier = try #require(log.leaves.last).leaf
    earlier.time = "1970-01-01T00:00:00.001Z"
    var prefix = try empty()
    for replayed in log.leaves.dropLast() {
      try prefix.follow(leaf: replayed.leafBytes, batch: replayed.judgement.batch.bytes)
    }
    let batch = try #require(log.leaves.last).judgement.batch.bytes
    try prefix.follow(leaf: earlier.encoded, batch: batch)
    #expect(prefix.leaves.last?.leaf.time == "1970-01-01T00:00:00.001Z")
    #expect(prefix.stateDigest == log.stateDigest)
  }

  @Test("a leaf that states anything else than replay gives is named with the field")
  func differences() throws {
    let log = try workspace().log
    let last = try #require(log.leaves.last)
    var prefix = try empty()
    for replayed in log.leaves.dropLast() {
      try prefix.follow(leaf: replayed.leafBytes, batch: replayed.judgement.batch.bytes)
    }
    let changes: [(String, (inout Leaf) -> Void)] = [
      ("v", { $0.v = 2 }), ("epoch", { $0.epoch = 2 }), ("rules", { $0.rules = 2 }),
      ("type", { $0.type = .invite }), ("first", { $0.first += 1 }), ("last", { $0.last += 1 }),
      ("changes", { $0.changes += 1 }), ("concurrent", { $0.concurrent = 0 }),
      ("conflicts_opened", { $0.conflictsOpened = 0 }),
      ("conflicts_closed", { $0.conflictsClosed = 1 }),
      ("batch", { $0.batch = Digest256.zero.hex }), ("report", { $0.report = "" }),
      ("state_digest", { $0.stateDigest = Digest256.zero.hex }),
      ("replica", { $0.replica = ReplicaID.zero.hex }),
    ]
    for (field, change) in changes {
      var leaf = last.leaf
      change(&leaf)
      guard
        case .differs(let named, _, _) = try mismatch(
          prefix, leaf: leaf.encoded, batch: last.judgement.batch.bytes)
      else {
        Issue.record("\(field) was not compared")
        continue
      }
      #expect(named == field)
    }
    let known = log.leaves[log.leaves.count - 2].judgement.batch.bytes
    #expect(try mismatch(prefix, leaf: last.leafBytes, batch: known) == .nothingNew)
  }

  @Test("a leaf in any other spelling is not one")
  func spelling() throws {
    let bytes = try #require(try workspace().log.leaves.last?.leafBytes)
    #expect(Leaf(encoded: bytes)?.encoded == bytes)
    let text = String(decoding: bytes, as: UTF8.self)
    for other in [
      text + " ", " " + text, text + "\n", text.replacing(":1,", with: ": 1,"),
      text.replacing("{", with: #"{"a":1,"#), text.replacing(#""v":1"#, with: #""v":1.0"#),
      String(text.dropLast()), "", "{}", "[]",
    ] {
      #expect(Leaf(encoded: Array(other.utf8)) == nil)
    }
  }
}
