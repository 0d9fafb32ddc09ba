import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

struct RefusalTests {
  /// A workspace with an annotator whose work is the subject.
  private struct Desk {
    var workspace: TestWorkspace
    var omar: BatchAuthor

    init() throws {
      workspace = try TestWorkspace()
      omar = try workspace.admit(2, name: "Omar")
    }

    mutating func code(_ batch: [UInt8]) throws -> Refusal.Code? {
      let before = (workspace.log.treeSize, workspace.log.stateDigest)
      let code = try refusalCode { try workspace.log.append(batch, time: 2_000) }
      if code != nil {
        #expect(workspace.log.treeSize == before.0)
        #expect(workspace.log.stateDigest == before.1)
      }
      return code
    }

    /// A batch of one creation, in the context of the whole log.
    mutating func batch() throws -> [UInt8] {
      omar.make(try creation(1, note: "x"), in: workspace.log.context)
      return try workspace.sealed(&omar)
    }
  }

  @Test("a sealed batch is accepted, and accepted again as known")
  func accepted() throws {
    var desk = try Desk()
    let batch = try desk.batch()
    #expect(try desk.code(batch) == nil)
    let size = desk.workspace.log.treeSize
    #expect(try desk.code(batch) == nil)
    #expect(desk.workspace.log.treeSize == size)
  }

  @Test("bytes that are no batch are malformed")
  func malformed() throws {
    var desk = try Desk()
    let batch = try desk.batch()
    #expect(try desk.code([0xFF]) == .malformed)
    #expect(try desk.code([]) == .malformed)
    #expect(try desk.code(altered(batch) { $0.signature.removeLast() }) == .malformed)
    #expect(try desk.code(altered(batch) { $0.changes = [] }) == .malformed)
    #expect(try desk.code(altered(batch) { $0.changes.append($0.changes[0]) }) == .malformed)
    #expect(try desk.code(altered(batch) { $0.seeds = [] }) == .malformed)
    #expect(try desk.code(altered(batch) { $0.seeds.append($0.seeds[0]) }) == .malformed)
  }

  @Test("a content left out by whoever carries the batch is refused, since no withdrawal allows it")
  func contentLeftOut() throws {
    var desk = try Desk()
    let batch = try desk.batch()
    let commitment = try ReceivedBatch(decoding: batch).changes[0].contents[0].commitment
    let stripped = try altered(batch) { wire in
      wire.changes[0].contents[0] = WireContent()
      wire.changes[0].contents[0].commitment = Data(commitment.bytes)
    }
    #expect(try desk.code(stripped) == .malformed)
    #expect(try desk.code(batch) == nil)
  }

  @Test("a batch of another workspace is refused")
  func wrongWorkspace() throws {
    var desk = try Desk()
    let batch = try resigned(desk.batch(), by: desk.omar) { $0.workspace[0] ^= 1 }
    #expect(try desk.code(batch) == .wrongWorkspace)
  }

  @Test("a batch of another epoch or of other rules is refused")
  func wrongEpochAndRules() throws {
    var desk = try Desk()
    let batch = try desk.batch()
    #expect(try desk.code(resigned(batch, by: desk.omar) { $0.epoch = 2 }) == .wrongEpoch)
    #expect(try desk.code(resigned(batch, by: desk.omar) { $0.rules = 2 }) == .unknownRules)
  }

  @Test("work of a replica that the log does not know is refused")
  func unknownReplica() throws {
    var desk = try Desk()
    var stranger = try BatchAuthor(number: 9, workspace: desk.omar.workspace)
    stranger.make(try creation(1, note: "x"))
    #expect(try desk.code(desk.workspace.sealed(&stranger)) == .unknownReplica)
    // Its enrolment may be on the way.
    stranger.make(try creation(2, note: "y"))
    #expect(try desk.code(desk.workspace.sealed(&stranger)) == .predecessorMissing)
  }

