import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore
import SyncProtocol

/// A change that the server refused: out of the state, kept until the analyst releases or drops it
/// (ruling 16).
package struct QuarantinedChange: Sendable {
  /// What it was to do.
  package var entry: HistoryEntry
  /// The stable code of the refusal.
  package var code: String
  /// What the server said.
  package var reason: String
}

extension WorkspaceReader {
  /// The refused changes, the oldest first; the first so many where a limit is given.
  package func quarantined(limit: Int = .max) throws -> [QuarantinedChange] {
    let rows = try Quarantine(db).rows()
    var names: [RecordID: String] = [:]
    return try rows.prefix(limit).map { row in
      let change = try PendingChanges(db).decode(row.change)
      try nameLabels(madeBy: change, &names)
      var entry = try historyEntry(change, .pending)
      for index in entry.parts.indices {
        guard case .label(let label, _, nil) = entry.parts[index].value, let name = names[label]
        else { continue }
        entry.parts[index].value = .label(label, name: name, now: nil)
      }
      return QuarantinedChange(entry: entry, code: row.code, reason: row.reason)
    }
  }

  /// Collects the names of labels that a change makes and that are in no state, since it was refused.
  private func nameLabels(madeBy change: DecodedChange, _ names: inout [RecordID: String]) throws {
    for operation in change.operations where operation.record.kind == .label {
      guard case .create(let content?) = operation.action,
        try state(of: operation.record)?.creations.isEmpty ?? true,
        let bytes = try self.content(content.value)
      else { continue }
      names[operation.record] = try? UTF8Text.string(of: bytes)
    }
  }

  package func quarantinedCount() throws -> Int {
    try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM quarantine") ?? 0
  }
}

extension Workspace {
  /// Makes refused changes pending again, and returns how many.
  ///
  /// Nil means all of them. They come after what was made since, as if made now, but with their
  /// original bytes and times. A dot that is not in quarantine is passed over: another process has seen
  /// to it.
  ///
  /// Throws ``AuthoringRefusal/refusedByAll(_:_:)`` where one would be refused again; then all stay.
  package func release(_ dots: [Dot]?) throws -> Int {
    try write { db in
      try WorkspaceReader(db).checkIsNotRevoked()
      let rows = try Quarantine(db).rows(dots)
      try PendingSettlement(db: db, machine: machine).release(rows, log: LogReader(db))
      return rows.count
    }
  }

  /// Forgets refused changes for good, nil meaning all of them, and returns how many.
  package func drop(_ dots: [Dot]?) throws -> Int {
    try write { db in
      let quarantine = Quarantine(db)
      let rows = try quarantine.rows(dots)
      for row in rows { try quarantine.remove(row) }
      return rows.count
    }
  }
}

/// The table of refused changes.
struct Quarantine {
  private let db: Database

  init(_ db: Database) { self.db = db }

  /// Keeps a pending change as it is, with why it was refused.
  ///
  /// - Parameter renamed: the last renaming that its clocks have been through.
  func keep(_ row: PendingRow, _ refusal: Refusal, renamed: Int64) throws {
    try db.insertSealed(
      into: "quarantine",
      [
        try db.nextNumber(of: "sequence", in: "quarantine"), row.dot.replica.blob,
        Int64(row.dot.counter.rawValue), row.previous.blob, row.chain.blob, Data(row.changeBytes),
        row.isAct, row.isReissue, Int64(row.context.treeSize), row.context.root?.blob,
        renamed, refusal.code.rawValue, refusal.detail,
      ])
  }

  /// The refused changes of these dots, or all, the oldest first.
  func rows(_ dots: [Dot]? = nil) throws -> [QuarantinedRow] {
    let rows = try Row.fetchAll(db, sql: "SELECT * FROM quarantine ORDER BY sequence")
      .map(QuarantinedRow.init)
    guard let dots else { return rows }
    return rows.filter { dots.contains($0.change.dot) }
  }

  func remove(_ row: QuarantinedRow) throws {
    try db.execute(
      sql: "DELETE FROM quarantine WHERE sequence = ?", arguments: [row.change.sequence])
  }
}

/// One refused change as stored.
struct QuarantinedRow {
  /// As it was pending; the sequence is the quarantine's.
  let change: PendingRow
  /// The last renaming that its clocks have been through.
  let renamed: Int64
  let code: String
  let reason: String

  init(_ row: Row) throws {
    change = try PendingRow(row.sealed(in: "quarantine"), ofAnyTable: true)
    renamed = try row.number("renamed")
    code = try row.text("code")
    reason = try row.text("reason")
  }
}
