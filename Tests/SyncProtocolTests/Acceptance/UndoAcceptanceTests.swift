import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

/// What may be taken back, and what may come back by it (ruling 29).
struct UndoAcceptanceTests {
  private var workspace: TestWorkspace
  private var layla: BatchAuthor
  private var omar: BatchAuthor
  private var nadia: BatchAuthor
  private let note = AnnotationField.note

  init() throws {
    workspace = try TestWorkspace()
    layla = try workspace.admit(4, name: "Layla's other")
    omar = try workspace.admit(2, name: "Omar")
    nadia = try workspace.admit(3, name: "Nadia")
  }

  /// The identity of a change in the log.
  private func identity(_ dot: Dot) throws -> ChangeIdentity {
    let chain = try #require(workspace.log.chainHash(at: dot))
    return ChangeIdentity(origin: dot, chainHash: chain)
  }

  /// A note written by an author with everything received; returns the change.
  private mutating func write(
    _ author: WritableKeyPath<Self, BatchAuthor>, _ text: String, in context: SignedContext? = nil,
    record: UInt8 = 1
  ) throws -> ChangeIdentity {
    let dot = self[keyPath: author].make(
      try rewrite(record, note: text), in: context ?? workspace.log.context)
    var writer = self[keyPath: author]
    try workspace.push(&writer)
    self[keyPath: author] = writer
    return try identity(dot)
  }

  /// What the author's next change, which undoes, is refused with.
  private mutating func code(
    _ author: WritableKeyPath<Self, BatchAuthor>, undoing: ChangeIdentity?,
    _ operations: [DraftOperation], in context: SignedContext? = nil
  ) throws -> Refusal.Code? {
    var writer = self[keyPath: author]
    writer.make(operations, in: context ?? workspace.log.context, undoing: undoing)
    let batch = try workspace.sealed(&writer)
    let code = try refusalCode { try workspace.log.append(batch, time: 2_000) }
    if code == nil { self[keyPath: author] = writer }
    return code
  }

  private func back(_ cites: ChangeIdentity..., record: UInt8 = 1) throws -> [DraftOperation] {
    [DraftOperation(try annotation(record), .writeBack(note, cites.sorted()))]
  }

  /// Layla's and Omar's notes side by side, and Nadia's decision over both.
  private mutating func decision() throws -> (
    layla: ChangeIdentity, omar: ChangeIdentity, nadia: ChangeIdentity
  ) {
    let context = workspace.log.context
    let one = try write(\.layla, "layla's", in: context)
    let two = try write(\.omar, "omar's", in: context)
    return (one, two, try write(\.nadia, "decided"))
  }

  @Test("what a decision took away stands again as its authors', under the undoing change's dot")
  mutating func broughtBack() throws {
    let (one, two, three) = try decision()
    #expect(try code(\.nadia, undoing: three, back(one, two)) == nil)
    let state = try #require(workspace.log.states[annotation(1)])
    let siblings = state.siblings(of: note)
    #expect(siblings.map(\.cited) == [one, two].sorted())
    #expect(siblings.allSatisfy { $0.dot == Dot(nadia.id, nadia.counter) })
    #expect(state.isInConflict(note))
    // Whoever has received them decides over both by her dot.
    let four = try write(\.omar, "again")
    #expect(workspace.log.states[try annotation(1)]?.siblings(of: note).map(\.identity) == [four])
    // And takes that back in her turn: they are still theirs.
    #expect(try code(\.omar, undoing: four, back(one, two)) == nil)
    let again = try #require(workspace.log.states[annotation(1)]).siblings(of: note)
    #expect(again.map(\.cited) == [one, two].sorted())
  }