  @Test("work of a revoked replica is refused, and what the log has of it stays acknowledged")
  func revoked() throws {
    var desk = try Desk()
    let logged = try desk.batch()
    #expect(try desk.code(logged) == nil)
    try desk.workspace.push(revocation(ofReplica: desk.omar.id))
    #expect(try desk.code(logged) == nil)
    desk.omar.make(try rewrite(1, note: "y"))
    #expect(try desk.code(desk.workspace.sealed(&desk.omar)) == .revoked)
  }

  @Test("an auditor writes nothing")
  func notPermitted() throws {
    var desk = try Desk()
    var auditor = try desk.workspace.admit(3, name: "Nadia", role: .auditor)
    auditor.make(try creation(2, note: "x"))
    #expect(try desk.code(desk.workspace.sealed(&auditor)) == .notPermitted)
  }

  @Test("a batch signed by another key is refused")
  func badSignature() throws {
    var desk = try Desk()
    let batch = try resigned(desk.batch(), by: desk.workspace.founder) { _ in }
    #expect(try desk.code(batch) == .badSignature)
  }

  @Test("an altered skeleton or content does not end at the header's chain hash")
  func badChain() throws {
    var desk = try Desk()
    let batch = try desk.batch()
    let other = try altered(batch) { wire in
      var skeleton = try WireSkeleton(serializedBytes: wire.changes[0].skeleton)
      skeleton.time += 1
      wire.changes[0].skeleton = try skeleton.serializedBytes()
    }
    #expect(try desk.code(other) == .badChain)
    #expect(try desk.code(altered(batch) { $0.changes[0].contents[0].value[0] ^= 1 }) == .badChain)
    #expect(try desk.code(altered(batch) { $0.seeds[0].seed[0] ^= 1 }) == .badChain)
    #expect(try desk.code(resigned(batch, by: desk.omar) { $0.chain[0] ^= 1 }) == .badChain)
    #expect(try desk.code(resigned(batch, by: desk.omar) { $0.previous[0] ^= 1 }) == .badChain)
  }

  @Test("a batch that begins after the log's end of the chain lacks its predecessor")
  func predecessorMissing() throws {
    var desk = try Desk()
    _ = try desk.batch()
    desk.omar.make(try rewrite(1, note: "y"))
    let second = try desk.workspace.sealed(&desk.omar)
    #expect(try desk.code(second) == .predecessorMissing)
    var log = desk.workspace.log
    do {
      try log.append(second, time: 2_000)
    } catch let refusal as Refusal {
      // Whose change it is and which is missing, in words; no hexadecimal.
      #expect(refusal.detail.contains("the changes of Omar up to number 1"), "\(refusal.detail)")
      #expect(refusal.detail.contains("missing"))
      #expect(!refusal.detail.contains(desk.omar.id.hex.prefix(8)))
    }
    #expect(Refusal.Code.predecessorMissing.isRetryable)
  }

  @Test("a dot taken by other bytes is a fork")
  func fork() throws {
    var desk = try Desk()
    var copy = desk.omar
    #expect(try desk.code(desk.batch()) == nil)
    copy.make(try creation(1, note: "other"), in: desk.workspace.log.context(ofSize: 3))
    #expect(try desk.code(desk.workspace.sealed(&copy)) == .fork)
    copy.make(try rewrite(1, note: "later"))
    #expect(try desk.code(desk.workspace.sealed(&copy)) == .fork)
  }

