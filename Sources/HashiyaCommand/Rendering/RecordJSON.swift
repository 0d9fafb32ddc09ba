import AnnotationModel
import Auditor
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// The JSON shapes of records and values; `Protocol/command-line.md` fixes them.
enum RecordJSON {
  /// A record's id: lowercase hexadecimal.
  static func id(_ record: RecordID) -> JSONValue { .string(hexText(record.bytes)) }

  /// A record's id, or null.
  static func id(_ record: RecordID?) -> JSONValue { record.map { id($0) } ?? .null }

  /// `[[S,E]]`.
  static func spans(_ spans: [Span]) -> JSONValue {
    .array(spans.map { .array([.integer($0.start), .integer($0.end)]) })
  }

  /// `{REPLICA:COUNTER}`, ascending by replica.
  static func vector(_ vector: VersionVector) -> JSONValue {
    .object(vector.entries.map { ($0.replica.hex, JSONValue($0.counter.rawValue)) })
  }

  /// `"REPLICA:COUNTER"`, or null.
  static func dot(_ dot: Dot?) -> JSONValue { JSONValue(dot?.description) }

  /// A number from 0 to 1, or null.
  static func confidence(_ confidence: Confidence?) -> JSONValue {
    confidence.map { .decimal($0.text) } ?? .null
  }

  /// `{"origin","size","root"}`, or null while there is no log.
  static func head(_ head: LogHead?) -> JSONValue {
    guard let head else { return nil }
    return [
      "origin": .string(head.origin), "size": JSONValue(head.size), "root": .string(head.root),
    ]
  }

  /// What an edit prints.
  static func made(_ made: Made, handle: String) -> JSONValue {
    ["id": id(made.record), "handle": .string(handle), "dot": dot(made.dot)]
  }

  /// An element of `list`.
  static func item(_ item: ItemView) -> JSONValue {
    [
      "id": id(item.id), "handle": .string(item.handle), "kind": kind(item.kind),
      "article": id(item.article), "spans": spans(item.spans), "quote": JSONValue(item.quote),
      "anchor": JSONValue(item.anchor?.rawValue),
      "label": JSONValue(item.label), "label_id": id(item.labelID), "note": JSONValue(item.note),
      "tags": JSONValue(item.tags),
      "confidence": confidence(item.confidence), "analyst": .string(item.analyst),
      "deleted": .bool(item.isDeleted), "conflicts": JSONValue(item.conflicts),
      "clock": vector(item.clock), "time": .string(TimeText.json(item.time)),
      "parent": id(item.parent), "name": JSONValue(item.name),
      "from": id(item.ends?.from), "to": id(item.ends?.to), "merged_into": id(item.mergedInto),
    ]
  }

  /// An element of `article list`.
  static func article(_ article: ArticleView) -> JSONValue {
    [
      "id": id(article.id), "title": .string(article.title), "file": JSONValue(article.file),
      "sha256": .string(article.sha256), "code_points": JSONValue(article.codePoints),
      "source": JSONValue(article.source), "deleted": .bool(article.isDeleted),
      "conflicts": JSONValue(article.conflicts), "handle": .string(article.handle),
      "analyst": .string(article.analyst), "time": .string(TimeText.json(article.time)),
      "clock": vector(article.clock),
    ]
  }

  /// A field's value.
  static func value(_ value: ValueView) -> JSONValue { JSONValue(AuditValue(value)) }

  /// A sibling.
  static func sibling(_ sibling: SiblingView) -> JSONValue { JSONValue(AuditValue(sibling)) }

  /// An element of `conflicts`.
  static func conflict(_ conflict: ConflictView, handle: String) -> JSONValue {
    [
      "id": id(conflict.record), "field": .string(conflict.fieldName),
      "shown": value(conflict.shown), "reason": .string(conflict.reason.rawValue),
      "siblings": .array(conflict.siblings.map(sibling)), "handle": .string(handle),
      "kind": kind(conflict.record.kind), "clock": vector(conflict.clock),
    ]
  }

  private static func kind(_ kind: RecordKind) -> JSONValue {
    .string(AnnotationSchema.name(of: kind) ?? "kind-\(kind.rawValue)")
  }
}