  @Test("a change and what takes it back may come in one batch, whoever decided meanwhile")
  mutating func inOneBatch() throws {
    let context = workspace.log.context
    let one = try write(\.layla, "layla's", in: context)
    let two = try write(\.omar, "omar's", in: context)
    let seen = workspace.log.context
    let dot = nadia.make(try rewrite(1, note: "nadia's"), in: seen)
    let decided = ChangeIdentity(origin: dot, chainHash: nadia.chain)
    let other = try write(\.omar, "omar's decision", in: seen)
    #expect(try code(\.nadia, undoing: decided, back(one, two), in: seen) == nil)
    let siblings = try #require(workspace.log.states[annotation(1)]).siblings(of: note)
    #expect(Set(siblings.map(\.source)) == [one, two, other])
  }

  @Test("nobody takes back what another member did, or what is not there")
  mutating func whose() throws {
    let (one, two, three) = try decision()
    #expect(try code(\.omar, undoing: three, back(one, two)) == .notPermitted)
    let unknown = ChangeIdentity(origin: three.origin, chainHash: one.chainHash)
    #expect(try code(\.nadia, undoing: unknown, back(one, two)) == .badOperation)
    #expect(try code(\.nadia, undoing: nil, back(one, two)) == .badOperation)
    #expect(try code(\.nadia, undoing: three, back(one, two)) == nil)
  }

  @Test("all of what the change took comes back, and nothing else")
  mutating func exactly() throws {
    let elsewhere = try write(\.omar, "elsewhere", record: 2)
    let earlier = try write(\.layla, "layla's first")
    let (one, two, three) = try decision()
    for cites in [[one], [two], [one, two, earlier], [one, two, elsewhere], [earlier], [three]] {
      let operation = DraftOperation(try annotation(1), .writeBack(note, cites.sorted()))
      #expect(try code(\.nadia, undoing: three, [operation]) == .badOperation, "\(cites.count)")
    }
    let other = DraftOperation(
      try annotation(1), .writeBack(AnnotationField.label, [one, two].sorted()))
    #expect(try code(\.nadia, undoing: three, [other]) == .badOperation)
    #expect(try code(\.nadia, undoing: three, back(one, two, record: 2)) == .badOperation)
    // What Layla wrote over herself is not hers any more, whoever cites it by whichever change.
    #expect(try code(\.nadia, undoing: three, back(earlier, two)) == .badOperation)
    #expect(try code(\.nadia, undoing: three, back(one, two)) == nil)
  }

  @Test("nobody brings back what its author is known to have taken back, or others to have decided")
  mutating func movedOn() throws {
    let (one, two, three) = try decision()
    let before = workspace.log.context
    _ = try write(\.layla, "layla's second thought")
    #expect(try code(\.nadia, undoing: three, back(one, two)) == .badOperation)
    // Had she not received it, she could not know.
    #expect(try code(\.nadia, undoing: three, back(one, two), in: before) == nil)
    #expect(workspace.log.states[try annotation(1)]?.siblings(of: note).count == 3)
  }

  @Test("a change once taken back is not taken back again")
  mutating func once() throws {
    let (one, two, three) = try decision()
    #expect(try code(\.nadia, undoing: three, back(one, two)) == nil)
    #expect(try code(\.nadia, undoing: three, back(one, two)) == .badOperation)
  }

