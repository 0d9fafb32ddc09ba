package import AnnotationModel
package import MergeCore

/// A value as people see it.
package enum ValueView: Sendable {
  case text(String)
  /// A label by its own current name, and by that of the label that stands for it where that is
  /// another.
  case label(RecordID, name: String, now: String?)
  case confidence(Confidence)
  case target(Target)
  case record(RecordID)
  case ends(RelationEnds)
  /// A version of an article's text: its hash is that of the bytes.
  case version(TextVersion, byteCount: Int)
  /// The elements of a set, by code points.
  case tags([String])
  case live
  case deleted
  /// Nobody wrote it, or it was taken back.
  case none
  /// The bytes are gone from this store.
  case withdrawn
  /// Bytes that this version cannot read.
  case unreadable(byteCount: Int)
}

extension RecordSource {
  /// What a field of a record kind holds in these bytes; nil bytes are withdrawn ones.
  func value(_ bytes: [UInt8]?, of field: FieldID, in kind: RecordKind) throws -> ValueView {
    guard let bytes else { return .withdrawn }
    guard !bytes.isEmpty else { return .none }
    guard let type = AnnotationSchema.valueType(of: field, in: kind),
      let value = FieldValue(bytes, as: type)
    else { return .unreadable(byteCount: bytes.count) }
    switch value {
    case .bytes(let bytes):
      return .version(TextVersion(hashing: bytes), byteCount: bytes.count)
    case .text(let text): return .text(text)
    case .target(let target): return .target(target)
    case .label(let label):
      // What a label is merged into is itself no use of a label.
      let standing = kind == .label ? label : try standing(label)
      return .label(
        label.record, name: try name(of: label),
        now: standing == label ? nil : try name(of: standing))
    case .confidence(let confidence): return .confidence(confidence)
    case .record(let record): return .record(record)
    case .ends(let ends): return .ends(ends)
    }
  }

  /// What a sibling of a field holds.
  func value(of sibling: Sibling, in field: FieldID, _ kind: RecordKind) throws -> ValueView {
    guard let content = sibling.content else { return .none }
    return try value(self.content(content.value), of: field, in: kind)
  }

  /// What a field of a record shows; for nil, whether the record lives.
  package func shown(_ record: RecordID, _ field: FieldID?) throws -> ValueView {
    guard let state = try state(of: record) else { return .none }
    guard let field else { return state.isDeleted ? .deleted : .live }
    guard let shown = state.siblings(of: field).shown else { return .none }
    return try value(of: shown.sibling, in: field, record.kind)
  }

  /// The text that a register shows; nil when there is none to show.
  func shownText(_ field: FieldID, _ state: RecordState) throws -> String? {
    guard let value = state.siblings(of: field).shown?.sibling.content?.value,
      let bytes = try content(value), !bytes.isEmpty
    else { return nil }
    return try? UTF8Text.string(of: bytes)
  }

  /// The present elements of a set of texts, by code points.
  func texts(_ field: FieldID, _ state: RecordState) throws -> [String] {
    try state.presentElements(of: field)
      .compactMap { element in
        try content(element.value).flatMap { try? UTF8Text.string(of: $0) }
      }
      .sorted(by: UTF8Text.precedes)
  }

  /// The text of a version; nil when its bytes are not here.
  ///
  /// Decoded once a reader.
  func text(of version: Digest256) throws -> ArticleText? {
    if let known = cache.text(of: version) { return known }
    guard let bytes = try content(version), let text = try? ArticleText(importing: bytes) else {
      return nil
    }
    cache.keep(text)
    return text
  }
}

extension RecordState {
  /// The version of an article that is shown: the latest written, or the one that its id names.
  func shownVersion(of article: RecordID) -> Digest256 {
    siblings(of: ArticleField.text).shown?.sibling.content?.value
      ?? Digest256(article.bytes) ?? .zero
  }

  /// The names of what is in conflict, the lifecycle last; of a deleted record nothing is.
  func conflictNames(_ kind: RecordKind) -> [String] {
    guard !isDeleted else { return [] }
    return conflictingFields.map { AnnotationSchema.displayName(of: $0, in: kind) }
      + (isLifecycleInConflict ? [AnnotationSchema.lifecycleName] : [])
  }
}

extension AnnotationSchema {
  /// The JSON name of a field, or of the lifecycle for nil; a newer version's field by its number.
  package static func displayName(of field: FieldID?, in kind: RecordKind) -> String {
    guard let field else { return lifecycleName }
    return name(of: field, in: kind) ?? "field-\(field.rawValue)"
  }
}
