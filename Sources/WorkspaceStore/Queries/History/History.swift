import AnnotationModel
import FoundationEssentials
import GRDB
package import MergeCore
package import SyncProtocol

/// One change as a history lists it.
package struct HistoryEntry: Sendable {
  package var dot: Dot
  package var analyst: String
  /// The author's claimed time, milliseconds since 1970.
  package var time: Int64
  /// Nil while pending.
  package var leaf: UInt64?
  /// While pending, the leaf that has it, as the server proved; no pull has brought it.
  package var acknowledged: UInt64?
  /// What it does; of one record's history, what it does to that record.
  package var parts: [HistoryPart]
  /// The membership act that it is.
  package var act: LeafType?
  /// Whom or what the act concerns, by name.
  package var actSubject: String?
  /// Of one record's history, the record that the change made on it, such as a reply.
  package var made: RecordID?
  /// The change that this one takes back.
  package var undoes: Dot?
}

/// What a change does to one part of one record.
package struct HistoryPart: Sendable {
  package enum Verb: String, Sendable {
    case create, write, add, remove, delete, restore, touch
  }

  /// Whose value an undoing change brings back.
  package struct Cited: Sendable {
    package var dot: Dot
    package var analyst: String
  }

  package var record: RecordID
  package var verb: Verb
  /// The field that is written, added to or removed from.
  package var fieldName: String?
  package var value: ValueView?
  package var isResolution: Bool
  /// The reason of a resolution.
  package var reason: String?
  /// Who wrote the value first, where it is brought back.
  package var cited: Cited?
}

extension WorkspaceReader {
  /// The changes of a record, or of the whole workspace, newest first: what is pending, then the
  /// log backwards; at most `limit`.
  package func history(_ record: RecordID? = nil, limit: Int? = nil) throws -> [HistoryEntry] {
    var entries: [HistoryEntry] = []
    try forEachChange(of: record, limit: limit ?? .max) { entries.append($0) }
    return entries
  }

  /// The same, one by one: a long history is told while it is read.
  ///
  /// Cost: linear in the changes; every batch is decoded once.
  package func forEachChange(
    of record: RecordID?, limit: Int, _ body: (HistoryEntry) throws -> Void
  ) throws {
    let changes = ChangeReader(self)
    if let record {
      for carrier in try trace(of: record).carriers.reversed().prefix(limit) {
        let change = try changes.change(carrier.dot, at: carrier.position)
        try body(historyEntry(change, carrier.position, of: record))
      }
      return
    }
    var count = 0
    let pending = try Row.fetchCursor(db, sql: "SELECT * FROM pending ORDER BY sequence DESC")
    while count < limit, let row = try pending.next() {
      let decoded = try PendingChanges(db).decode(PendingRow(row))
      try body(historyEntry(decoded, .pending))
      count += 1
    }
    var leaf = log.treeSize
    while count < limit, leaf > 0 {
      leaf -= 1
      for dot in try dots(inLeaf: leaf) where count < limit {
        let position = LogPosition.leaf(leaf)
        try body(historyEntry(changes.change(dot, at: position), position))
        count += 1
      }
    }
  }

  /// How many changes there are: pending and logged.
  package func changeCount() throws -> Int {
    try Int.fetchOne(
      db, sql: "SELECT (SELECT COUNT(*) FROM pending) + (SELECT COUNT(*) FROM change)") ?? 0
  }