  @Test("tags and deletes come back as their authors' too")
  mutating func tagsAndDeletes() throws {
    let record = try annotation(1)
    let tag = DraftOperation(record, .add(AnnotationField.tags, [7]))
    let first = layla.make([tag], in: workspace.log.context)
    try workspace.push(&layla)
    let remove = DraftOperation(record, .remove(AnnotationField.tags, [7]))
    let second = omar.make([remove], in: workspace.log.context)
    try workspace.push(&omar)
    let (one, two) = (try identity(first), try identity(second))
    let again = [DraftOperation(record, .addBack(AnnotationField.tags, undone: 0, [one]))]
    #expect(try code(\.omar, undoing: two, again + [tag]) == .badOperation)
    #expect(try code(\.omar, undoing: two, again) == nil)
    let adds = try #require(workspace.log.states[record]).elements[0].adds
    #expect(adds.map(\.cited) == [one])

    let third = layla.make([DraftOperation(record, .delete)], in: workspace.log.context)
    try workspace.push(&layla)
    let fourth = nadia.make([DraftOperation(record, .restore)], in: workspace.log.context)
    try workspace.push(&nadia)
    let (deleted, restored) = (try identity(third), try identity(fourth))
    let gone = [DraftOperation(record, .deleteBack([deleted]))]
    #expect(try code(\.nadia, undoing: restored, gone) == nil)
    let state = try #require(workspace.log.states[record])
    #expect(state.isDeleted && state.deletions.map(\.sibling.cited) == [deleted])
    // Layla takes her delete back, though Nadia had brought it.
    #expect(
      try code(\.layla, undoing: deleted, [DraftOperation(record, .restore)]) == nil)
    #expect(workspace.log.states[record]?.deletions == [])
  }

  @Test("each of several elements that one change removed comes back, by its operation's place")
  mutating func severalElements() throws {
    let tags = AnnotationField.tags
    func each(_ action: (UInt8) -> DraftOperation.Action) throws -> [DraftOperation] {
      try [1, 2].flatMap { record in
        try [UInt8(7), 8, 9].map { DraftOperation(try annotation(record), action($0)) }
      }
    }
    let first = layla.make(try each { .add(tags, [$0]) }, in: workspace.log.context)
    try workspace.push(&layla)
    let added = try identity(first)
    let (one, two) = (try annotation(1), try annotation(2))
    let before = workspace.log.states.mapValues(\.elements)
    // What stands between them counts: places are those of all operations on the record.
    let removal = [DraftOperation(one, .write(note, [1]))] + (try each { .remove(tags, [$0]) })
    let second = omar.make(removal, in: workspace.log.context)
    try workspace.push(&omar)
    let removed = try identity(second)
    func back(_ record: RecordID, _ places: Int...) -> [DraftOperation] {
      places.map { DraftOperation(record, .addBack(tags, undone: $0, [added])) }
    }
    for wrong in [back(one, 0), back(one, 4), back(two, 3), back(one, 1, 1), back(one, 999)] {
      #expect(try code(\.omar, undoing: removed, wrong) == .badOperation)
    }
    #expect(try code(\.omar, undoing: removed, back(one, 1_000)) == .badOperation)
    let twice = back(one, 1) + [DraftOperation(one, .add(tags, [7]))]
    #expect(try code(\.omar, undoing: removed, twice) == .badOperation)
    // One comes back alone, which it may; and then the others of one record, in another order.
    #expect(try code(\.omar, undoing: removed, back(one, 3, 1) + back(two, 0, 2, 1)) == nil)
    #expect(try code(\.omar, undoing: removed, back(one, 1)) == .badOperation)
    #expect(try code(\.omar, undoing: removed, back(one, 2)) == nil)
    for record in [one, two] {
      let elements = try #require(workspace.log.states[record]).elements
      #expect(elements.map(\.value) == before[record]?.map(\.value))
      #expect(elements.allSatisfy { $0.adds.map(\.cited) == [added] })
      for element in elements {
        let original = before[record]?.first { $0.value == element.value }?.adds.first
        #expect(element.adds.first?.content == original?.content)
      }
    }
    var other = MemoryLog(signer: try logSigner(), schema: AnnotationSchema.schema)
    for leaf in workspace.log.leaves {
      try other.follow(leaf: leaf.leafBytes, batch: leaf.judgement.batch.bytes)
    }
    #expect(other.stateDigest == workspace.log.stateDigest)
  }

  @Test("only what brings an element back names the place of an operation")
  mutating func places() throws {
    let (one, two, three) = try decision()
    let record = try annotation(1)
    for operation in [
      DraftOperation(record, .writeBack(note, [one, two].sorted())),
      DraftOperation(record, .delete), DraftOperation(record, .restore),
    ] {
      var skeleton = try WireSkeleton(
        serializedBytes: DraftChange(
          context: workspace.log.context, time: 1, operations: [operation], undoes: three
        ).skeleton)
      skeleton.operations[0].undonePlace = 1
      var writer = nadia
      writer.make(
        skeleton: try skeleton.serializedBytes(), contents: [], context: workspace.log.context)
      let batch = try workspace.sealed(&writer)
      #expect(try refusalCode { try workspace.log.append(batch, time: 2_000) } == .badOperation)
    }
  }

  @Test("a delete that comes back speaks to nothing that its author had not received")
  mutating func deletesKeepTheirReach() throws {
    let record = try annotation(1)
    _ = try write(\.layla, "first")
    let seen = workspace.log.context
    let deleting = omar.make([DraftOperation(record, .delete)], in: seen)
    try workspace.push(&omar)
    _ = try write(\.layla, "unseen by Omar", in: seen)
    let restoring = nadia.make([DraftOperation(record, .restore)], in: workspace.log.context)
    try workspace.push(&nadia)
    let back = [DraftOperation(record, .deleteBack([try identity(deleting)]))]
    #expect(try code(\.nadia, undoing: identity(restoring), back) == nil)
    let state = try #require(workspace.log.states[record])
    #expect(state.isLifecycleInConflict)
    #expect(state.deletions.map { $0.uncovered.map(\.replica) } == [[layla.id]])
  }

  @Test("a citing operation has no content, no clock and no reason, and is of three types")
  mutating func form() throws {
    let (one, two, three) = try decision()
    let record = try annotation(1)
    let cites = [one, two].sorted()
    let clock = try #require(workspace.log.states[record]).clock
    for operation in [
      DraftOperation(record, .writeBack(note, cites), against: clock),
      DraftOperation(record, .writeBack(note, cites), reason: "because"),
      DraftOperation(record, .writeBack(AnnotationField.tags, cites)),
      DraftOperation(record, .addBack(note, undone: 0, cites)),
    ] {
      #expect(try code(\.nadia, undoing: three, [operation]) == .badOperation)
    }
    let twice = [
      DraftOperation(record, .writeBack(note, cites)), DraftOperation(record, .write(note, [1])),
    ]
    #expect(try code(\.nadia, undoing: three, twice) == .badOperation)
    let cases: [(WireOperationType, [ChangeIdentity], Refusal.Code)] = [
      (.write, cites.reversed(), .malformed), (.write, [one, one], .malformed),
      (.restore, cites, .badOperation), (.remove, cites, .badOperation),
      (.create, cites, .badOperation), (.touch, cites, .badOperation),
    ]
    for (type, cites, expected) in cases {
      let draft = DraftOperation(record, .writeBack(note, cites))
      var skeleton = try WireSkeleton(
        serializedBytes: DraftChange(
          context: workspace.log.context, time: 1, operations: [draft], undoes: three
        ).skeleton)
      skeleton.operations[0].type = type
      if type == .restore || type == .create || type == .touch { skeleton.operations[0].field = 0 }
      var writer = nadia
      writer.make(
        skeleton: try skeleton.serializedBytes(), contents: [], context: workspace.log.context)
      let batch = try workspace.sealed(&writer)
      #expect(
        try refusalCode { try workspace.log.append(batch, time: 2_000) } == expected, "\(type)")
    }
    let many = (1...Limits.citesMax + 1).map {
      ChangeIdentity(origin: Dot(omar.id, Counter(UInt64($0))), chainHash: .zero)
    }
    let long = DraftOperation(record, .writeBack(note, many))
    #expect(try code(\.nadia, undoing: three, [long]) == .overLimit)
    let fitting = DraftOperation(record, .writeBack(note, Array(many.dropLast())))
    #expect(try code(\.nadia, undoing: three, [fitting]) == .badOperation)
  }

  @Test("what follows from a log with undone changes is what somebody else gets who follows it")
  mutating func followed() throws {
    let (one, two, three) = try decision()
    #expect(try code(\.nadia, undoing: three, back(one, two)) == nil)
    var other = MemoryLog(signer: try logSigner(), schema: AnnotationSchema.schema)
    for leaf in workspace.log.leaves {
      try other.follow(leaf: leaf.leafBytes, batch: leaf.judgement.batch.bytes)
    }
    #expect(other.stateDigest == workspace.log.stateDigest)
  }
}
