/// What several operations on one part take away together, asked of one value after the other.
///
/// The union of what operations cover is a context again: the largest of their tree sizes, and for each
/// replica the highest of their counters. So a question costs a look-up, not a comparison with each.
struct Reach {
  private let takers: [PartOperation]
  /// What those cover that take whatever they cover.
  private var all = CausalContext(treeSize: 0, own: VersionVector())
  /// What those cover that take away the values of one change alone.
  private var bySource: [ChangeIdentity: CausalContext] = [:]

  /// - Parameter operations: those on the part that count; such as take nothing away are passed over.
  init(_ operations: [PartOperation]) {
    takers = operations.filter(\.takes)
    for taker in takers {
      if let only = taker.only {
        bySource[only, default: CausalContext(treeSize: 0, own: VersionVector())]
          .include(taker.coverage)
      } else {
        all.include(taker.coverage)
      }
    }
  }

  /// Whether one of the operations takes the value away.
  ///
  /// - Parameter own: the operation on the part by which the value came, where that is known to have
  ///   met or taken something.
  func holds(_ sibling: Sibling, broughtBy own: PartOperation?) -> Bool {
    guard
      Coverage.context(all).covers(sibling.carriers)
        || bySource[sibling.source].map({ Coverage.context($0).covers(sibling.carriers) }) ?? false
    else { return false }
    // No change takes away what it brings; only a clock could cover it, and then each is asked.
    guard let own, own.coverage.covers(sibling.carriers) else { return true }
    return takers.contains { $0.reaches(sibling) }
  }
}

extension CausalContext {
  /// Covers from now on what the other covers as well.
  fileprivate mutating func include(_ coverage: Coverage) {
    switch coverage {
    case .context(let context):
      treeSize = max(treeSize, context.treeSize)
      own.include(context.own)
    case .clock(let clock): own.include(clock)
    }
  }
}
