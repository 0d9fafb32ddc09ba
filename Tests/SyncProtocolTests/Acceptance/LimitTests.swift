import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

/// Every limit that acceptance enforces: at the limit, and one past it.
struct LimitTests {
  private var workspace: TestWorkspace
  private var omar: BatchAuthor

  init() throws {
    workspace = try TestWorkspace()
    omar = try workspace.admit(2, name: "Omar")
  }

  /// What Omar's pending changes are refused with.
  private mutating func code() throws -> Refusal.Code? {
    let batch = try workspace.sealed(&omar)
    return try refusalCode { try workspace.log.append(batch, time: 2_000) }
  }

  private func record(_ number: Int) throws -> RecordID {
    let bytes = DomainHash.plain([UInt8(number & 255), UInt8(number >> 8)]).bytes.prefix(16)
    guard let id = RecordID(kind: .annotation, bytes: Array(bytes)) else {
      throw TestFailure.fixture
    }
    return id
  }

  @Test("a batch has at most so many changes", arguments: [0, 1])
  mutating func batchChanges(past: Int) throws {
    for number in 0..<(Limits.batchChangesMax + past) {
      omar.make([DraftOperation(try record(number), .delete)])
    }
    #expect(try code() == (past == 0 ? nil : .overLimit))
  }

  @Test("a change has at most so many operations", arguments: [0, 1])
  mutating func operations(past: Int) throws {
    omar.make(
      try (0..<(Limits.changeOperationsMax + past)).map {
        DraftOperation(try record($0), .delete)
      })
    #expect(try code() == (past == 0 ? nil : .overLimit))
  }

  @Test("a content has at most so many bytes", arguments: [0, 1])
  mutating func content(past: Int) throws {
    let value = [UInt8](repeating: 0x61, count: Limits.contentBytesMax + past)
    omar.make([DraftOperation(try record(1), .write(AnnotationField.note, value))])
    #expect(try code() == (past == 0 ? nil : .overLimit))
  }

  @Test("several changes have at most so many bytes together", arguments: [0, 1])
  mutating func batchBytes(past: Int) throws {
    omar.make([DraftOperation(try record(1), .write(AnnotationField.note, []))])
    omar.make([DraftOperation(try record(2), .write(AnnotationField.note, []))])
    let empty = omar.pending.reduce(0) { $0 + $1.byteCount }
    omar = try BatchAuthor(number: 2, workspace: omar.workspace)
    try omar.enrol(by: inviteKey(2))
    _ = try omar.seal()
    let half = (Limits.batchBytesMax - empty) / 2
    let sizes = [half, Limits.batchBytesMax - empty - half + past]
    for (number, size) in sizes.enumerated() {
      omar.make([
        DraftOperation(
          try record(number + 1),
          .write(AnnotationField.note, [UInt8](repeating: 0x61, count: size)))
      ])
    }
    #expect(omar.pending.reduce(0) { $0 + $1.byteCount } == Limits.batchBytesMax + past)
    #expect(try code() == (past == 0 ? nil : .overLimit))
  }

  @Test("a change alone in its batch has at most so many bytes", arguments: [0, 1])
  mutating func changeBytes(past: Int) throws {
    func operations(_ sizes: [Int]) throws -> [DraftOperation] {
      try sizes.enumerated().map { number, size in
        DraftOperation(
          try record(number), .write(AnnotationField.note, [UInt8](repeating: 0x61, count: size)))
      }
    }
    let empty = DraftChange(
      context: nil, time: 1_000, operations: try operations([0, 0, 0])
    ).skeleton.count
    let third = (Limits.changeBytesMax - empty) / 3
    omar.make(
      try operations([third, third, Limits.changeBytesMax - empty - 2 * third + past]))
    #expect(omar.pending[0].byteCount == Limits.changeBytesMax + past)
    #expect(try code() == (past == 0 ? nil : .overLimit))
  }

