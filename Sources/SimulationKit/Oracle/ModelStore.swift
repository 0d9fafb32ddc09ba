package import MergeCore

/// One store of a ``ModelWorkspace``: a received prefix of the log and pending changes of its own.
package struct ModelStore: Sendable {
  /// The replica that its next change is made under.
  package private(set) var replica: ReplicaID
  /// How many leaves it has received.
  package private(set) var received = 0
  /// Its changes that it has not received back, in the order of making; those of frozen
  /// predecessors keep their own dots.
  package private(set) var pending: [ChainedChange] = []
  /// fold(log prefix).
  package private(set) var base = WorkspaceFold()
  /// Clocks of records as they were shown at some time: what an older form may be saved against.
  package private(set) var shownClocks: [RecordID: [VectorClock]] = [:]

  private var counter: Counter = 0
  /// Its own changes: each predecessor's up to the succession, and its replica's so far.
  private var own = VersionVector()
  private var last: ChainLink?

  init(replica: ReplicaID) { self.replica = replica }

  /// fold(log prefix), then fold(own pending): the state that people see (ruling 1).
  package var view: WorkspaceFold { base.applying(pending.map(\.change)) }

  /// Goes on under a new key, certified after the last change (ruling 12).
  fileprivate mutating func succeed(as successor: ReplicaID) {
    replica = successor
    counter = 0
  }
}

extension ModelWorkspace {
  /// Makes a change at a store, with what the store has received as its context.
  package mutating func edit(_ index: Int, _ operations: [Operation], time: Int64) {
    stores[index].commit(operations, time: time, chainHash: nextChainHash())
  }

  /// A store's own changes as it has them, in the order of making, those that undo left out.
  package func ownChanges(_ index: Int) -> [Change] {
    let store = stores[index]
    let logged = leaves[..<store.received].joined().filter {
      $0.carrier.dot.replica == store.replica
    }
    return (logged + store.pending.map(\.change)).filter { $0.undoes == nil }
  }

  /// Takes one of a store's own changes back, all of it, as far as nobody has worked on it since;
  /// returns whether there was anything to take back.
  package mutating func undo(_ index: Int, _ undone: Change, time: Int64) -> Bool {
    let view = stores[index].view
    guard let change = stores[index].undoing(undone, in: view) else { return false }
    stores[index].commit(
      change.operations, time: time, chainHash: nextChainHash(), undoing: undone.identity)
    return true
  }

  /// Copies a store, as a copied laptop or a restored backup does.
  ///
  /// A copy that notices freezes the replica and mints a successor; one that does not will fork.
  package mutating func copy(_ index: Int, noticed: Bool) {
    var copy = stores[index]
    if noticed { copy.succeed(as: nextReplica()) }
    stores.append(copy)
  }

  /// Pushes the first `count` pending changes, or those of them that one replica carries.
  ///
  /// A fork makes the store reissue what is not logged (ruling 12). So does a refusal, once the store
  /// has received what tells why; what would be refused then is taken back otherwise, or left out
  /// (ruling 30).
  @discardableResult
  package mutating func push(_ index: Int, count: Int) -> Acceptance {
    let unlogged = stores[index].pending.drop { hasLogged($0.link) }
    guard let first = unlogged.first else { return .accepted(new: 0) }
    let batch = unlogged.prefix { $0.dot.replica == first.dot.replica }.prefix(count)
    let acceptance = accept(batch)
    switch acceptance {
    case .fork: reissue(index, dropping: nil)
    case .refused:
      pull(index, to: leaves.count)
      reissue(index, dropping: nil)
    case .accepted, .predecessorMissing: break
    }
    return acceptance
  }

  /// Receives the log up to `treeSize` leaves.
  ///
  /// Returns false when the store found its own replica forked or ahead of it and went on under
  /// another key; its pending changes then have other dots than before.
  @discardableResult
  package mutating func pull(_ index: Int, to treeSize: Int) -> Bool {
    var keptReplica = true
    while stores[index].received < treeSize {
      let leaf = leaves[stores[index].received]
      if stores[index].pending.contains(where: { mine in
        !hasLogged(mine.link) && leaf.contains { $0.carrier.dot == mine.dot }
      }) {
        reissue(index, dropping: nil)
        keptReplica = false
      }
      if stores[index].isBehind(leaf) {
        stores[index].succeed(as: nextReplica())
        keptReplica = false
      }
      stores[index].receive(leaf)
    }
    return keptReplica
  }

  /// Refuses one unlogged change for its author's role: it leaves the state, and the rest is
  /// reissued (ruling 16).
  package mutating func refuse(_ index: Int, pending position: Int) {
    guard !hasLogged(stores[index].pending[position].link) else { return }
    reissue(index, dropping: stores[index].pending[position].dot)
  }

  /// Reissues all unlogged work in order, by a new successor of the last logged change (ruling 12).
  private mutating func reissue(_ index: Int, dropping dropped: Dot?) {
    let logged = stores[index].pending.prefix { hasLogged($0.link) }.count
    let hashes = stores[index].pending.map { _ in nextChainHash() }
    let changes = leaves.joined() + stores[index].pending.map(\.change)
    stores[index].reissue(
      after: logged, dropping: dropped, as: nextReplica(), chainHashes: hashes
    ) { identity in changes.first { $0.identity == identity } }
  }
}

