import MergeCore

/// Walks all traces depth first, so that each prefix is merged once.
///
/// A trace is a log of changes on one record: for each its author, what it does, and which of the
/// changes before it its author means to cover. Pruned by two symmetries: authors appear in the order of
/// `authors`, since replicas may be renamed, and the value X is written before Y, since values may be.
struct TraceSearch {
  /// What the coverage of an operation is spelled with.
  enum Coverage {
    /// What its author had received, in every way that it can have received more and more.
    case contexts
    /// As ``contexts``, and each of these with every clock that its author can have been shown.
    case contextsAndClocks
    /// Every set of changes that an author can cover by either, each once: by the context where that
    /// can be, otherwise by a clock.
    case everySet
  }

  /// What each change can do: one operation, or several.
  let words: [[Letter]]
  let depth: Int
  var coverage = Coverage.contexts
  /// The replicas in the order of their appearing.
  var authors = [replicaA, replicaB, replicaC]
  /// Only traces that begin with this word, when it is set.
  var beginning: [Letter]?
  /// Whether each author's view of each trace is folded and compared as well.
  var checksViews = false
  private(set) var traceCount = 0
  private(set) var viewCount = 0
  /// How many changes were undone in the traces, and how often something else was cited, and refused.
  private(set) var undoCount = 0
  private(set) var refusedCount = 0
  /// How many changes took several operations of another back.
  private(set) var togetherCount = 0
  /// Whether an author may also take one of its own changes back.
  var undoes = false

  init(_ letters: [Letter], depth: Int) { self.init(words: letters.map { [$0] }, depth: depth) }

  init(words: [[Letter]], depth: Int) {
    self.words = words
    self.depth = depth
  }

  /// What one change's author had received, and the older form that it was saved against.
  struct Basis: Hashable {
    var received: Int
    var against: VectorClock?
  }

  /// A log so far.
  struct Node {
    var record = CheckedRecord()
    var changes: [Change] = []
    var authors: [Int] = []
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
    for author in 0..<min(node.authorCount + 1, authors.count) {
      for basis in bases(node, author) {
        for word in words where node.hasWritten || !word.contains(where: \.writesSecondValue) {
          if node.changes.isEmpty, let beginning, beginning != word { continue }
          let change = change(after: node, author, basis, word)
          try visit(node, author, basis, change, word)
        }
        guard undoes, basis.against == nil else { continue }
        for change in try undoings(after: node, author, basis) {
          undoCount += 1
          try visit(node, author, basis, change, [])
        }
      }
    }
  }

  private mutating func visit(
    _ parent: Node, _ author: Int, _ basis: Basis, _ change: Change, _ word: [Letter]
  ) throws {
    var node = parent
    node.changes.append(change)
    do {
      try node.record.apply(change)
      if checksViews { try checkViews(node) }
    } catch {
      throw Mismatch(description: "\(spelled(node.changes)): \(error)")
    }
    traceCount += 1
    guard node.changes.count < depth else { return }
    node.authors.append(author)
    node.clocks.append(node.record.state.clock)
    node.ownCounts[author] += 1
    node.receivedByAuthor[author] = basis.received
    node.authorCount = max(node.authorCount, author + 1)
    node.hasWritten = node.hasWritten || word.contains(where: \.writesFirstValue)
    try extend(node)
  }

  private func change(
    after node: Node, _ author: Int, _ basis: Basis, _ word: [Letter]
  ) -> Change {
    let own = node.ownCounts[author]
    let dot = Dot(authors[author], Counter(UInt64(own + 1)))
    return Change(
      identity: identity(dot), carrier: Carrier(dot, .leaf(UInt64(node.changes.count))),
      context: CausalContext(
        treeSize: UInt64(basis.received), own: VersionVector([dot.preceding])),
      time: Int64(node.changes.count % 2),
      operations: word.map {
        $0.operation(salt: UInt8(author * 8 + own), against: basis.against)
      })
  }

  /// A trace in words that a failure can be made again from.
  private func spelled(_ changes: [Change]) -> String {
    let words = changes.map { change in
      let operations = change.operations.map { operation in
        "\(operation.action)" + (operation.isResolution ? " resolving" : "")
          + (operation.against.map { " against \($0.entries)" } ?? "")
          + (operation.cites.isEmpty ? "" : " citing \(operation.cites.map(\.origin))")
      }
      return "\(change.carrier.dot) with \(change.context.treeSize) leaves: \(operations)"
    }
    return "trace\n  " + words.joined(separator: "\n  ") + "\n"
  }
}