  @Test("an encoded batch has at most so many bytes", arguments: [0, 1])
  mutating func encodedBytes(past: Int) throws {
    omar.make([DraftOperation(try record(1), .delete)])
    var batch = try workspace.sealed(&omar)
    // Nothing that is accepted reaches the limit, so an unknown field fills up to it.
    let room = Limits.encodedBatchBytesMax - batch.count
    var length = room - 2
    while framed([UInt8](repeating: 0, count: length)).count + 2 > room { length -= 1 }
    batch += [0xFA, 0x3F] + framed([UInt8](repeating: 0, count: length))
    #expect(batch.count == Limits.encodedBatchBytesMax)
    if past > 0 { batch.append(0) }
    #expect(
      try refusalCode { try workspace.log.append(batch, time: 2_000) }
        == (past == 0 ? .unknownOperation : .overLimit))
  }

  /// What so many writes, adds or deletes, none of which covers another, are refused with.
  private mutating func sideBySide(
    _ count: Int, _ action: (Int) -> DraftOperation.Action
  ) throws -> Refusal.Code? {
    for number in 0..<count {
      omar.make([DraftOperation(try record(1), action(number), against: VectorClock())])
    }
    return try code()
  }

  @Test("of one member so many values stand side by side at most", arguments: [0, 1])
  mutating func siblings(past: Int) throws {
    let count = Limits.memberSiblingsMax + past
    let expected: Refusal.Code? = past == 0 ? nil : .overLimit
    #expect(
      try sideBySide(count) { .write(AnnotationField.note, [UInt8($0 & 255), 1]) } == expected)
    workspace = try TestWorkspace()
    omar = try workspace.admit(2, name: "Omar")
    #expect(try sideBySide(count) { _ in .add(AnnotationField.tags, [1]) } == expected)
    workspace = try TestWorkspace()
    omar = try workspace.admit(2, name: "Omar")
    #expect(try sideBySide(count) { _ in .delete } == expected)
  }

  @Test("of one member a record's state has at most so many entries", arguments: [0, 1])
  mutating func recordEntries(past: Int) throws {
    // Each element has an add, and one replica's touch is an entry as well.
    let count = Limits.memberEntriesMax - 1 + past
    let elements = (0..<count).map { [UInt8($0 & 255), UInt8($0 >> 8)] }
    for start in stride(from: 0, to: count, by: Limits.changeOperationsMax) {
      let end = min(start + Limits.changeOperationsMax, count)
      omar.make(
        try elements[start..<end].map {
          DraftOperation(try record(1), .add(AnnotationField.tags, $0))
        })
    }
    #expect(try code() == (past == 0 ? nil : .overLimit))
  }

  @Test("what one member has placed on a record stops no other")
  mutating func othersAreFree() throws {
    var nadia = try workspace.admit(3, name: "Nadia")
    for number in 0..<Limits.memberSiblingsMax {
      let actions: [DraftOperation.Action] = [
        .write(AnnotationField.note, [UInt8(number), 1]), .add(AnnotationField.tags, [1]), .delete,
      ]
      for action in actions {
        omar.make([DraftOperation(try record(1), action, against: VectorClock())])
      }
    }
    #expect(try code() == nil)
    let rest = try workspace.log.states[record(1)]?.entryCount(placedBy: [omar.id])
    let room = Limits.memberEntriesMax - (try #require(rest))
    omar.make(
      try (0..<room).map {
        DraftOperation(
          try record(1), .add(AnnotationField.tags, [UInt8($0 & 255), UInt8($0 >> 8), 2]))
      })
    #expect(try code() == nil)
    for action in [
      .write(AnnotationField.note, [7]), .add(AnnotationField.tags, [1]),
      .add(AnnotationField.tags, [7]), .remove(AnnotationField.tags, [9]), .delete,
    ] as [DraftOperation.Action] {
      nadia.make([DraftOperation(try record(1), action, against: VectorClock())])
    }
    let batch = try workspace.sealed(&nadia)
    #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == nil)
    omar.make([DraftOperation(try record(1), .add(AnnotationField.tags, [7]))])
    #expect(try code() == .overLimit)
  }

  @Test("a member's devices share the member's bounds")
  mutating func devices() throws {
    let invite = try inviteKey(9)
    omar.make(
      inviteAct(invite, member: 2, name: "", role: .unspecified), in: workspace.log.context)
    #expect(try code() == nil)
    var device = try BatchAuthor(number: 9, workspace: workspace.founder.workspace)
    try device.enrol(by: invite)
    try workspace.push(&device)
    for number in 0..<Limits.memberSiblingsMax - 1 {
      omar.make([
        DraftOperation(
          try record(1), .write(AnnotationField.note, [UInt8(number)]), against: VectorClock())
      ])
    }
    #expect(try code() == nil)
    for past in [0, 1] {
      device.make([
        DraftOperation(
          try record(1), .write(AnnotationField.note, [0, UInt8(past)]), against: VectorClock())
      ])
      let batch = try workspace.sealed(&device)
      #expect(
        try refusalCode { try workspace.log.append(batch, time: 2_000) }
          == (past == 0 ? nil : .overLimit))
    }
  }

  @Test("the decisions of a leaf name at most so many dots")
  mutating func leafDots() throws {
    // Each round of writes meets all those before it.
    let rounds = Limits.memberSiblingsMax
    let perRound = rounds * (rounds - 1) / 2
    let fitting = Limits.leafDotsMax / perRound
    for number in 0..<rounds {
      omar.make(
        try (0..<fitting + 1).map {
          DraftOperation(
            try record($0 + 1), .write(AnnotationField.note, [UInt8(number)]),
            against: VectorClock())
        })
    }
    #expect(try code() == .overLimit)
    workspace = try TestWorkspace()
    omar = try workspace.admit(2, name: "Omar")
    for number in 0..<rounds {
      omar.make(
        try (0..<fitting).map {
          DraftOperation(
            try record($0 + 1), .write(AnnotationField.note, [UInt8(number)]),
            against: VectorClock())
        })
    }
    #expect(try code() == nil)
  }

  @Test("the records that a leaf is on have at most so many entries, beside the fullest")
  mutating func leafEntries() throws {
    omar.make(
      try (0..<Limits.changeOperationsMax).map {
        DraftOperation(
          try record(1), .add(AnnotationField.tags, [UInt8($0 & 255), UInt8($0 >> 8)]))
      })
    #expect(try code() == nil)
    let full = try #require(workspace.log.states[record(1)])
    let fitting = Limits.leafEntriesMax / full.entryCount + 1
    for past in [0, 1] {
      let dot = Dot(omar.id, 900)
      let change = Change(
        identity: ChangeIdentity(origin: dot, chainHash: .zero), carrier: Carrier(dot, .leaf(9)),
        context: CausalContext(treeSize: 0, own: VersionVector()), time: 1,
        operations: try (0..<fitting + past).map { Operation(try record($0), .delete) })
      var run = MergeRun(stateDigest: .zero)
      var readCount = 0
      let code = try refusalCode {
        try run.merge(change, isKnown: false) { _ in
          readCount += 1
          return full
        } history: { _, _, _ in
          []
        }
      }
      #expect(code == (past == 0 ? nil : .overLimit))
      #expect(readCount == fitting + past, "nothing is read behind what is too much")
    }
  }

  @Test("an explicit clock has at most so many entries", arguments: [0, 1])
  mutating func clockEntries(past: Int) throws {
    var dots: [Dot] = []
    for index in 0..<(Limits.clockEntriesMax + past) {
      let bytes = DomainHash.plain([UInt8(index & 255), UInt8(index >> 8)]).bytes.prefix(16)
      guard let replica = ReplicaID(bytes) else { throw TestFailure.fixture }
      dots.append(Dot(replica, 1))
    }
    omar.make([
      DraftOperation(
        try record(1), .write(AnnotationField.note, [1]), against: VectorClock(dots))
    ])
    // At the limit the clock is read, and then found to name strangers.
    #expect(try code() == (past == 0 ? .badAgainst : .overLimit))
  }

  @Test("a batch's checkpoint has at most so many bytes", arguments: [0, 1])
  mutating func checkpoint(past: Int) throws {
    omar.make([DraftOperation(try record(1), .delete)], in: workspace.log.context)
    let note = [UInt8](repeating: 0x61, count: Limits.checkpointBytesMax + past)
    let batch = try omar.seal(checkpoint: note)
    #expect(
      try refusalCode { try workspace.log.append(batch, time: 2_000) }
        == (past == 0 ? .badContext : .overLimit))
  }

  @Test("a counter is at most what databases keep", arguments: [0, 1] as [UInt64])
  mutating func counter(past: UInt64) throws {
    omar.make([DraftOperation(try record(1), .delete)])
    let sealed = try workspace.sealed(&omar)
    let batch = try resigned(sealed, by: omar) { header in
      header.first = Limits.counterMax + past
      header.last = Limits.counterMax + past
    }
    #expect(
      try refusalCode { try workspace.log.append(batch, time: 2_000) }
        == (past == 0 ? .predecessorMissing : .malformed))
  }

  @Test("a leaf has at most so many bytes")
  func leafBytes() throws {
    let leaf = try #require(workspace.log.leaves.last?.leafBytes)
    #expect(Leaf(encoded: leaf) != nil)
    #expect(Leaf(encoded: leaf + [UInt8](repeating: 0x20, count: Limits.leafBytesMax)) == nil)
  }

  @Test("salts follow from one seed per block, and the next block has another")
  mutating func seedBlocks() throws {
    for number in 0..<300 {
      omar.make([DraftOperation(try record(number), .write(AnnotationField.note, [1]))])
    }
    let bytes = try workspace.sealed(&omar)
    let batch = try WireBatch(serializedBytes: bytes)
    #expect(batch.seeds.map(\.block) == [0, 1])
    #expect(seedBlock(of: Counter(Limits.seedBlockCounters)) == 0)
    #expect(seedBlock(of: Counter(Limits.seedBlockCounters + 1)) == 1)
  }
}
