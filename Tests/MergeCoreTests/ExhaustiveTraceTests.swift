import MergeCore
import SimulationKit
import Testing

/// One kind of operation that the exhaustive traces are spelled with.
enum Letter: Character, CaseIterable {
  case create = "c"
  case writeX = "X"
  case writeY = "Y"
  case resolveX = "R"
  case add = "+"
  case remove = "-"
  case delete = "D"
  case restore = "U"
  case touch = "t"

  /// The operation, with contents salted by the change that makes them.
  func operation(salt: UInt8, against: VectorClock?) -> Operation {
    let action: Action =
      switch self {
      case .create: .create(nil)
      case .writeX, .resolveX: .write(note, content("X", salt: salt))
      case .writeY: .write(note, content("Y", salt: salt))
      case .add: .add(tags, content("e", salt: salt))
      case .remove: .remove(tags, content("e", salt: salt))
      case .delete: .delete
      case .restore: .restore
      case .touch: .touch
      }
    return Operation(record, action, against: against, isResolution: self == .resolveX)
  }
}

/// Every log of up to four changes by three replicas on one record: authors (the first to appear is
/// always the first replica), operations, and every prefix that each author can have received.
///
/// Pruned by two symmetries: replicas may be renamed, and so may the values X and Y.
@Suite("Exhaustive traces agree with the oracle")
struct ExhaustiveTraceTests {
  @Test("Up to three changes of every kind, as logged and as every author sees them")
  func everyKind() throws {
    var search = TraceSearch(letters: Letter.allCases, depth: 3)
    search.checksViews = true
    try search.run()
    print("exhaustive, every kind: \(search.traceCount) logs, \(search.viewCount) views")
    #expect(search.traceCount == 15_896)
    #expect(search.viewCount == 61_424)
  }

  @Test("Four changes of registers and lifecycle")
  func registersAndLifecycle() throws {
    var search = TraceSearch(letters: [.writeX, .writeY, .delete, .restore], depth: 4)
    try search.run()
    print("exhaustive, registers and lifecycle: \(search.traceCount) logs")
    #expect(search.traceCount == 38_723)
  }

  @Test("Four changes of sets and lifecycle")
  func setsAndLifecycle() throws {
    var search = TraceSearch(letters: [.add, .remove, .delete, .restore], depth: 4)
    try search.run()
    print("exhaustive, sets and lifecycle: \(search.traceCount) logs")
    #expect(search.traceCount == 72_772)
  }

  @Test("Up to three changes, each against every clock that its author can have been shown")
  func olderForms() throws {
    var search = TraceSearch(
      letters: [.writeX, .writeY, .add, .remove, .delete, .restore], depth: 3)
    search.usesOlderForms = true
    try search.run()
    print("exhaustive, older forms: \(search.traceCount) logs")
    #expect(search.traceCount == 74_782)
  }
}

/// Walks all traces depth first, so that each prefix is merged once.
struct TraceSearch {
  let letters: [Letter]
  let depth: Int
  /// Whether each author's view of each trace is folded and compared as well.
  var checksViews = false
  /// Whether operations are also made against clocks shown earlier.
  var usesOlderForms = false
  private(set) var traceCount = 0
  private(set) var viewCount = 0

  private static let replicas = [replicaA, replicaB, replicaC]

  init(letters: [Letter], depth: Int) {
    self.letters = letters
    self.depth = depth
  }

  /// A log so far.
  private struct Node {
    var record = CheckedRecord()
    var changes: [Change] = []
    var spelled = ""
    /// The record's clock after each tree size.
    var clocks: [VectorClock] = [VectorClock()]
    var ownCounts = [0, 0, 0]
    var receivedByAuthor = [0, 0, 0]
    var authorCount = 0
    var hasWritten = false
  }

  mutating func run() throws { try extend(Node()) }

  private mutating func extend(_ node: Node) throws {
    guard node.changes.count < depth else { return }
    for author in 0..<min(node.authorCount + 1, Self.replicas.count) {
      for received in node.receivedByAuthor[author]...node.changes.count {
        for letter in letters where letter != .writeY || node.hasWritten {
          for against in olderForms(node, author, received) {
            try visit(node, author, received, letter, against)
          }
        }
      }
    }
  }

  private mutating func visit(
    _ parent: Node, _ author: Int, _ received: Int, _ letter: Letter, _ against: VectorClock?
  ) throws {
    var node = parent
    let dot = Dot(Self.replicas[author], Counter(UInt64(parent.ownCounts[author] + 1)))
    let change = Change(
      identity: identity(dot), carrier: Carrier(dot, .leaf(UInt64(parent.changes.count))),
      context: CausalContext(treeSize: UInt64(received), own: VersionVector([dot.preceding])),
      time: Int64(parent.changes.count % 2),
      operations: [
        letter.operation(
          salt: UInt8(author * 8 + parent.ownCounts[author]), against: against)
      ])
    node.spelled += " \("ABC".dropFirst(author).first ?? "?")\(received)\(letter.rawValue)"
    if let against { node.spelled += "/\(against.entries)" }
    do {
      try node.record.apply(change)
      node.changes.append(change)
      if checksViews { try checkViews(node) }
    } catch {
      throw Mismatch(description: "trace\(node.spelled) (author, received, operation): \(error)")
    }
    traceCount += 1
    node.clocks.append(node.record.state.clock)
    node.ownCounts[author] += 1
    node.receivedByAuthor[author] = received
    node.authorCount = max(node.authorCount, author + 1)
    node.hasWritten = node.hasWritten || letter == .writeX || letter == .resolveX
    try extend(node)
  }

  /// No older form, and the record's clock at every prefix and own change its author has seen.
  private func olderForms(_ node: Node, _ author: Int, _ received: Int) -> [VectorClock?] {
    guard usesOlderForms else { return [nil] }
    var clocks: Set<VectorClock> = []
    for treeSize in 0...received {
      for own in 0...node.ownCounts[author] {
        var clock = node.clocks[treeSize]
        clock.include(Dot(Self.replicas[author], Counter(UInt64(own))))
        clocks.insert(clock)
      }
    }
    return [nil] + clocks.sorted { $0.entries.lexicographicallyPrecedes($1.entries) }
  }

  /// Folds each author's received prefix and pending changes for every prefix it can have, and
  /// checks that leaves arriving later give the same as log order (ruling 1).
  private mutating func checkViews(_ node: Node) throws {
    for replica in Self.replicas.prefix(node.authorCount + 1) {
      for received in 0..<node.changes.count {
        let pending = node.changes[received...].filter {
          $0.carrier.dot.replica == replica && $0.context.treeSize <= UInt64(received)
        }
        guard let first = pending.first,
          let limit = node.changes.firstIndex(where: { $0.identity == first.identity })
        else { continue }
        let folded = pending.map { $0.pending }
        var early = CheckedRecord()
        for change in node.changes[..<received] + folded { try early.apply(change) }
        var inLogOrder = CheckedRecord()
        for change in node.changes[..<limit] + folded { try inLogOrder.apply(change) }
        for change in node.changes[received..<limit] { try early.apply(change) }
        guard early.state == inLogOrder.state else {
          throw Mismatch(description: "merged early \(early.state), in order \(inLogOrder.state)")
        }
        viewCount += 1
      }
    }
  }
}

extension Change {
  /// The same change before it is logged.
  fileprivate var pending: Change {
    var change = self
    change.carrier.position = .pending
    return change
  }
}
