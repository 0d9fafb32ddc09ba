import AnnotationModel
import MergeCore
import SwiftProtobuf
import SyncProtocol

/// Whose change of what a batch is, in words: author, article and passage, as far as they can be read
/// from bytes that may be anything.
struct LeafWords {
  private let reader: WorkspaceReader

  private static let quoteCharactersMax = 40

  /// - Parameter reader: the store with the leaves before the batch.
  init(_ reader: WorkspaceReader) { self.reader = reader }

  /// Such as `omar's note of 7c1e, «brown fox» in text.txt`; nil where nothing can be read.
  func text(of batch: [UInt8]) -> String? {
    guard let wire = try? WireBatch(serializedBytes: batch),
      let header = try? WireBatchHeader(serializedBytes: wire.header),
      let replica = ReplicaID(header.replica)
    else { return nil }
    let skeleton = wire.changes.first.flatMap { try? WireSkeleton(serializedBytes: $0.skeleton) }
    let author = skeleton.flatMap { newcomer(in: $0.act) } ?? reader.membership.analyst(of: replica)
    let what = skeleton.map(words(for:)) ?? "batch"
    let more = wire.changes.count > 1 ? " and \(wire.changes.count - 1) more" : ""
    return "\(author)'s \(what)\(more)"
  }

  /// The name of somebody who was no member before this act.
  private func newcomer(in act: WireAct) -> String? {
    switch act.act {
    case .genesis(let genesis): genesis.name
    case .enrolment(let enrolment):
      switch enrolment.certificate {
      case .invite(let invite): reader.membership.invite(key: invite.inviteKey.array)?.name
      case .succession(let succession):
        ReplicaID(succession.predecessor).map { reader.membership.analyst(of: $0) }
      case nil: nil
      }
    default: nil
    }
  }

  private func words(for skeleton: WireSkeleton) -> String {
    if skeleton.hasAct { return words(for: skeleton.act) }
    if skeleton.hasReissue,
      let origin = try? WireSkeleton(serializedBytes: skeleton.reissue.skeleton),
      !origin.hasReissue
    {
      return words(for: origin)
    }
    guard let operation = skeleton.operations.first else { return "change" }
    let kind = RecordKind(rawValue: UInt16(clamping: operation.kind))
    let record = RecordID(kind: kind, bytes: operation.id.array)
    let field = FieldID(rawValue: UInt16(clamping: operation.field))
    let name = AnnotationSchema.name(of: field, in: kind) ?? "field \(operation.field)"
    let place = place(of: record, touching: skeleton)
    switch operation.type {
    case .write, .add, .remove: return "\(name) of \(place)"
    case .delete: return "deletion of \(place)"
    case .restore: return "restoration of \(place)"
    case .create, .touch, .unspecified, .UNRECOGNIZED:
      return "\(AnnotationSchema.name(of: kind) ?? "record") \(place)"
    }
  }

  private func words(for act: WireAct) -> String {
    switch act.act {
    case .genesis: "founding of the workspace"
    case .enrolment: "device's enrolment"
    case .invite(let invite): invite.name.isEmpty ? "device invite" : "invite for \(invite.name)"
    case .roleChange: "role change"
    case .revocation: "revocation"
    case .renaming: "renaming"
    case .withdrawal: "withdrawal of an invite"
    default: "membership act"
    }
  }

  /// The record's handle, its passage, and the article that it is on.
  private func place(of record: RecordID?, touching skeleton: WireSkeleton) -> String {
    guard let record else { return "a record" }
    if record.kind == .article, let title = title(of: record) { return title }
    guard let item = try? reader.item(record) else {
      let touched = skeleton.operations.lazy.compactMap { operation -> RecordID? in
        guard operation.type == .touch, operation.kind == RecordKind.article.rawValue else {
          return nil
        }
        return RecordID(kind: .article, bytes: operation.id.array)
      }
      let article = touched.first.flatMap(title(of:)).map { " in \($0)" } ?? ""
      return "…\(hexText(record.bytes).suffix(4))\(article)"
    }
    let words = item.quote ?? item.name ?? item.note
    let quote = words.map { ", «\(Self.short($0))»" } ?? ""
    let article = item.article.flatMap(title(of:)).map { " in \($0)" } ?? ""
    return item.handle + quote + article
  }

  private func title(of article: RecordID) -> String? {
    guard let view = try? reader.article(article) else { return nil }
    return view.file ?? view.title
  }

  private static func short(_ text: String) -> String {
    let line = text.replacing("\n", with: " ")
    return line.count > quoteCharactersMax ? line.prefix(quoteCharactersMax) + "…" : line
  }
}
