/// One line of a batch file: one edit, typed, its references not looked up yet.
///
/// Identities and references are as they were written: see ``ExternalID``. Texts are not yet held
/// against ``TextField``, nor spans against an article.
package enum BatchLine: Sendable {
  case article(id: String, BatchArticle)
  /// Another version of an article's text.
  case revise(id: String, text: String, isCurrent: Bool)
  case label(id: String, BatchLabel)
  /// One label merged into another, which may have been deleted since it was.
  case merge(id: String, into: String)
  case annotate(id: String, BatchAnnotation)
  case edit(id: String, BatchEdit)
  /// A tag; `isDeleted` says that the record may be there and deleted, and then nothing changes.
  case tag(id: String, tag: String, isDeleted: Bool)
  case untag(id: String, tag: String)
  case delete(id: String)
  case restore(id: String)
  case reply(id: String, parent: String, note: String, isDeleted: Bool)
  case relate(id: String, from: String, type: String, to: String, isDeleted: Bool)
  case resolve(id: String, field: String, value: BatchValue, reason: String)

  /// The operation of the line.
  package var operation: BatchOperation {
    switch self {
    case .article: .article
    case .revise: .revise
    case .label: .label
    case .merge: .merge
    case .annotate: .annotate
    case .edit: .edit
    case .tag: .tag
    case .untag: .untag
    case .delete: .delete
    case .restore: .restore
    case .reply: .reply
    case .relate: .relate
    case .resolve: .resolve
    }
  }

  /// The identity of the record that the line makes or changes, as it was written.
  package var id: String {
    switch self {
    case .article(let id, _), .revise(let id, _, _), .label(let id, _), .merge(let id, _),
      .annotate(let id, _), .edit(let id, _), .tag(let id, _, _), .untag(let id, _),
      .delete(let id), .restore(let id),
      .reply(let id, _, _, _), .relate(let id, _, _, _, _), .resolve(let id, _, _, _):
      id
    }
  }
}

/// The operations of a batch file, by their JSON names.
package enum BatchOperation: String, Hashable, Sendable, CaseIterable {
  case article, revise, label, merge, annotate, edit, tag, untag, delete, restore, reply, relate
  case resolve
}

/// What an `article` line says.
package struct BatchArticle: Sendable {
  /// The title; nil for the text's own.
  package let title: String?
  /// The first version of the text.
  package let text: String
  /// The name of the file that it came from.
  package let file: String?
  /// Where it comes from.
  package let source: String?
  /// Whether the article may be there, and removed: then the line changes nothing.
  package let isDeleted: Bool
}

/// What a `label` line says.
package struct BatchLabel: Sendable {
  /// The name now.
  package let name: String
  /// The names before, the first one first, which the label's identity follows from.
  package let former: [String]
  /// Whether the label may be there, and retired: then the line changes nothing.
  package let isDeleted: Bool
}

/// What an `annotate` line says.
package struct BatchAnnotation: Sendable {
  /// The article, as it was written.
  package let article: String
  /// The passages; nil when the quote alone says them.
  package let spans: [Span]?
  /// The words; when there are spans too, both must agree.
  package let quote: String?
  /// The version of the text that was marked, the SHA-256 of its bytes; nil for the one shown.
  package let version: String?
  /// The label, by its name or whole id.
  package let label: String?
  /// The note.
  package let note: String?
  /// The tags, in their order.
  package let tags: [String]
  /// The confidence.
  package let confidence: Confidence?
  /// Whether the annotation may be there, and deleted: then the line changes nothing.
  package let isDeleted: Bool
}

/// What an `edit` line changes: at least one of these.
package struct BatchEdit: Sendable {
  /// The new label's name.
  package let label: String?
  /// The new note; "" takes it back.
  package let note: String?
  /// The new confidence.
  package let confidence: Confidence?
  /// The new passages, in the article and version of the annotation.
  package let spans: [Span]?
}

/// The value that a `resolve` line decides for, by its field.
package enum BatchValue: Sendable {
  /// For fields of text, and for `label` by name.
  case text(String)
  /// For `confidence`.
  case confidence(Confidence)
  /// For `target`; the quote, when given, must agree with the spans.
  case target(article: String?, spans: [Span], quote: String?)
  /// For `lifecycle`: `"live"` or `"deleted"`.
  case lifecycle(isLive: Bool)
}

/// Why a line of a batch file is refused.
///
/// Keys are named as in the line.
package enum BatchLineError: Error, Hashable, Sendable {
  /// The line is no JSON.
  case json(JSONError)
  /// The line is JSON, but no object.
  case notAnObject(JSONType)
  /// `op` names no operation.
  case unknownOperation(String)
  /// The operation needs this key.
  case missing(key: String)
  /// The operation needs at least one of these keys.
  case missingOneOf([String])
  /// The operation has no such key.
  case unknownKey(String)
  /// The key's value is of another type than `expected`.
  case wrongType(key: String, expected: String, found: JSONType)
  /// The identity or reference under this key cannot be one.
  case identity(key: String, ExternalIDError)
  /// The offsets under this key make no passages.
  case spans(key: String, SpanError)
  /// The number under this key is no confidence.
  case confidence(key: String, ConfidenceError)
  /// There are more tags than `AnnotationLimits.tagsPerLine`.
  case tooManyTags(Int)
  /// `resolve` names a field that no record has.
  case unknownField(String)
  /// The value for `lifecycle` is neither `live` nor `deleted`.
  case unknownLifecycle(String)
}
