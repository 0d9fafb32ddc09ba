package import MergeCore

/// The kinds of records that people make. Kinds that concern membership belong to the protocol.
extension RecordKind {
  /// A text that is annotated; named by the hash of its first version's bytes.
  package static let article = RecordKind(rawValue: 1)
  /// A passage with a label, a note, tags and a confidence; named by a UUIDv7.
  package static let annotation = RecordKind(rawValue: 2)
  /// A typed link from one record to another; named by a UUIDv7.
  package static let relation = RecordKind(rawValue: 3)
  /// An answer to a record; named by a UUIDv7.
  package static let reply = RecordKind(rawValue: 4)
  /// An entry of the codebook; named by the hash of its first name.
  package static let label = RecordKind(rawValue: 5)
}

/// The fields of an article.
package enum ArticleField {
  /// The bytes of the current version as imported, when it is not the first; a register.
  package static let text = FieldID(rawValue: 1)
  /// What people call the article; a register of UTF-8.
  package static let title = FieldID(rawValue: 2)
  /// Where the article comes from, mostly a URL; a register of UTF-8.
  package static let source = FieldID(rawValue: 3)
  /// The name of the file that it was imported from, without folders; a register of UTF-8.
  package static let file = FieldID(rawValue: 4)
}

/// The fields of an annotation.
package enum AnnotationField {
  /// The passage: one encoded ``Target``; a register.
  package static let target = FieldID(rawValue: 1)
  /// The 32 bytes of a ``LabelID``; a register.
  package static let label = FieldID(rawValue: 2)
  /// What the analyst writes about the passage; a register of UTF-8.
  package static let note = FieldID(rawValue: 3)
  /// Free keywords; a set of UTF-8.
  package static let tags = FieldID(rawValue: 4)
  /// An encoded ``Confidence``; a register.
  package static let confidence = FieldID(rawValue: 5)
}

/// The fields of a relation.
package enum RelationField {
  /// The word for the link; a register of UTF-8.
  package static let type = FieldID(rawValue: 1)
  /// Encoded ``RelationEnds``; a register.
  package static let ends = FieldID(rawValue: 2)
}

/// The fields of a reply.
package enum ReplyField {
  /// What the reply says; a register of UTF-8.
  package static let note = FieldID(rawValue: 1)
  /// The encoded record that it answers; a register.
  package static let parent = FieldID(rawValue: 2)
}

/// The fields of a label.
package enum LabelField {
  /// The current name, when it is not the first; a register of UTF-8.
  package static let name = FieldID(rawValue: 1)
  /// The 32 bytes of the ``LabelID`` that stands for this one, followed when labels are read; a register.
  package static let merged = FieldID(rawValue: 2)
}

