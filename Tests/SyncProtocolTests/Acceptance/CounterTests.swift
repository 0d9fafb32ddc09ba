import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

/// Every place where a counter or a tree size comes from a peer, with numbers that are none.
struct CounterTests {
  /// What no change is numbered.
  static let none: [UInt64] = [0, 1 << 63, .max]

  private var workspace: TestWorkspace
  private var omar: BatchAuthor

  init() throws {
    workspace = try TestWorkspace()
    omar = try workspace.admit(2, name: "Omar")
  }

  private mutating func code() throws -> Refusal.Code? {
    let batch = try workspace.sealed(&omar)
    return try refusalCode { try workspace.log.append(batch, time: 2_000) }
  }

  @Test("a number from outside is a counter from 1 to 2⁶³ − 1, and a dot has no other")
  func received() {
    for number in Self.none {
      #expect(Counter(received: number) == nil)
      #expect(Dot("\(omar.id.hex):\(number)") == nil)
    }
    for number in [1, Limits.counterMax] {
      #expect(Counter(received: number)?.rawValue == number)
      #expect(Dot("\(omar.id.hex):\(number)")?.counter.rawValue == number)
    }
  }

  @Test("a batch from or to such a number is malformed", arguments: none)
  mutating func header(number: UInt64) throws {
    omar.make(try creation(1, note: "x"))
    let batch = try workspace.sealed(&omar)
    for part in [\WireBatchHeader.first, \.last] {
      let bytes = try resigned(batch, by: omar) { $0[keyPath: part] = number }
      #expect(
        try refusalCode { try workspace.log.append(bytes, time: 2_000) } == .malformed)
    }
  }

  @Test("a batch whose context has such a size is malformed", arguments: [UInt64(1) << 63, .max])
  mutating func context(size: UInt64) throws {
    omar.make(try creation(1, note: "x"))
    let batch = try resigned(workspace.sealed(&omar), by: omar) {
      $0.context.treeSize = size
      $0.context.root = Data(repeating: 1, count: 32)
    }
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == .malformed)
  }

  @Test("a change whose own context has such a size is malformed", arguments: none)
  mutating func skeletonContext(size: UInt64) throws {
    let bytes = try skeleton {
      $0.context.treeSize = size
      $0.context.root = Data(repeating: 1, count: 32)
      $0.operations = [try deletion()]
    }
    omar.make(skeleton: bytes, contents: [])
    #expect(try code() == .malformed)
  }

  @Test("a clock with such a number is malformed", arguments: none)
  mutating func clock(number: UInt64) throws {
    let bytes = try skeleton { wire in
      var operation = try deletion()
      var entry = WireClockEntry()
      entry.replica = Data(omar.id.bytes)
      entry.counter = number
      operation.against.entries = [entry]
      wire.operations = [operation]
    }
    omar.make(skeleton: bytes, contents: [])
    #expect(try code() == .malformed)
  }

  @Test("a reissue of such a change is malformed", arguments: none)
  mutating func reissue(number: UInt64) throws {
    let origin = try skeleton { $0.operations = [try deletion()] }
    let bytes = try skeleton { wire in
      wire.time = 0
      wire.reissue.originReplica = Data(omar.id.bytes)
      wire.reissue.originCounter = number
      wire.reissue.precedingHash = Data(repeating: 1, count: 32)
      wire.reissue.skeleton = Data(origin)
      wire.reissue.context = SignedContext.empty.wire
    }
    omar.make(skeleton: bytes, contents: [])
    #expect(try code() == .malformed)
  }

  @Test("a successor of such a change has no certificate", arguments: none)
  mutating func succession(number: UInt64) throws {
    var next = try BatchAuthor(number: 20, workspace: omar.workspace)
    try next.succeed(omar, after: Counter(number), chain: omar.chain)
    let batch = try workspace.sealed(&next)
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == .badCertificate)
  }

  @Test("a leaf with such a number is none", arguments: none)
  func leaf(number: UInt64) throws {
    let leaf = try #require(workspace.log.leaves.last).leaf
    for part in [\Leaf.first, \.last] {
      var altered = leaf
      altered[keyPath: part] = number
      #expect(Leaf(encoded: altered.encoded) == nil)
    }
  }

  @Test("a refusal of a change above 2⁶³ − 1 is no answer", arguments: [UInt64(1) << 63, .max])
  func refusal(number: UInt64) throws {
    var session = ExchangeSession(
      mode: .sync, workspace: workspace.log.workspace?.bytes ?? [], context: .empty,
      checkpoint: [], claim: [], batches: [[1]])
    var frame = WireResponseFrame()
    frame.welcome.protocol = exchangeProtocolVersion
    frame.welcome.workspace = Data(workspace.log.workspace?.bytes ?? [])
    _ = try session.receive(framed(frame.serializedBytes()))
    frame.outcome.refused.code = Refusal.Code.malformed.rawValue
    frame.outcome.refused.counter = number
    let bytes = try framed(frame.serializedBytes())
    #expect(throws: ExchangeSession.Failure.undecodable) { try session.receive(bytes) }
  }

  private func deletion() throws -> WireOperation {
    var operation = WireOperation()
    operation.kind = 2
    operation.id = Data(try annotation(1).bytes)
    operation.type = .delete
    return operation
  }
}
