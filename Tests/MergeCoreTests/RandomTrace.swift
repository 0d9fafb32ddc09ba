import MergeCore
import SimulationKit

/// One random history of a ``ModelWorkspace``, made by a seed alone and checked as it goes.
struct RandomTrace {
  /// How often the rarer things happened, so that a test can tell that they did.
  struct Tally {
    var changes = 0
    var absorbed = 0
    var conflicts = 0
    var olderForms = 0
    var newKeys = 0
    var mergedEarly = 0
    var plantedFaults = 0
    var undone = 0
    /// Batches that the log refused for what they take back.
    var refused = 0

    static func += (left: inout Self, right: Self) {
      left.changes += right.changes
      left.absorbed += right.absorbed
      left.conflicts += right.conflicts
      left.olderForms += right.olderForms
      left.newKeys += right.newKeys
      left.mergedEarly += right.mergedEarly
      left.plantedFaults += right.plantedFaults
      left.undone += right.undone
      left.refused += right.refused
    }
  }

  private(set) var tally = Tally()
  private(set) var workspace: ModelWorkspace
  private var random: SplitMix64
  private var mail: [ArraySlice<ChainedChange>] = []
  private var clockTicks: Int64 = 0

  private static let records = [recordID(1), recordID(2), recordID(3)]

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
    workspace = ModelWorkspace(storeCount: Int.random(in: 2...5, using: &random))
  }

  /// Runs `stepCount` steps, lets all queues drain, and compares every replica with the oracle.
  mutating func run(stepCount: Int) throws {
    for _ in 0..<stepCount { try step() }
    _ = try checkReplay()
    try drain()
    for (record, checked) in try checkReplay() {
      tally.conflicts += checked.state.conflictCount
      try checkStored(checked.state)
      try checked.checkSum()
      if record == Self.records[0] { try plantFaults(in: checked, record) }
    }
  }

  private mutating func step() throws {
    let index = Int.random(in: workspace.stores.indices, using: &random)
    let pending = workspace.stores[index].pending
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<40: edit(index)
    case 40..<48: undo(index)
    case 48..<68: _ = try push(index, count: Int.random(in: 1...3, using: &random))
    case 68..<88:
      let received = workspace.stores[index].received
      try pull(index, to: Int.random(in: received...workspace.leaves.count, using: &random))
    case 88..<92 where workspace.stores.count < 8:
      workspace.copy(index, noticed: random.once(in: 3))
      tally.newKeys += 1
    case 92..<95 where !pending.isEmpty:
      workspace.refuse(index, pending: Int.random(in: pending.indices, using: &random))
      tally.newKeys += 1
    case 95..<98 where !pending.isEmpty:
      let first = pending[0].dot.replica
      mail.append(pending.prefix { $0.dot.replica == first }[...])
    default:
      if let batch = mail.randomElement(using: &random) {
        try check(workspace.accept(batch), of: batch.map(\.change), since: workspace)
      }
    }
  }

  private mutating func push(_ index: Int, count: Int) throws -> Acceptance {
    let before = workspace
    let acceptance = workspace.push(index, count: count)
    try check(acceptance, of: before.stores[index].pending.map(\.change), since: before)
    return acceptance
  }

  /// Nothing that its author was allowed to take back is refused, but in one case: another copy of the
  /// store has set aside what it counts on, and was the first to bring what the author did on it.
  private mutating func check(
    _ acceptance: Acceptance, of changes: [Change], since before: ModelWorkspace
  ) throws {
    guard case .refused(let dot) = acceptance else { return }
    tally.refused += 1
    guard !changes.contains(where: { before.hasPlacedElsewhere($0) }) else { return }
    throw Mismatch(description: "the log refuses to take back what \(dot) does")
  }

  /// Receives leaves, and checks that merging them onto the pending changes gives what folding the
  /// pending changes onto them gives (ruling 1), unless the leaves hold some of these very changes.
  private mutating func pull(_ index: Int, to treeSize: Int) throws {
    let before = workspace.stores[index]
    let leaves = workspace.leaves[before.received..<treeSize].joined()
    let keptReplica = workspace.pull(index, to: treeSize)
    if !keptReplica { tally.newKeys += 1 }
    let own = Set(before.pending.map(\.change.identity))
    guard keptReplica, !own.isEmpty, !leaves.contains(where: { own.contains($0.identity) })
    else { return }
    let early = before.view.applying(leaves)
    guard early.states == workspace.stores[index].view.states else {
      throw Mismatch(description: "store \(index): merged early differs from log order")
    }
    tally.mergedEarly += 1
  }

  /// After faults stop, all queues drain and all replicas converge (DESIGN.md §7, 8).
  private mutating func drain() throws {
    for _ in 0..<12 {
      for index in workspace.stores.indices {
        for _ in 0..<40 where !workspace.stores[index].pending.isEmpty {
          if try push(index, count: 1000) == .accepted(new: 0) { break }
        }
        try pull(index, to: workspace.leaves.count)
      }
    }
    let views = workspace.stores.map(\.view.states)
    guard workspace.stores.allSatisfy(\.pending.isEmpty), views.allSatisfy({ $0 == views[0] })
    else { throw Mismatch(description: "the stores did not converge") }
  }
}

// MARK: - Edits