// MARK: - Undoing

extension TraceSearch {
  /// Every way in which an author may take back one of its changes; that anything else is refused is
  /// checked on the way, for every set of changes that it could cite.
  private mutating func undoings(after node: Node, _ author: Int, _ basis: Basis) throws -> [Change]
  {
    var accepted: [Change] = []
    for index in node.changes.indices where node.authors[index] == author {
      let undone = node.changes[index]
      var change = change(after: node, author, basis, [])
      change.undoes = undone.identity
      var together: [Operation] = []
      for (place, operation) in undone.operations.enumerated() {
        guard let action = operation.action.reversal(undone, at: place) else { continue }
        for cites in action.returningPart == nil ? [[]] : subsets(node.changes.map(\.identity)) {
          change.operations = [Operation(record, action, cites: cites)]
          if try node.record.found(change).isAccepted {
            accepted.append(change)
            together += change.operations
          } else {
            refusedCount += 1
          }
        }
      }
      // What may come back alone may come back together.
      if together.count > 1 {
        change.operations = together
        guard try node.record.found(change).isAccepted else {
          throw Mismatch(description: "\(spelled(node.changes + [change])): refused together")
        }
        accepted.append(change)
        togetherCount += 1
      }
    }
    return accepted
  }

  /// Every set of some of these, ascending.
  private func subsets(_ identities: [ChangeIdentity]) -> [[ChangeIdentity]] {
    let sorted = identities.sorted()
    return (1..<(1 << sorted.count)).map { bits in
      sorted.indices.filter { bits & (1 << $0) != 0 }.map { sorted[$0] }
    }
  }
}

extension Action {
  /// What takes it back in an undoing change; nil where that is an ordinary operation.
  fileprivate func reversal(_ change: Change, at place: Int) -> Action? {
    switch self {
    case .write(let field, _): .writeBack(field)
    case .remove(let field, _): .addBack(field, undone: place)
    case .restore: change.undoes == nil ? .deleteBack : nil
    case .delete: .restore
    case .create, .add, .touch, .writeBack, .addBack, .deleteBack: nil
    }
  }
}

// MARK: - Coverage

extension TraceSearch {
  /// What the next change of an author can be based on.
  private func bases(_ node: Node, _ author: Int) -> [Basis] {
    let sizes = node.receivedByAuthor[author]...node.changes.count
    switch coverage {
    case .contexts: return sizes.map { Basis(received: $0) }
    case .contextsAndClocks:
      return sizes.flatMap { received in
        let clocks = Set(olderForms(node, author, upTo: received).map(\.clock))
          .sorted { $0.entries.lexicographicallyPrecedes($1.entries) }
        return [Basis(received: received)] + clocks.map { Basis(received: received, against: $0) }
      }
    case .everySet:
      var bases: [Basis] = []
      var seen: Set<UInt8> = []
      for received in sizes where seen.insert(covered(node, author, received, nil)).inserted {
        bases.append(Basis(received: received))
      }
      for form in olderForms(node, author, upTo: node.changes.count)
      where seen.insert(covered(node, author, form.received, form.own)).inserted {
        let received = max(form.received, node.receivedByAuthor[author])
        bases.append(Basis(received: received, against: form.clock))
      }
      return bases
    }
  }

  /// Every clock of the record that an author can have been shown: after each tree size, with some of
  /// its own changes.
  private func olderForms(
    _ node: Node, _ author: Int, upTo received: Int
  ) -> [(received: Int, own: Int, clock: VectorClock)] {
    (0...received).flatMap { size in
      (0...node.ownCounts[author]).map { own in
        var clock = node.clocks[size]
        clock.include(Dot(authors[author], Counter(UInt64(own))))
        return (size, own, clock)
      }
    }
  }

  /// The changes that a basis covers, a bit each: those of the first leaves, and of the author's own as
  /// many as said, or all.
  private func covered(_ node: Node, _ author: Int, _ received: Int, _ own: Int?) -> UInt8 {
    var bits: UInt8 = 0
    var ownSeen = 0
    for (index, other) in node.authors.enumerated() {
      if other == author { ownSeen += 1 }
      if index < received || (other == author && ownSeen <= own ?? .max) { bits |= 1 << index }
    }
    return bits
  }
}

// MARK: - Views

extension TraceSearch {
  /// Folds each author's received prefix and pending changes for every prefix it can have, and
  /// checks that leaves arriving later give the same as log order (ruling 1).
  private mutating func checkViews(_ node: Node) throws {
    for replica in authors {
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
