/// What a change's author had received when making it.
///
/// Everybody receives a prefix of one log, so the context is a tree size and the author's own
/// chain, and stands for a whole version vector (DESIGN.md §3).
package struct CausalContext: Hashable, Sendable {
  /// How many leaves of the log the author had received.
  package var treeSize: UInt64

  /// The author's own changes: its replica up to the preceding counter, and each predecessor up to
  /// the counter at which it was succeeded.
  package var own: VersionVector

  package init(treeSize: UInt64, own: VersionVector) {
    self.treeSize = treeSize
    self.own = own
  }
}

/// Where a change stands: in the log at a leaf, or committed by its author and not in the log yet.
package enum LogPosition: Hashable, Sendable {
  case leaf(UInt64)
  case pending
}

/// One appearance of a change: the dot that carries it, and where.
///
/// A change has more than one carrier only when two copies of a store each brought it to the log.
package struct Carrier: Hashable, Sendable {
  package var dot: Dot
  package var position: LogPosition

  package init(_ dot: Dot, _ position: LogPosition) {
    self.dot = dot
    self.position = position
  }
}

/// What an operation supersedes: what its author had received, or the older form it was typed on.
package enum Coverage: Hashable, Sendable {
  case context(CausalContext)
  case clock(VectorClock)

  /// Whether the change with these carriers is covered: any one carrier suffices.
  package func covers(_ carriers: [Carrier]) -> Bool {
    carriers.contains { carrier in
      switch self {
      case .clock(let clock):
        return clock.contains(carrier.dot)
      case .context(let context):
        if case .leaf(let index) = carrier.position, index < context.treeSize { return true }
        return context.own.contains(carrier.dot)
      }
    }
  }
}