extension RandomTrace {
  /// Takes back one of the store's own changes, the latest or any.
  private mutating func undo(_ index: Int) {
    let own = workspace.ownChanges(index)
    guard let undone = random.once(in: 2) ? own.last : own.randomElement(using: &random) else {
      return
    }
    clockTicks = Int64.random(in: 0...4, using: &random)
    if workspace.undo(index, undone, time: clockTicks) { tally.undone += 1 }
  }

  private mutating func edit(_ index: Int) {
    let record = Self.records.randomElement(using: &random) ?? Self.records[0]
    var operations = operations(on: record)
    if random.once(in: 6), let other = Self.records.first(where: { $0 != record }) {
      operations += self.operations(on: other)
    }
    for position in operations.indices where random.once(in: 4) {
      let shown = workspace.stores[index].shownClocks[operations[position].record] ?? []
      operations[position].against = shown.randomElement(using: &random)
      if operations[position].against != nil { tally.olderForms += 1 }
    }
    // Few times, so that they tie; and not in order, as wrong clocks are.
    clockTicks = Int64.random(in: 0...4, using: &random)
    workspace.edit(index, operations, time: clockTicks)
    tally.changes += 1
  }

  /// One change's operations on one record: each field and element at most once, and a delete alone.
  private mutating func operations(on record: RecordID) -> [Operation] {
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return [Operation(record, .create(nil)), Operation(record, .touch)]
    case 1: return [Operation(record, .create(value()))]
    case 2: return [Operation(record, .touch)]
    case 3..<7: return [Operation(record, .delete, isResolution: random.once(in: 4))]
    case 7, 8: return [Operation(record, .restore), Operation(record, .write(target, value()))]
    case 9: return [Operation(record, .restore, isResolution: true)]
    case 10: return [Operation(record, .add(tags, value()))]
    case 11:
      let salt = salt()
      return ["z", "x"].map { Operation(record, .add(tags, content($0, salt: salt))) }
    case 12: return [Operation(record, .remove(tags, value()))]
    case 13:
      let salt = salt()
      return ["x", "y", "z"].map { Operation(record, .remove(tags, content($0, salt: salt))) }
    case 14:
      return [
        Operation(record, .add(tags, content("x", salt: salt()))),
        Operation(record, .remove(tags, content("y", salt: salt()))),
      ]
    case 15:
      return [
        Operation(record, .write(note, value())), Operation(record, .write(target, value())),
      ]
    default:
      return [Operation(record, .write(note, value()), isResolution: random.once(in: 4))]
    }
  }

  private mutating func value() -> Content {
    content(["x", "y", "z"].randomElement(using: &random) ?? "x", salt: salt())
  }

  private mutating func salt() -> UInt8 { UInt8.random(in: 0...15, using: &random) }
}

// MARK: - Checks

extension RandomTrace {
  /// Replays the log and each store's pending changes beside the oracle, and compares them with what
  /// the stores have; returns the records at the end of the log.
  private mutating func checkReplay() throws -> [RecordID: CheckedRecord] {
    var replay = Dictionary(uniqueKeysWithValues: Self.records.map { ($0, CheckedRecord($0)) })
    for treeSize in 0...workspace.leaves.count {
      for store in workspace.stores where store.received == treeSize {
        try check(store.base, equals: replay)
        guard !store.pending.isEmpty else { continue }
        var view = replay
        for chained in store.pending { try apply(chained.change, to: &view, isLenient: true) }
        try check(store.view, equals: view)
      }
      guard treeSize < workspace.leaves.count else { break }
      for change in workspace.leaves[treeSize] { try apply(change, to: &replay) }
    }
    return replay
  }

  private mutating func apply(
    _ change: Change, to records: inout [RecordID: CheckedRecord], isLenient: Bool = false
  ) throws {
    for record in change.records {
      let decisions = try records[record]?.apply(change, isLenient: isLenient) ?? []
      tally.absorbed += decisions.count { $0.rule == .absorbed }
    }
  }

  private func check(_ fold: WorkspaceFold, equals replay: [RecordID: CheckedRecord]) throws {
    for (record, checked) in replay
    where fold.states[record] ?? RecordState() != checked.state {
      throw Mismatch(description: "record \(record): a store differs from the replay")
    }
  }

  private func checkStored(_ state: RecordState) throws {
    guard RecordState(stored: state.stored) == state else {
      throw Mismatch(description: "stored bytes read back differ: \(state)")
    }
  }

  /// Puts a wrong sibling in, takes one out, and swaps one: each changes the digest's sum.
  private mutating func plantFaults(in checked: CheckedRecord, _ record: RecordID) throws {
    guard let wrong = checked.state.registers.first?.siblings.first else { return }
    var more = checked.state
    var fewer = checked.state
    var other = checked.state
    var planted = wrong
    planted.identity.origin = Dot(replicaD, 77)
    more.registers[0].siblings.append(planted)
    fewer.registers[0].siblings.removeFirst()
    other.registers[0].siblings[0].content?.commitment = digest(1)
    let sum = checked.sum
    for state in [more, fewer, other] {
      guard digestSum(state.digestElements, of: record) != sum else {
        throw Mismatch(description: "a planted fault keeps the digest: \(state)")
      }
      tally.plantedFaults += 1
    }
  }
}
