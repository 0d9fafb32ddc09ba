/// What a replica has received: for each replica the highest counter.
///
/// A replica that is absent counts as 0. Entries are kept in replica order, so equal vectors have
/// equal encodings. Look-up is O(log n), an update O(n) in the number of replicas.
package struct VersionVector: Hashable, Sendable {
  /// The entries, ascending by replica, every counter at least 1.
  package private(set) var entries: [Dot]

  package init() { entries = [] }

  /// Builds a vector from dots in any order; of several dots of one replica the highest counts.
  package init(_ dots: some Sequence<Dot>) {
    entries = []
    for dot in dots { include(dot) }
  }

  package var isEmpty: Bool { entries.isEmpty }

  /// The highest counter of `replica`, 0 when there is none.
  package subscript(replica: ReplicaID) -> Counter {
    let index = position(of: replica)
    guard index < entries.count, entries[index].replica == replica else { return 0 }
    return entries[index].counter
  }

  /// Whether the change that `dot` names is within this vector.
  package func contains(_ dot: Dot) -> Bool { self[dot.replica] >= dot.counter }

  /// Raises the entry of the dot's replica to its counter; never lowers it.
  package mutating func include(_ dot: Dot) {
    guard dot.counter > 0 else { return }
    let index = position(of: dot.replica)
    if index < entries.count, entries[index].replica == dot.replica {
      entries[index].counter = max(entries[index].counter, dot.counter)
    } else {
      entries.insert(dot, at: index)
    }
  }

  /// Raises every entry to that of `other`: the least upper bound of the two.
  package mutating func include(_ other: VersionVector) {
    for dot in other.entries { include(dot) }
  }

  /// The same vector without `replica`.
  package mutating func remove(_ replica: ReplicaID) {
    entries.removeAll { $0.replica == replica }
  }

  private func position(of replica: ReplicaID) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].replica < replica { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The changes merged into one record; the same shape as a version vector.
package typealias VectorClock = VersionVector

/// How two version vectors relate: a partial order, so no `Comparable`.
package enum CausalOrder: Sendable {
  case equal, before, after, concurrent
}

extension VersionVector {
  /// Compares two vectors entry by entry, in O(n + m) look-ups.
  package func order(to other: VersionVector) -> CausalOrder {
    let behind = entries.contains { other[$0.replica] < $0.counter }
    let ahead = other.entries.contains { self[$0.replica] < $0.counter }
    switch (behind, ahead) {
    case (false, false): return .equal
    case (false, true): return .before
    case (true, false): return .after
    case (true, true): return .concurrent
    }
  }
}
