import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

struct ContextTests {
  private func code(
    _ workspace: inout TestWorkspace, _ author: inout BatchAuthor
  ) throws -> Refusal.Code? {
    let batch = try workspace.sealed(&author)
    return try refusalCode { try workspace.log.append(batch, time: 2_000) }
  }

  @Test("ruling 3: a clock above what the change's context covers is refused")
  func againstAboveContext() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    let early = workspace.log.context
    workspace.founder.make(try creation(1, note: "x"), in: early)
    try workspace.pushFounder()
    let seen = VectorClock([Dot(workspace.founder.id, workspace.founder.counter)])

    var before = omar
    before.make(try rewrite(1, note: "y", against: seen), in: early)
    #expect(try code(&workspace, &before) == .badAgainst)
    omar.make(try rewrite(1, note: "y", against: seen), in: workspace.log.context)
    #expect(try code(&workspace, &omar) == nil)
  }

  @Test("ruling 3: a clock holds the author's own changes before this one, and none from it on")
  func againstOwn() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(try creation(1, note: "x"), in: workspace.log.context)
    for (counter, expected) in [(omar.counter, nil), (omar.counter.next, Refusal.Code.badAgainst)] {
      var author = omar
      author.make(try rewrite(1, note: "y", against: VectorClock([Dot(omar.id, counter)])))
      #expect(try code(&workspace, &author) == expected)
      workspace = try TestWorkspace()
      _ = try workspace.admit(2, name: "Omar")
    }
  }

  @Test("ruling 3: a clock of a replica that the log does not know is refused")
  func againstUnknown() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    let stranger = try BatchAuthor(number: 9).id
    omar.make(
      try rewrite(1, note: "y", against: VectorClock([Dot(stranger, 1)])),
      in: workspace.log.context)
    #expect(try code(&workspace, &omar) == .badAgainst)
  }

  @Test("a clock whose entries do not ascend, or name a replica twice or no change, is malformed")
  func againstForm() throws {
    var workspace = try TestWorkspace()
    let omar = try workspace.admit(2, name: "Omar")
    let low = Data(repeating: 1, count: 16)
    let high = Data(repeating: 2, count: 16)
    for entries in [
      [(high, 1), (low, 1)], [(low, 1), (low, 2)], [(low, 0)], [(low.dropLast(), 1)],
      [(low, UInt64.max)], [(low, Limits.counterMax + 1)],
    ] as [[(Data, UInt64)]] {
      let bytes = try skeleton { skeleton in
        var operation = WireOperation()
        operation.kind = 2
        operation.id = Data(repeating: 1, count: 16)
        operation.type = .delete
        operation.against.entries = entries.map { entry in
          var wire = WireClockEntry()
          wire.replica = entry.0
          wire.counter = entry.1
          return wire
        }
        skeleton.operations = [operation]
      }
      var author = omar
      author.make(skeleton: bytes, contents: [])
      #expect(try code(&workspace, &author) == .malformed)
    }
  }

  @Test("ruling 5: every context's root is checked against the tree")
  func roots() throws {
    var workspace = try TestWorkspace()
    let omar = try workspace.admit(2, name: "Omar")
    let right = workspace.log.context
    let wrong = SignedContext(treeSize: right.treeSize, root: .zero)
    let ahead = SignedContext(treeSize: right.treeSize + 1, root: right.root)
    let otherEpoch = SignedContext(treeSize: right.treeSize, root: right.root, epoch: 2)
    let emptyOfNoEpoch = SignedContext(treeSize: 0, root: nil, epoch: 0)
    for context in [wrong, ahead, otherEpoch, emptyOfNoEpoch] {
      var author = omar
      author.make(try creation(1, note: "x"), in: context)
      // Leaves that the log lacks may come later.
      let expected: Refusal.Code = context == ahead ? .contextMissing : .badContext
      #expect(try code(&workspace, &author) == expected, "\(context)")
      #expect(expected.isRetryable == (context == ahead))
    }
    // A wrong root between two right ones is found as well.
    var author = omar
    author.make(try creation(1, note: "x"), in: SignedContext(treeSize: 2, root: .zero))
    author.make(try creation(2, note: "x"), in: right)
    #expect(try code(&workspace, &author) == .badContext)
  }

  @Test("ruling 5: a batch brings the signed checkpoint of its context")
  func checkpoint() throws {
    var workspace = try TestWorkspace()
    let omar = try workspace.admit(2, name: "Omar")
    let context = workspace.log.context
    for note in [[], try workspace.log.checkpoint(ofSize: 2), Array("no note\n".utf8)] {
      var author = omar
      author.make(try creation(1, note: "x"), in: context)
      let batch = try author.seal(checkpoint: note)
      #expect(
        try refusalCode { try workspace.log.append(batch, time: 2_000) } == .badContext)
    }
  }

  @Test("contexts do not shrink along a chain, logged changes included")
  func shrinking() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(try creation(1, note: "x"), in: workspace.log.context)
    try workspace.push(&omar)
    omar.make(try rewrite(1, note: "y"), in: workspace.log.context(ofSize: 1))
    #expect(try code(&workspace, &omar) == .badContext)
  }

  @Test("the header's context is the last change's")
  func headerContext() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(try creation(1, note: "x"), in: workspace.log.context)
    let batch = try workspace.sealed(&omar)
    let other = try resigned(batch, by: omar) { header in
      header.context = workspace.log.context(ofSize: 2).wire
    }
    #expect(try refusalCode { try workspace.log.append(other, time: 2_000) } == .badContext)
  }

  @Test("a change without a context has that of the change before it")
  func inherited() throws {
    var workspace = try TestWorkspace()
    var omar = try workspace.admit(2, name: "Omar")
    omar.make(try creation(1, note: "x"), in: workspace.log.context)
    try workspace.push(&omar)
    omar.make(try rewrite(1, note: "y"))
    try workspace.push(&omar)
    let change = try #require(workspace.log.leaves.last?.judgement.fresh.first)
    #expect(change.context.treeSize == 3)
  }
}