  @Test("a field of a newer version is not accepted, wherever it stands")
  func unknownParts() throws {
    var desk = try Desk()
    let plain = try skeleton { skeleton in
      var operation = WireOperation()
      operation.kind = 2
      operation.id = Data(repeating: 1, count: 16)
      operation.type = .delete
      skeleton.operations = [operation]
    }
    let unknown: [[UInt8]] = [
      plain + unknownField,
      try skeleton { skeleton in
        var operation = try WireOperation(serializedBytes: unknownField)
        operation.kind = 2
        operation.id = Data(repeating: 1, count: 16)
        operation.type = .delete
        skeleton.operations = [operation]
      },
      try skeleton { skeleton in
        var operation = WireOperation()
        operation.kind = 2
        operation.id = Data(repeating: 1, count: 16)
        operation.type = .delete
        operation.against = try WireClock(serializedBytes: unknownField)
        skeleton.operations = [operation]
      },
      try skeleton { skeleton in
        var operation = WireOperation()
        operation.kind = 2
        operation.id = Data(repeating: 1, count: 16)
        operation.type = .UNRECOGNIZED(99)
        skeleton.operations = [operation]
      },
      try skeleton { skeleton in
        var operation = WireOperation()
        operation.kind = 77
        operation.id = Data(repeating: 1, count: 16)
        operation.type = .delete
        skeleton.operations = [operation]
      },
    ]
    for skeleton in unknown {
      var author = desk.omar
      author.make(skeleton: skeleton, contents: [])
      #expect(try desk.code(desk.workspace.sealed(&author)) == .unknownOperation)
    }
    var author = desk.omar
    author.make(skeleton: plain, contents: [])
    #expect(try desk.code(desk.workspace.sealed(&author)) == nil)
  }

  @Test("an act or a header with a field of a newer version is not accepted")
  func unknownPartsOfActsAndHeaders() throws {
    var desk = try Desk()
    let act = try skeleton { skeleton in
      skeleton.act = roleAct(member: 2, .auditor)
      skeleton.act.roleChange = try WireRoleChange(
        serializedBytes: skeleton.act.roleChange.serializedBytes() + unknownField)
    }
    var founder = desk.workspace.founder
    founder.make(skeleton: act, contents: [], isAct: true)
    #expect(try desk.code(desk.workspace.sealed(&founder)) == .unknownOperation)
    let batch = try resigned(desk.batch(), by: desk.omar) { header in
      header = try WireBatchHeader(serializedBytes: header.serializedBytes() + unknownField)
    }
    #expect(try desk.code(batch) == .unknownOperation)
  }

  @Test("operations that the schema forbids are refused")
  func badOperation() throws {
    var desk = try Desk()
    let record = try annotation(1)
    let forbidden: [[DraftOperation]] = [
      // A register written as a set, and a set as a register.
      [DraftOperation(record, .add(AnnotationField.note, [1]))],
      [DraftOperation(record, .write(AnnotationField.tags, [1]))],
      // A field twice, a delete beside other work, a creation that touches nothing.
      try rewrite(1, note: "a") + rewrite(1, note: "b"),
      try rewrite(1, note: "a") + [DraftOperation(record, .delete)],
      [DraftOperation(record, .create(nil))],
    ]
    for operations in forbidden {
      var author = desk.omar
      author.make(operations)
      #expect(try desk.code(desk.workspace.sealed(&author)) == .badOperation)
    }
  }

  @Test("operations are not on ids of another length, and use every content once")
  func malformedOperations() throws {
    var desk = try Desk()
    guard let long = RecordID(kind: .annotation, bytes: [UInt8](repeating: 1, count: 32)) else {
      throw TestFailure.fixture
    }
    var author = desk.omar
    author.make([DraftOperation(long, .delete)])
    #expect(try desk.code(desk.workspace.sealed(&author)) == .malformed)

    let deletion = DraftChange(
      context: nil, time: 1, operations: [DraftOperation(try annotation(1), .delete)])
    author = desk.omar
    let salt = contentSalt(seed: author.secret.seed(ofBlock: 0), counter: 2, index: 0)
    author.make(
      skeleton: deletion.skeleton, contents: [ReceivedContent(value: [1], salt: salt)])
    #expect(try desk.code(desk.workspace.sealed(&author)) == .malformed)

    author = desk.omar
    author.make(skeleton: try skeleton { _ in }, contents: [])
    #expect(try desk.code(desk.workspace.sealed(&author)) == .malformed)
  }
}
