import AnnotationModel
package import MergeCore
import SyncProtocol
package import WorkspaceStore

// Values and siblings as JSON has them (`Protocol/command-line.md`): the one place, for both programs.

extension AuditValue {
  /// A field's value.
  package init(_ value: ValueView) {
    switch value {
    case .text(let text), .label(_, let text, _): self = .text(text)
    case .confidence(let confidence): self = .decimal(confidence.text)
    case .target(let target):
      self = .object([
        AuditMember("article", .text(target.article.hex)),
        AuditMember(
          "spans", .list(target.spans.map { .list([.number($0.start), .number($0.end)]) })),
        AuditMember("quote", .text(target.quote)),
      ])
    case .record(let record): self = .text(hexText(record.bytes))
    case .ends(let ends):
      self = .object([
        AuditMember("from", .text(hexText(ends.from.bytes))),
        AuditMember("to", .text(hexText(ends.to.bytes))),
      ])
    case .version(let version, let count):
      self = .object([
        AuditMember("sha256", .text(version.hex)), AuditMember("bytes", .number(count)),
      ])
    case .tags(let tags): self = AuditValue(tags)
    case .live: self = .text("live")
    case .deleted: self = .text("deleted")
    case .none: self = .null
    case .withdrawn: self = .object([AuditMember("withdrawn", .bool(true))])
    case .unreadable(let count):
      self = .object([AuditMember("unreadable_bytes", .number(count))])
    }
  }

  /// A sibling.
  package init(_ sibling: SiblingView) { self = .object(sibling.members) }

  /// Who brought a sibling back.
  init(_ back: BroughtBack) {
    self = .object([
      AuditMember("dot", .text(back.dot.description)), AuditMember("analyst", .text(back.analyst)),
      AuditMember("time", .text(Timestamp(milliseconds: back.time).text)),
      AuditMember("leaf", AuditValue(back.leaf)),
    ])
  }

  /// `{REPLICA:COUNTER}`, ascending by replica.
  package init(_ vector: VersionVector) {
    self = .object(
      vector.entries.map { AuditMember($0.replica.hex, AuditValue($0.counter.rawValue)) })
  }
}

extension SiblingView {
  /// The members of a sibling's object.
  var members: [AuditMember] {
    [
      AuditMember("value", AuditValue(value)), AuditMember("dot", .text(dot.description)),
      AuditMember("analyst", .text(analyst)),
      AuditMember("time", .text(Timestamp(milliseconds: time).text)),
      AuditMember("against", AuditValue(against)), AuditMember("leaf", AuditValue(leaf)),
      AuditMember("resolution", .bool(isResolution)), AuditMember("reason", AuditValue(reason)),
      AuditMember("brought_back", broughtBack.map { AuditValue($0) } ?? .null),
    ]
  }
}
