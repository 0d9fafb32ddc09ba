extension WorkspaceSimulation {
  /// How often things happened, so that a test can tell that they did.
  struct Tally {
    var edits: [SimulatedEdits.Kind: Int] = [:]
    var faults: [NetworkFault: Int] = [:]
    var copies = 0
    var restores = 0
    var bundles = 0
    var mail = 0
    var roleChanges = 0
    var revocations = 0
    var withdrawals = 0
    var refused = 0
    var undoneAnew = 0
    var successors = 0
    var leaves = 0
    var conflicts = 0
    var absorbed = 0
    var closedStores = 0
    var serverRestores: [ServerLoss: Int] = [:]
    var stoppedSyncs = 0
    var clockJumps = 0
    var clockDoubts = 0
    var confirmedClocks = 0
    var oddDates = 0

    /// What clocks that jump bring about, by what it is called.
    var clockWeather: [(what: String, count: Int)] {
      [
        ("clocks jump", clockJumps), ("servers doubt them", clockDoubts),
        ("operators confirm them", confirmedClocks), ("leaves have odd dates", oddDates),
      ]
    }

    mutating func include(_ other: Tally) {
      edits.merge(other.edits, uniquingKeysWith: +)
      faults.merge(other.faults, uniquingKeysWith: +)
      copies += other.copies
      restores += other.restores
      bundles += other.bundles
      mail += other.mail
      roleChanges += other.roleChanges
      revocations += other.revocations
      withdrawals += other.withdrawals
      refused += other.refused
      undoneAnew += other.undoneAnew
      successors += other.successors
      leaves += other.leaves
      conflicts += other.conflicts
      absorbed += other.absorbed
      closedStores += other.closedStores
      serverRestores.merge(other.serverRestores, uniquingKeysWith: +)
      stoppedSyncs += other.stoppedSyncs
      clockJumps += other.clockJumps
      clockDoubts += other.clockDoubts
      confirmedClocks += other.confirmedClocks
      oddDates += other.oddDates
    }
  }
}