  private func dots(inLeaf leaf: UInt64) throws -> [Dot] {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT replica, first, last FROM leaf WHERE position = ?"),
      arguments: [Int64(position: leaf)])
    guard let row, let replica = ReplicaID(try row.bytes("replica")) else {
      throw StoreFailure.corrupt("leaf \(leaf) is missing")
    }
    let (first, last) = (try row.size("first"), try row.size("last"))
    guard first <= last, last - first < Limits.batchChangesMax else {
      throw StoreFailure.corrupt("leaf \(leaf) does not hold changes from \(first) to \(last)")
    }
    return (first...last).reversed().map { Dot(replica, Counter($0)) }
  }

  /// A change as a history lists it: all of it, or what it does to one record.
  func historyEntry(
    _ change: DecodedChange, _ position: LogPosition, of record: RecordID? = nil
  ) throws -> HistoryEntry {
    let changes = ChangeReader(self)
    var parts: [HistoryPart] = []
    for (index, operation) in change.operations.enumerated() {
      if let record, operation.record != record { continue }
      if operation.cites.isEmpty {
        parts.append(try part(operation, reason: change.reason(ofOperation: index)))
      } else {
        let element = try change.undoes.flatMap { try self.element(operation, $0, changes) }
        parts += try operation.cites.map {
          try part(operation, citing: $0, element: element, changes)
        }
      }
    }
    let made = record.flatMap { touched in
      change.operations.first { operation in
        guard case .create = operation.action else { return false }
        return operation.record != touched && operation.record.kind != .label
      }
    }
    return HistoryEntry(
      dot: change.received.dot, analyst: try analyst(of: change), time: change.time,
      leaf: Carrier(change.received.dot, position).leaf,
      acknowledged: position == .pending ? try acknowledgement(of: change.received.dot) : nil,
      parts: parts,
      act: change.act.flatMap(Self.type),
      actSubject: change.act.flatMap {
        membership.subject(of: $0, by: change.received.dot.replica)
      },
      made: made?.record, undoes: try change.undoes.map { try undone($0, change, changes) })
  }

  private func acknowledgement(of dot: Dot) throws -> UInt64? {
    try PendingChanges(db).row(at: dot)?.acknowledged
  }

  /// The dot under which people know the change that another takes back.
  private func undone(_ identity: ChangeIdentity, _ change: DecodedChange, _ changes: ChangeReader)
    throws -> Dot
  {
    guard let record = change.records.first else { return identity.origin }
    do {
      return try placing(of: identity, on: record, changes).dot
    } catch StoreFailure.corrupt {
      // Refused and set aside here: then only its first name is left.
      return identity.origin
    }
  }

  private static func type(of act: WireAct) -> LeafType? { act.act == nil ? nil : LeafType(act) }

  private func part(_ operation: MergeCore.Operation, reason: String?) throws -> HistoryPart {
    let kind = operation.record.kind
    var part = HistoryPart(
      record: operation.record, verb: .touch, isResolution: operation.isResolution, reason: reason)
    switch operation.action {
    case .create:
      part.verb = .create
      if kind == .label, let label = LabelID(operation.record) {
        part.value = .text(try name(of: label))
      }
    case .delete: part.verb = .delete
    case .restore: part.verb = .restore
    case .touch: part.verb = .touch
    case .write(let field, let content):
      part.verb = .write
      try fill(&part, field, content, kind)
    case .add(let field, let content):
      part.verb = .add
      try fill(&part, field, content, kind)
    case .remove(let field, let content):
      part.verb = .remove
      try fill(&part, field, content, kind)
    case .writeBack, .addBack, .deleteBack: break
    }
    return part
  }

  /// The element that an operation brings back: the one that the undone operation took away, which may
  /// have brought it back itself.
  private func element(
    _ operation: MergeCore.Operation, _ undone: ChangeIdentity, _ changes: ChangeReader
  ) throws -> Digest256? {
    var next: (action: Action, undoes: ChangeIdentity?) = (operation.action, undone)
    while case .addBack(_, let place) = next.action, let undone = next.undoes {
      let carrier: Carrier
      do {
        carrier = try placing(of: undone, on: operation.record, changes)
      } catch StoreFailure.corrupt {
        return nil
      }
      let change = try changes.change(carrier.dot, at: carrier.position)
      let actions = change.operations(on: operation.record)
      guard actions.indices.contains(place) else { return nil }
      next = (actions[place], change.undoes)
    }
    switch next.action {
    case .add(_, let content), .remove(_, let content): return content.value
    case .create, .write, .delete, .restore, .touch, .writeBack, .addBack, .deleteBack: return nil
    }
  }

  /// One value that an operation brings back, with whose it is.
  private func part(
    _ operation: MergeCore.Operation, citing cited: ChangeIdentity, element: Digest256?,
    _ changes: ChangeReader
  ) throws -> HistoryPart {
    let record = operation.record
    var part = HistoryPart(record: record, verb: .delete, isResolution: false, reason: nil)
    let carrier: Carrier
    do {
      carrier = try placing(of: cited, on: record, changes)
    } catch StoreFailure.corrupt {
      return part
    }
    let source = try changes.change(carrier.dot, at: carrier.position)
    part.cited = HistoryPart.Cited(dot: carrier.dot, analyst: try analyst(of: source))
    for action in source.operations(on: record) {
      switch (operation.action, action) {
      case (.writeBack(let field), .write(let next, let content)) where field == next:
        part.verb = .write
        try fill(&part, field, content, record.kind)
      case (.addBack(let field, _), .add(let next, let content))
      where field == next && content.value == element:
        part.verb = .add
        try fill(&part, field, content, record.kind)
      default: continue
      }
    }
    return part
  }

  private func fill(
    _ part: inout HistoryPart, _ field: FieldID, _ content: Content, _ kind: RecordKind
  ) throws {
    part.fieldName = AnnotationSchema.displayName(of: field, in: kind)
    part.value = try value(self.content(content.value), of: field, in: kind)
  }
}