extension ModelStore {
  /// The store's next change, before it is made.
  fileprivate func draft(
    _ operations: [Operation], time: Int64 = 0, chainHash: Digest256 = .zero,
    undoing undoes: ChangeIdentity?
  ) -> Change {
    let dot = Dot(replica, counter.next)
    return Change(
      identity: ChangeIdentity(origin: dot, chainHash: chainHash), carrier: Carrier(dot, .pending),
      context: CausalContext(treeSize: UInt64(received), own: own), time: time,
      operations: operations, undoes: undoes)
  }

  /// The store's next change, where it takes back what `undone` did, all of it; nil where there is
  /// nothing to take back, or something else in its place.
  fileprivate func undoing(
    _ undone: Change, in view: WorkspaceFold, time: Int64 = 0, chainHash: Digest256 = .zero
  ) -> Change? {
    let operations = view.reversal(of: undone)
    // A change that deletes a record does nothing else to it.
    let deleted = Set(operations.filter(\.action.isDelete).map(\.record))
    guard !operations.isEmpty,
      operations.allSatisfy({ $0.action.isDelete || !deleted.contains($0.record) })
    else { return nil }
    let change = draft(operations, time: time, chainHash: chainHash, undoing: undone.identity)
    return view.accepts(change) ? change : nil
  }

  fileprivate mutating func commit(
    _ operations: [Operation], time: Int64, chainHash: Digest256,
    undoing undoes: ChangeIdentity? = nil
  ) {
    let change = draft(operations, time: time, chainHash: chainHash, undoing: undoes)
    let dot = change.carrier.dot
    counter = dot.counter
    let chained = ChainedChange(change: change, chainHash: chainHash, previous: last)
    pending.append(chained)
    own.include(dot)
    last = chained.link
    noteClocks(of: operations.map(\.record))
  }

  /// Whether the log carries changes of this very replica that the store does not know: a copy of
  /// it is at work.
  fileprivate func isBehind(_ leaf: [Change]) -> Bool {
    leaf.contains { $0.carrier.dot.replica == replica && $0.carrier.dot.counter > counter }
  }

  fileprivate mutating func receive(_ leaf: [Change]) {
    for change in leaf {
      base.apply(change)
      pending.removeAll { $0.dot == change.carrier.dot }
    }
    received += 1
    noteClocks(of: leaf.flatMap(\.records))
  }

  private mutating func noteClocks(of records: [RecordID]) {
    for record in Set(records) {
      var clock = base.clock(of: record)
      for chained in pending
      where chained.change.operations.contains(where: { $0.record == record }) {
        clock.include(chained.dot)
      }
      shownClocks[record, default: []].append(clock)
    }
  }

  /// The unlogged changes again under a successor's dots, with their bytes, tree sizes and times.
  ///
  /// Their contexts and clocks name own changes by dots that are taken by others now. Coverage
  /// through a succession is by chain hash, so those dots become the new ones. What takes a change back
  /// and would be refused on what is left is made anew, or left out (ruling 30).
  ///
  /// - Parameter find: the change of this identity, logged or pending.
  fileprivate mutating func reissue(
    after logged: Int, dropping dropped: Dot?, as successor: ReplicaID, chainHashes: [Digest256],
    find: (ChangeIdentity) -> Change?
  ) {
    guard logged < pending.count else { return }
    let unlogged = pending[logged...]
    let forked = Set(unlogged.map(\.dot.replica))
    let ownBefore = unlogged[logged].change.context.own
    own = ownBefore
    last = unlogged[logged].previous
    succeed(as: successor)
    pending.removeSubrange(logged...)
    var left = view
    var dotsByOldDot: [Dot: Dot] = [:]
    for (var chained, hash) in zip(unlogged, chainHashes) where chained.dot != dropped {
      let dot = Dot(successor, counter.next)
      let oldDot = chained.dot
      for index in chained.change.operations.indices {
        guard let clock = chained.change.operations[index].against else { continue }
        let kept = clock.entries.map { entry in
          forked.contains(entry.replica)
            ? Dot(entry.replica, min(entry.counter, ownBefore[entry.replica])) : entry
        }
        let renamed = dotsByOldDot.filter { clock.contains($0.key) }.values
        chained.change.operations[index].against = VectorClock(kept + renamed)
      }
      chained.change.context.own = own
      chained.change.carrier = Carrier(dot, .pending)
      if !left.accepts(chained.change) {
        guard let undone = chained.change.undoes, left.placingDots[undone] != nil,
          let anew = find(undone).flatMap({
            undoing($0, in: left, time: chained.change.time, chainHash: hash)
          })
        else { continue }
        chained.change = anew
      }
      left.apply(chained.change)
      counter = dot.counter
      dotsByOldDot[oldDot] = dot
      chained.chainHash = hash
      chained.previous = last
      pending.append(chained)
      own.include(dot)
      last = chained.link
    }
    shownClocks = [:]
  }
}
