import AnnotationModel
import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

/// What is counted of a batch before it is decoded.
struct BatchOutlineTests {
  private var author: BatchAuthor

  init() throws {
    author = try BatchAuthor(number: 7)
    author.found(member: 1, name: "Layla")
    _ = try author.seal()
  }

  private func annotation(_ number: UInt8) throws -> RecordID {
    guard
      let id = RecordID(kind: .annotation, bytes: Array(repeating: number, count: 16))
    else { throw TestFailure.fixture }
    return id
  }

  /// A batch of one change, altered.
  private mutating func altered(_ change: (inout WireBatch) throws -> Void) throws -> [UInt8] {
    author.make([DraftOperation(try annotation(1), .write(AnnotationField.note, [1]))])
    var wire = try WireBatch(serializedBytes: try author.seal())
    try change(&wire)
    return try wire.serializedBytes()
  }

  private func code(_ bytes: [UInt8]) -> Refusal.Code? {
    do throws(Refusal) {
      _ = try BatchOutline(of: bytes)
      return nil
    } catch {
      return error.code
    }
  }

  @Test("an outline names what the batch has, and whether its author signed it")
  mutating func outline() throws {
    author.make([
      DraftOperation(try annotation(1), .write(AnnotationField.note, [1, 2])),
      DraftOperation(try annotation(2), .delete),
    ])
    author.make([DraftOperation(try annotation(3), .write(AnnotationField.note, []))])
    let bytes = try author.seal()
    let outline = try BatchOutline(of: bytes)
    let batch = try ReceivedBatch(decoding: bytes)
    #expect(outline.header == batch.header)
    #expect(outline.signature == batch.signature)
    #expect(outline.operationCount == 3)
    #expect(outline.contentCount == 2)
    let key = [UInt8](author.key.publicKey.rawRepresentation)
    #expect(outline.isSigned(by: key))
    #expect(outline.broughtKey == nil, "it is no first change")
    let other = try BatchAuthor(number: 8)
    #expect(!outline.isSigned(by: [UInt8](other.key.publicKey.rawRepresentation)))
  }

  @Test("the first batch of a replica brings its key, and nobody else's")
  func broughtKey() throws {
    var founder = try BatchAuthor(number: 9)
    founder.found(member: 1, name: "Omar")
    let bytes = try founder.seal()
    let key = [UInt8](founder.key.publicKey.rawRepresentation)
    #expect(try BatchOutline(of: bytes).broughtKey == key)
    var wire = try WireBatch(serializedBytes: bytes)
    var header = try WireBatchHeader(serializedBytes: wire.header)
    header.replica = Data(author.id.bytes)
    wire.header = try header.serializedBytes()
    #expect(try BatchOutline(of: wire.serializedBytes()).broughtKey == nil)
  }

  @Test("contents without operations cost no more than counting them", arguments: [2, 3, 540_000])
  mutating func contents(count: Int) throws {
    let bytes = try altered { wire in
      let content = wire.changes[0].contents[0]
      wire.changes[0].contents = Array(repeating: content, count: count)
      if count > 100 {
        var empty = WireContent()
        empty.value = Data()
        wire.changes[0].contents = Array(repeating: empty, count: count)
      }
    }
    // One operation uses two contents at most.
    #expect(code(bytes) == (count == 2 ? nil : .malformed))
  }

  @Test("a batch has no more seeds than its changes can have blocks", arguments: [0, 1])
  mutating func seeds(past: Int) throws {
    let bytes = try altered { wire in
      let seed = wire.seeds[0]
      wire.seeds = Array(repeating: seed, count: Limits.batchSeedsMax + past)
    }
    #expect(code(bytes) == (past == 0 ? nil : .malformed))
  }

  @Test("operations and clock entries too short to be any are malformed, however many")
  mutating func hollow() throws {
    for count in [1, 1_000, 100_000] {
      let hollow = try altered { wire in
        var skeleton = WireSkeleton()
        skeleton.operations = Array(repeating: WireOperation(), count: count)
        wire.changes[0].skeleton = try skeleton.serializedBytes()
      }
      #expect(code(hollow) == .malformed)
      let clock = try altered { wire in
        var skeleton = try WireSkeleton(serializedBytes: wire.changes[0].skeleton)
        skeleton.operations[0].against.entries = Array(repeating: WireClockEntry(), count: count)
        wire.changes[0].skeleton = try skeleton.serializedBytes()
      }
      #expect(code(clock) == .malformed)
      let cites = try altered { wire in
        var skeleton = try WireSkeleton(serializedBytes: wire.changes[0].skeleton)
        skeleton.operations[0].cites = Array(repeating: WireChangeName(), count: count)
        wire.changes[0].skeleton = try skeleton.serializedBytes()
      }
      #expect(code(cites) == .malformed)
    }
  }

  @Test("the operations that a reissue wraps are counted", arguments: [0, 1])
  mutating func reissued(past: Int) throws {
    let record = try annotation(1)
    let bytes = try altered { wire in
      var origin = WireSkeleton()
      var operation = WireOperation()
      operation.kind = 2
      operation.id = Data(record.bytes)
      operation.type = .delete
      origin.operations = Array(
        repeating: operation, count: Limits.changeOperationsMax + past)
      var skeleton = WireSkeleton()
      skeleton.reissue.skeleton = try origin.serializedBytes()
      wire.changes[0].skeleton = try skeleton.serializedBytes()
    }
    #expect(code(bytes) == (past == 0 ? nil : .overLimit))
  }

  @Test("cut anywhere, a batch is refused and stops nobody")
  mutating func cut() throws {
    let bytes = try altered { _ in }
    for length in 0..<bytes.count {
      #expect(throws: Refusal.self) { try ReceivedBatch(decoding: Array(bytes.prefix(length))) }
    }
    #expect(throws: Never.self) { try ReceivedBatch(decoding: bytes) }
  }
}
