import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol
import TransparencyLog

extension Workspace {
  /// Makes everything that follows from leaves, batches and pending changes anew, and keeps of the rest
  /// what is as it was written.
  ///
  /// A pending change that cannot be read is lost; those after it are brought again under a successor.
  /// Throws ``RepairRefusal``; then the store is as it was.
  ///
  /// - Parameter progress: is told how many leaves, and then pending changes, are done.
  package func repair(progress: (UInt64) -> Void = { _ in }) throws -> RepairOutcome {
    var outcome = RepairOutcome()
    let kept = try logDatabase.replaceContent { old, fresh in
      var repair = StoreRepair(old: old, fresh: fresh, machine: machine)
      outcome = try repair.run(progress)
    }
    outcome.keptFile = kept
    return outcome
  }
}

/// One store's repair under way, into a fresh file.
private struct StoreRepair {
  let old: Database
  let fresh: Database
  let machine: Machine
  private let copy: RowCopy
  private var losses: [String] = []

  init(old: Database, fresh: Database, machine: Machine) {
    self.old = old
    self.fresh = fresh
    self.machine = machine
    copy = RowCopy(old: old, fresh: fresh)
  }

  mutating func run(_ progress: (UInt64) -> Void) throws -> RepairOutcome {
    try rebuildLog(progress)
    try copySettings()
    try copyReplicas()
    var salvage = try PendingSalvage(old: old, fresh: fresh, log: LogReader(fresh))
    let leaves = try LogReader(fresh).treeSize
    let pending = try salvage.run { progress(leaves + $0) }
    losses += pending.losses
    for table in ["quarantine", "renamed_dot"] { losses += try copy.copy(table).map { [$0] } ?? [] }
    losses += try copy.copyOthers(
      handled: [
        "setting", "own_replica", "pending", "pending_record", "pending_record_change",
        "pending_total", "quarantine", "renamed_dot",
      ])
    try bringAgain(pending.cutOff)
    try rebuildOverlay()
    return RepairOutcome(losses: losses, leaves: leaves)
  }

  private mutating func rebuildLog(_ progress: (UInt64) -> Void) throws {
    let row = try? Row.fetchOne(old, sql: "SELECT * FROM log")
    let key = try? row?.optionalText("log_key").flatMap { try VerifierKey($0) }
    let isEmpty = try Row.fetchOne(old, sql: "SELECT position FROM leaf LIMIT 1") == nil
    guard let key else {
      guard isEmpty else { throw RepairRefusal.nothingSigned }
      return
    }
    // Before there is a leaf nothing but the row says which key is right.
    if isEmpty, row?.isSealed(in: "log") != true {
      let isJoining = try? PendingChanges(old).first()?.isEnrolment()
      guard isJoining == false else { throw RepairRefusal.nothingSigned }
      losses.append(
        "which key signs the server's log was damaged, and is forgotten: hashiya publish CODE again"
      )
      return
    }
    let seen = (try? old.setting(.largestCheckpoint)).flatMap { Base64.decode($0) }
    let log = try LogRebuild(of: old, logKey: key)
      .run(into: fresh, known: seen.map { [$0] } ?? [], progress: progress)
    // A store has no leaf that was not signed, so that its log's end says which key is right.
    guard try log.checkpoint(ofAtMost: log.treeSize)?.size ?? 0 == log.treeSize else {
      throw RepairRefusal.nothingSigned
    }
  }

  /// Settings that are as they were written, and those that can be checked or are easily seen.
  private mutating func copySettings() throws {
    for row in try copy.rows(of: "setting").rows {
      guard let name = try? row.text("name"), let setting = Setting(rawValue: name),
        let value = try? row.text("value")
      else { continue }
      if row.isSealed(in: "setting") {
        try fresh.set(setting, value)
        continue
      }
      switch setting {
      case .url, .slot, .analyst:
        try fresh.set(setting, value)
        losses.append("\(name) may have been altered, and is \(value) now: see hashiya status")
      case .workspace: continue
      default: losses.append("\(name) was damaged, and is forgotten")
      }
    }
    try settleWorkspace()
  }

  /// The workspace that the store was given and the one that its leaf 0 makes are one.
  private func settleWorkspace() throws {
    let log = try LogReader(fresh)
    let given = try fresh.setting(.workspace).flatMap { Digest256(hex: $0) }
    guard let workspace = log.workspace ?? given else {
      throw RepairRefusal.ownKeyLost("which workspace the store is of is damaged")
    }
    guard given == nil || given == workspace else {
      throw RepairRefusal.otherWorkspace
    }
    try fresh.set(.workspace, workspace.hex)
    if log.treeSize == 0 {
      var writer = try LogWriter(unsigned: fresh)
      try writer.pin(workspace: workspace)
    }
  }

  private mutating func copyReplicas() throws {
    let (rows, isWhole) = try copy.rows(of: "own_replica")
    guard isWhole, !rows.isEmpty else {
      throw RepairRefusal.ownKeyLost("the store's own keys cannot be read")
    }
    for row in rows {
      guard row.isSealed(in: "own_replica") else {
        throw RepairRefusal.ownKeyLost("a key of the store's own is damaged")
      }
      try copy.insert(row, into: "own_replica")
    }
  }

  /// Brings changes again whose predecessors are lost: under a successor, with their own bytes.
  ///
  /// A replica whose enrolment is lost was never anybody's: the one before it is continued.
  private mutating func bringAgain(_ rows: [PendingRow]) throws {
    let log = try LogReader(fresh)
    let active = try OwnReplica.active(fresh).id
    let isEnrolled = try ChainEnd(of: active, fresh, log).counter > 0
    guard !rows.isEmpty || !isEnrolled else { return }
    var last: (replica: OwnReplica, end: ChainEnd)?
    for replica in try OwnReplica.all(fresh) {
      let end = try ChainEnd(of: replica.id, fresh, log)
      if end.counter > 0 { last = (replica, end) }
    }
    guard let (predecessor, end) = last else {
      throw RepairRefusal.ownKeyLost("the enrolment of the store's own replica is damaged")
    }
    let successor = try fresh.mintSuccessor(
      of: predecessor, after: (end.counter, end.hash), machine: machine)
    let settlement = PendingSettlement(db: fresh, machine: machine)
    var names = try RenamedDots(
      fresh, of: Set(rows.map(\.dot.replica)), since: RenamedDots.end(fresh), by: successor)
    for row in rows where try !row.isEnrolment() {
      let change = try PendingChanges(fresh).decode(row)
      let dot = try settlement.again(row, change, names, by: successor, log)
      try names.rename(row.dot, to: dot)
    }
  }

  private func rebuildOverlay() throws {
    let pending = PendingChanges(fresh)
    var records = Set<RecordID>()
    for row in try pending.rows() { records.formUnion(try pending.decode(row).records) }
    try pending.rebuild(records, on: LogReader(fresh))
    for row in try Quarantine(fresh).rows() {
      try fresh.store(contentsOf: row.change.received().contents)
    }
  }
}
