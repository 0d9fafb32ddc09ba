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
  /// What it does; of one record's history, what it does to that record.
  package var parts: [HistoryPart]
  /// The membership act that it is.
  package var act: LeafType?
}

/// What a change does to one part of one record.
package struct HistoryPart: Sendable {
  package enum Verb: String, Sendable {
    case create, write, add, remove, delete, restore, touch
  }

  package var record: RecordID
  package var verb: Verb
  /// The field that is written, added to or removed from.
  package var fieldName: String?
  package var value: ValueView?
  package var isResolution: Bool
  /// The reason of a resolution.
  package var reason: String?
}

extension WorkspaceReader {
  /// The changes of a record, or of the whole workspace, newest first: what is pending, then the
  /// log backwards; at most `limit`.
  package func history(_ record: RecordID? = nil, limit: Int? = nil) throws -> [HistoryEntry] {
    let changes = ChangeReader(self)
    let limit = limit ?? .max
    if let record {
      let carriers = try trace(of: record).carriers
      return try carriers.reversed().prefix(limit).map { carrier -> HistoryEntry in
        let change = try changes.change(carrier.dot, at: carrier.position)
        return try historyEntry(change, carrier.position, of: record)
      }
    }
    var entries: [HistoryEntry] = []
    let pending = try Row.fetchCursor(db, sql: "SELECT * FROM pending ORDER BY sequence DESC")
    while entries.count < limit, let row = try pending.next() {
      let decoded = try PendingChanges(db).decode(PendingRow(row))
      entries.append(try historyEntry(decoded, .pending))
    }
    var leaf = log.treeSize
    while entries.count < limit, leaf > 0 {
      leaf -= 1
      for dot in try dots(inLeaf: leaf) where entries.count < limit {
        let position = LogPosition.leaf(leaf)
        entries.append(try historyEntry(changes.change(dot, at: position), position))
      }
    }
    return entries
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
    var parts: [HistoryPart] = []
    for (index, operation) in change.operations.enumerated() {
      if let record, operation.record != record { continue }
      parts.append(try part(operation, reason: change.reason(ofOperation: index)))
    }
    return HistoryEntry(
      dot: change.received.dot, analyst: try analyst(of: change), time: change.time,
      leaf: Carrier(change.received.dot, position).leaf, parts: parts,
      act: change.act.flatMap(Self.type))
  }

  private static func type(of act: WireAct) -> LeafType? {
    switch act.act {
    case .genesis: .genesis
    case .enrolment: .enrol
    case .invite: .invite
    case .roleChange: .role
    case .revocation: .revoke
    case .renaming: .rename
    case nil: nil
    }
  }

  private func part(_ operation: MergeCore.Operation, reason: String?) throws -> HistoryPart {
    let kind = operation.record.kind
    var part = HistoryPart(
      record: operation.record, verb: .touch, isResolution: operation.isResolution, reason: reason)
    switch operation.action {
    case .create: part.verb = .create
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