/// What annotating needs to know about its records: the merge's schema, and the names used in JSON.
package enum AnnotationSchema {
  /// The kinds and fields that the merge knows.
  package static let schema = Schema(
    kinds: Dictionary(uniqueKeysWithValues: kinds.map { ($0.kind, $0.merging) }))

  /// The JSON name of the property that is not a field: whether a record lives.
  package static let lifecycleName = "lifecycle"

  /// The JSON name of a kind; nil for a kind of a newer version.
  package static func name(of kind: RecordKind) -> String? {
    kinds.first { $0.kind == kind }?.name
  }

  /// The kind of a JSON name; nil for an unknown name.
  package static func kind(named name: String) -> RecordKind? {
    kinds.first { UTF8Text.identical($0.name, name) }?.kind
  }

  /// The JSON name of a field; nil for a field of a newer version.
  package static func name(of field: FieldID, in kind: RecordKind) -> String? {
    description(of: field, in: kind)?.name
  }

  /// The field of a JSON name; nil for an unknown name, and for ``lifecycleName``.
  package static func field(named name: String, in kind: RecordKind) -> FieldID? {
    kinds.first { $0.kind == kind }?.fields.first { UTF8Text.identical($0.name, name) }?.field
  }

  /// What the bytes of a field mean; nil for a field of a newer version.
  package static func valueType(of field: FieldID, in kind: RecordKind) -> FieldValueType? {
    description(of: field, in: kind)?.value
  }

  /// What the bytes of a register of this JSON name mean in whatever kind has it first; nil for a
  /// name that no kind has, and for sets.
  package static func registerType(named name: String) -> FieldValueType? {
    kinds.lazy.flatMap(\.fields)
      .first { UTF8Text.identical($0.name, name) && $0.type == .register }?.value
  }

  /// The names of a kind's fields, in the order of their numbers.
  package static func fieldNames(of kind: RecordKind) -> [String] {
    kinds.first { $0.kind == kind }?.fields.map(\.name) ?? []
  }

  private static func description(of field: FieldID, in kind: RecordKind) -> FieldDescription? {
    kinds.first { $0.kind == kind }?.fields.first { $0.field == field }
  }

  private static let kinds: [KindDescription] = [
    KindDescription(
      kind: .article, name: "article", idByteCount: 32, touches: 0,
      fields: [
        FieldDescription(ArticleField.text, "text", .bytes),
        FieldDescription(ArticleField.title, "title", .text(.title)),
        FieldDescription(ArticleField.source, "source", .text(.source)),
        FieldDescription(ArticleField.file, "file", .text(.fileName)),
      ]),
    KindDescription(
      kind: .annotation, name: "annotation", idByteCount: 16, touches: 1,
      fields: [
        FieldDescription(AnnotationField.target, "target", .target),
        FieldDescription(AnnotationField.label, "label", .label),
        FieldDescription(AnnotationField.note, "note", .text(.note)),
        FieldDescription(AnnotationField.tags, "tags", .text(.tag), .set),
        FieldDescription(AnnotationField.confidence, "confidence", .confidence),
      ]),
    KindDescription(
      kind: .relation, name: "relation", idByteCount: 16, touches: 2,
      fields: [
        FieldDescription(RelationField.type, "type", .text(.relationType)),
        FieldDescription(RelationField.ends, "ends", .ends),
      ]),
    KindDescription(
      kind: .reply, name: "reply", idByteCount: 16, touches: 1,
      fields: [
        FieldDescription(ReplyField.note, "note", .text(.reply)),
        FieldDescription(ReplyField.parent, "parent", .record),
      ]),
    KindDescription(
      kind: .label, name: "label", idByteCount: 32, touches: 0,
      fields: [
        FieldDescription(LabelField.name, "name", .text(.labelName)),
        FieldDescription(LabelField.merged, "merged", .label),
      ]),
  ]
}

private struct FieldDescription {
  let field: FieldID
  let name: String
  let value: FieldValueType
  let type: FieldType

  init(_ field: FieldID, _ name: String, _ value: FieldValueType, _ type: FieldType = .register) {
    (self.field, self.name, self.value, self.type) = (field, name, value, type)
  }
}

private struct KindDescription {
  let kind: RecordKind
  let name: String
  let idByteCount: Int
  let touches: Int
  let fields: [FieldDescription]

  /// Records named by the hash of their content carry it in their creation.
  var merging: Schema.Kind {
    Schema.Kind(
      fields: Dictionary(uniqueKeysWithValues: fields.map { ($0.field, $0.type) }),
      idByteCount: idByteCount, createsWithContent: idByteCount == Digest256.byteCount,
      touchesAtCreation: touches, isID: isID)
  }

  /// Whether an id is the hash that its kind makes of a content: article and label have their names
  /// from nobody.
  private var isID: @Sendable ([UInt8], [UInt8]) -> Bool {
    switch kind {
    case .article: { id, content in ArticleID(firstVersion: content).bytes == id }
    case .label:
      { id, content in LabelID(firstName: content)?.bytes == id }
    default: { _, _ in true }
    }
  }
}
