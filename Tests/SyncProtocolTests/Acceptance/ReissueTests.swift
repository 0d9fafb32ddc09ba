import AnnotationModel
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol
import Testing

/// Ruling 11: a change keeps its identity when another dot brings it.
struct ReissueTests {
  private func code(_ workspace: inout TestWorkspace, _ author: inout BatchAuthor) throws
    -> Refusal.Code?
  {
    let batch = try workspace.sealed(&author)
    return try refusalCode { try workspace.log.append(batch, time: 2_000) }
  }

  /// The reissue of the change that `author` made last.
  private func reissue(
    of author: BatchAuthor, context: SignedContext = .empty, previous: Digest256
  ) throws -> (skeleton: [UInt8], contents: [ReceivedContent]) {
    let origin = try #require(author.pending.last)
    let bytes = try skeleton { skeleton in
      skeleton.time = 0
      skeleton.reissue.originReplica = Data(author.id.bytes)
      skeleton.reissue.originCounter = origin.counter.rawValue
      skeleton.reissue.precedingHash = Data(previous.bytes)
      skeleton.reissue.skeleton = Data(origin.skeleton)
      skeleton.reissue.context = context.wire
    }
    return (bytes, origin.contents)
  }

  /// Omar, whose second change the log refuses to have under its own dot, and his successor.
  private struct Desk {
    var workspace: TestWorkspace
    var omar: BatchAuthor
    var next: BatchAuthor
    let previous: Digest256

    init() throws {
      workspace = try TestWorkspace()
      omar = try workspace.admit(2, name: "Omar")
      previous = omar.chain
      next = try BatchAuthor(number: 20, workspace: omar.workspace)
      try next.succeed(omar, after: omar.counter, chain: omar.chain)
      try workspace.push(&next)
      omar.make(try creation(1, note: "mine"))
    }
  }

  @Test("ruling 11: the first carrier places the change, and the original is absorbed later")
  func absorbed() throws {
    var desk = try Desk()
    let again = try reissue(of: desk.omar, previous: desk.previous)
    desk.next.make(skeleton: again.skeleton, contents: again.contents, hasOwnSalts: true)
    #expect(try code(&desk.workspace, &desk.next) == nil)
    let placed = desk.workspace.log
    let decoded = try #require(placed.leaves.last?.judgement.fresh.first)
    #expect(decoded.identity.origin == Dot(desk.omar.id, 2))
    #expect(decoded.identity.chainHash == desk.omar.chain)
    #expect(decoded.time == 1_000)

    #expect(try code(&desk.workspace, &desk.omar) == nil)
    let log = desk.workspace.log
    #expect(log.stateDigest == placed.stateDigest)
    let leaf = try #require(log.leaves.last)
    #expect(leaf.decisions.map(\.decision.rule) == [.absorbed, .absorbed])
    #expect(leaf.leaf.concurrent == 0)
    let state = try #require(log.states[annotation(1)])
    #expect(state.clock.entries.count == 2)
    #expect(state.creations[0].carriers.map(\.dot) == [Dot(desk.next.id, 2), Dot(desk.omar.id, 2)])
  }

  @Test("ruling 11: a reissue comes from the author's own lineage only")
  func otherLineage() throws {
    var desk = try Desk()
    var nadia = try desk.workspace.admit(3, name: "Nadia")
    let again = try reissue(of: desk.omar, previous: desk.previous)
    nadia.make(skeleton: again.skeleton, contents: again.contents, hasOwnSalts: true)
    #expect(try code(&desk.workspace, &nadia) == .notPermitted)
  }

  @Test("ruling 11: work of a successor that the log never enrolled is reissued as well")
  func abandonedSuccessor() throws {
    var desk = try Desk()
    var abandoned = try BatchAuthor(number: 30, workspace: desk.omar.workspace)
    abandoned.make(try creation(7, note: "lost"))
    let again = try reissue(of: abandoned, previous: .zero)
    desk.next.make(skeleton: again.skeleton, contents: again.contents, hasOwnSalts: true)
    #expect(try code(&desk.workspace, &desk.next) == nil)
  }

  @Test("a reissue's context is checked like any other")
  func context() throws {
    var desk = try Desk()
    let ahead = SignedContext(treeSize: 99, root: .zero)
    let again = try reissue(of: desk.omar, context: ahead, previous: desk.previous)
    desk.next.make(skeleton: again.skeleton, contents: again.contents, hasOwnSalts: true)
    #expect(try code(&desk.workspace, &desk.next) == .contextMissing)
  }

  @Test("a reissue that is not well formed is refused")
  func forms() throws {
    let desk = try Desk()
    let whole = try reissue(of: desk.omar, previous: desk.previous)
    for change in [
      { $0.time = 1 }, { $0.reissue.originReplica.removeLast() }, { $0.reissue.originCounter = 0 },
      { $0.reissue.originCounter = .max }, { $0.reissue.precedingHash = Data() },
      { $0.reissue.skeleton = Data([0xFF]) }, { $0.reissue.skeleton = Data(whole.skeleton) },
      { $0.reissue.against = [WireClock()] }, { $0.undoes.counter = 1 },
      { $0.reissue.context.root = Data([1]) },
    ] as [(inout WireSkeleton) -> Void] {
      var skeleton = try WireSkeleton(serializedBytes: whole.skeleton)
      change(&skeleton)
      var workspace = desk.workspace
      var next = desk.next
      next.make(
        skeleton: try skeleton.serializedBytes(), contents: whole.contents, hasOwnSalts: true)
      #expect(try code(&workspace, &next) == .malformed)
    }
  }
}
