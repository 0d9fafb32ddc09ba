import AnnotationModel
import FoundationEssentials
package import MergeCore
import SwiftProtobuf
package import SyncProtocol
package import WorkspaceStore

/// One leaf as `audit show` shows it: with the operations of its changes, and the decisions of its
/// merge that were not plain.
package struct AuditDetail: Sendable {
  package var listing: AuditListing
  package var batch: ReceivedBatch
  package var report: MergeReport

  /// Reads a stored leaf.
  package init(_ stored: StoredLeaf, membership: MembershipState) throws(StoreFailure) {
    listing = try AuditListing(stored, membership: membership)
    do {
      batch = try ReceivedBatch(decoding: stored.batchBytes)
    } catch {
      throw .corrupt("the batch of leaf \(stored.index) does not decode: \(error.detail)")
    }
    do {
      report = try JSONDecoder().decode(MergeReport.self, from: Data(stored.reportBytes))
    } catch {
      throw .corrupt("the report of leaf \(stored.index) does not decode")
    }
  }

  /// The members of `audit list --json`, and `operations` and `decisions`.
  package var json: AuditValue {
    .object(
      listing.members + [
        AuditMember("operations", .list(operations.map(\.json))),
        AuditMember("decisions", .list(report.decisions.map(\.json))),
      ])
  }

  /// Readable lines: the leaf, its operations, its decisions, with dots as `dotText` writes them.
  package func lines(dotText: (Dot) throws -> String) rethrows -> [String] {
    let leaf = listing.leaf
    let first = try ReplicaID(hex: leaf.replica).map { try dotText(Dot($0, Counter(leaf.first))) }
    let range = leaf.first == leaf.last ? "" : "-\(leaf.last)"
    var head = ["leaf \(listing.index)  \(leaf.type.rawValue) by \(listing.analyst)  \(leaf.time)"]
    if let subject = listing.subject { head.append("  about         \(subject)") }
    head += [
      "  changes       " + (first ?? "\(leaf.replica):\(leaf.first)") + range,
      "  batch         \(leaf.batch)", "  report        \(leaf.report)",
      "  state digest  \(leaf.stateDigest)",
    ]
    return head + operations.map { "  \($0.line)" }
      + (try report.decisions.map { "  " + (try $0.line(dotText: dotText)) })
  }

  /// The operations of the changes that are new with the leaf.
  package var operations: [LoggedOperation] {
    batch.changes.filter { $0.dot.counter.rawValue >= listing.leaf.first }.flatMap { change in
      change.skeleton.operations.map {
        LoggedOperation(dot: change.dot, $0, undoes: change.skeleton.undoneDot)
      }
    }
  }
}

/// An operation of a logged change, without its value.
package struct LoggedOperation: Hashable, Sendable {
  package var dot: Dot
  /// `create`, `write`, `add`, `remove`, `delete`, `restore` or `touch`.
  package var type: String
  /// Nil for a kind of a newer version.
  package var kind: String?
  /// The record's id, hexadecimal.
  package var id: String
  /// Nil where the operation is on no field, or on one of a newer version.
  package var field: String?
  package var isResolution: Bool
  /// The change that its own takes back, by its first dot.
  package var undoes: Dot?
  /// The changes whose values it brings back, by their first dots.
  package var cites: [Dot]
  /// Of one that brings an element back: which operation of the undone change it takes back, counted
  /// from 0 among those on the record.
  package var undonePlace: Int?

  init(dot: Dot, _ wire: WireOperation, undoes: Dot?) {
    self.dot = dot
    self.undoes = undoes
    cites = wire.cites.compactMap(\.dot)
    undonePlace = wire.type == .add && !cites.isEmpty ? Int(wire.undonePlace) : nil
    let kind = RecordKind(rawValue: UInt16(clamping: wire.kind))
    self.kind = AnnotationSchema.name(of: kind)
    id = hexText(wire.id)
    field =
      wire.field == 0
      ? nil : AnnotationSchema.name(of: FieldID(rawValue: UInt16(clamping: wire.field)), in: kind)
    isResolution = wire.resolution
    switch wire.type {
    case .create: type = "create"
    case .write: type = "write"
    case .add: type = "add"
    case .remove: type = "remove"
    case .delete: type = "delete"
    case .restore: type = "restore"
    case .touch: type = "touch"
    case .unspecified, .UNRECOGNIZED: type = "unknown"
    }
  }

  var json: AuditValue {
    .object([
      AuditMember("change", .text(dot.description)), AuditMember("operation", .text(type)),
      AuditMember("kind", AuditValue(kind)), AuditMember("id", .text(id)),
      AuditMember("field", AuditValue(field)), AuditMember("resolution", .bool(isResolution)),
      AuditMember("undoes", AuditValue(undoes?.description)),
      AuditMember("cites", AuditValue(cites.map(\.description))),
      AuditMember("undone_place", AuditValue(undonePlace)),
    ])
  }

  var line: String {
    let words = [type, kind ?? "record", "…" + id.suffix(8), field ?? ""].filter { !$0.isEmpty }
    return "\(dot.counter.rawValue)  " + words.joined(separator: " ")
      + (isResolution ? " (resolution)" : "") + (undoes == nil ? "" : " (undo)")
  }
}

extension WireChangeName {
  /// Nil when it names no change.
  fileprivate var dot: Dot? {
    guard let replica = ReplicaID(replica), let counter = Counter(received: counter) else {
      return nil
    }
    return Dot(replica, counter)
  }
}

extension WireSkeleton {
  /// The change that this one takes back, also where it is brought again.
  fileprivate var undoneDot: Dot? {
    if hasUndoes { return undoes.dot }
    guard hasReissue, let origin = try? WireSkeleton(serializedBytes: reissue.skeleton),
      origin.hasUndoes
    else { return nil }
    return origin.undoes.dot
  }
}

extension MergeReport.Entry {
  /// The field's JSON name; nil where the decision is on none.
  package var fieldName: String? {
    guard field != 0, let bytes = hexBytes(record), let id = RecordID(encoded: bytes) else {
      return nil
    }
    return AnnotationSchema.name(of: FieldID(rawValue: UInt16(clamping: field)), in: id.kind)
  }

  var json: AuditValue {
    .object([
      AuditMember("change", .text(change)), AuditMember("id", .text(String(record.dropFirst(4)))),
      AuditMember("subject", .text(subject)), AuditMember("field", AuditValue(fieldName)),
      AuditMember("rule", .text(rule)), AuditMember("superseded", AuditValue(superseded)),
      AuditMember("concurrent", AuditValue(concurrent)), AuditMember("opened", .bool(opened)),
      AuditMember("closed", .bool(closed)),
    ])
  }

  func line(dotText: (Dot) throws -> String) rethrows -> String {
    func name(_ dot: String) throws -> String { try Dot(dot).map(dotText) ?? dot }
    let part = fieldName ?? subject
    let effect = opened ? ", opens a conflict" : closed ? ", closes the conflict" : ""
    let others = try concurrent.map(name).joined(separator: " ")
    let met = others.isEmpty ? "" : ", concurrent with \(others)"
    return "\(rule): \(part) of …\(record.suffix(8)) by \(try name(change))\(met)\(effect)"
  }
}
