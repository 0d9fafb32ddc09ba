package import MergeCore

/// One change in the chain of the replica that carries it.
package struct ChainedChange: Sendable {
  package var change: Change
  /// The carrier's chain hash; the identity's own unless the change was reissued.
  package var chainHash: Digest256
  /// What its chain stands on: the change before it, or the one that its replica succeeded.
  package var previous: ChainLink?

  package var dot: Dot { change.carrier.dot }
}

/// A change by its dot and chain hash there.
package struct ChainLink: Hashable, Sendable {
  package var dot: Dot
  package var chainHash: Digest256
}

/// What the log answered to a batch.
package enum Acceptance: Hashable, Sendable {
  /// This many of the changes were new and stand in one new leaf; 0 when all were known.
  case accepted(new: Int)
  /// A change or a succession stands on one that is not logged yet: try again later.
  case predecessorMissing
  /// The log has other bytes under one of the dots.
  case fork
  /// The change of this dot brings back what it may not; nothing was taken in.
  case refused(Dot)
}

/// One log and its stores, without bytes, keys or network: enough to make every causal history that
/// rulings 1 to 14 allow, forks, successors and reissues included.
///
/// Chain hashes are serial numbers, so two changes made apart never share one.
package struct ModelWorkspace: Sendable {
  /// Each leaf's changes, at their positions.
  package private(set) var leaves: [[Change]] = []
  package var stores: [ModelStore] = []
  /// fold(log).
  private var fold = WorkspaceFold()
  private var chainsByReplica: [ReplicaID: [Digest256]] = [:]
  private var serial: UInt64 = 0

  /// A workspace of `storeCount` stores, each with a replica of its own.
  package init(storeCount: Int) {
    for _ in 0..<storeCount { stores.append(ModelStore(replica: nextReplica())) }
  }

  /// Whether the log has exactly this change under this dot.
  package func hasLogged(_ link: ChainLink) -> Bool {
    let chain = chainsByReplica[link.dot.replica] ?? []
    let index = Int(link.dot.counter.rawValue) - 1
    return index < chain.count && chain[index] == link.chainHash
  }

  /// Takes consecutive changes of one replica into one leaf, those that are known left out
  /// (rulings 12 and 21).
  package mutating func accept(_ batch: ArraySlice<ChainedChange>) -> Acceptance {
    var fresh: [ChainedChange] = []
    for chained in batch {
      let chain = (chainsByReplica[chained.dot.replica] ?? []) + fresh.map(\.chainHash)
      let index = Int(chained.dot.counter.rawValue) - 1
      if index < chain.count {
        guard chain[index] == chained.chainHash else { return .fork }
        continue
      }
      guard index == chain.count else { return .predecessorMissing }
      if let previous = chained.previous, !(fresh.last.map { $0.link == previous } ?? false) {
        let logged = (chainsByReplica[previous.dot.replica] ?? []).count
        guard logged >= Int(previous.dot.counter.rawValue) else { return .predecessorMissing }
        guard hasLogged(previous) else { return .fork }
      }
      fresh.append(chained)
    }
    guard !fresh.isEmpty else { return .accepted(new: 0) }
    let position = LogPosition.leaf(UInt64(leaves.count))
    let leaf = fresh.map { chained in
      var change = chained.change
      change.carrier.position = position
      return change
    }
    var next = fold
    for change in leaf {
      guard next.accepts(change) else { return .refused(change.carrier.dot) }
      next.apply(change)
    }
    fold = next
    leaves.append(leaf)
    for chained in fresh {
      chainsByReplica[chained.dot.replica, default: []].append(chained.chainHash)
    }
    return .accepted(new: fresh.count)
  }

  /// Whether the log has a change, and placed it where another dot than this brought it.
  package func hasPlacedElsewhere(_ change: Change) -> Bool {
    fold.placingDots[change.identity].map { $0 != change.carrier.dot } ?? false
  }

  /// A replica that nobody has yet; its id scatters, so that order of making is not order of bytes.
  mutating func nextReplica() -> ReplicaID {
    let word = nextSerial() &* 0x9E37_79B9_7F4A_7C15
    return ReplicaID(bigEndianBytes(word) + bigEndianBytes(~word)) ?? .zero
  }

  /// A chain hash that nothing has yet.
  mutating func nextChainHash() -> Digest256 {
    let word = nextSerial() &* 0xD6E8_FEB8_6659_FD93
    return Digest256(Array([word, word, word, word].map(bigEndianBytes).joined())) ?? .zero
  }

  private mutating func nextSerial() -> UInt64 {
    serial += 1
    return serial
  }
}

extension ChainedChange {
  /// This change, as the next one of its chain names it.
  package var link: ChainLink { ChainLink(dot: dot, chainHash: chainHash) }
}
