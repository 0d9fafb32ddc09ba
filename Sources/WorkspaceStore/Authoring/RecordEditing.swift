package import AnnotationModel
package import MergeCore
import SyncProtocol

/// What `edit` changes; what is nil or empty stays.
package struct RecordEdit: Sendable {
  /// An annotation's label, by name.
  package var label: String?
  /// An annotation's or a reply's text; "" takes a note back.
  package var note: String?
  package var addTags: [String] = []
  package var removeTags: [String] = []
  package var confidence: Confidence?
  /// New passages, in the article and version of the annotation.
  package var spans: [Span]?
  /// An article's title.
  package var title: String?
  /// An article's source; "" takes it back.
  package var source: String?
  /// A relation's type.
  package var type: String?
  /// A label's name; the former one stays an alias.
  package var name: String?

  package init(
    label: String? = nil, note: String? = nil, addTags: [String] = [], removeTags: [String] = [],
    confidence: Confidence? = nil, spans: [Span]? = nil, title: String? = nil,
    source: String? = nil, type: String? = nil, name: String? = nil
  ) {
    self.label = label
    self.note = note
    self.addTags = addTags
    self.removeTags = removeTags
    self.confidence = confidence
    self.spans = spans
    self.title = title
    self.source = source
    self.type = type
    self.name = name
  }

  /// The names of the fields that are given, in a fixed order.
  var fieldNames: [String] {
    let given: [(String, Bool)] = [
      ("label", label != nil), ("note", note != nil),
      ("tags", !addTags.isEmpty || !removeTags.isEmpty), ("confidence", confidence != nil),
      ("target", spans != nil), ("title", title != nil), ("source", source != nil),
      ("type", type != nil), ("name", name != nil),
    ]
    return given.filter(\.1).map(\.0)
  }
}

extension WorkspaceEditor {
  /// Changes fields of a record, as one change.
  ///
  /// - Parameter against: the record's clock as it was shown, when an older form is saved
  ///   (rulings 2 to 4).
  package mutating func edit(_ id: RecordID, _ edit: RecordEdit, against: VectorClock? = nil)
    throws -> (made: Made, label: LabelOutcome?)
  {
    let known = AnnotationSchema.fieldNames(of: id.kind)
    for name in edit.fieldNames where !known.contains(where: { UTF8Text.identical($0, name) }) {
      throw AuthoringRefusal.noSuchField(id, name: name)
    }
    var draft = try draft(id, against: against)
    var choice: LabelChoice?
    switch id.kind {
    case .annotation: choice = try apply(edit, toAnnotation: &draft)
    case .reply:
      if let note = edit.note {
        try draft.write(ReplyField.note, AuthoringRefusal.accept(note, as: .reply))
      }
    case .relation:
      if let type = edit.type {
        try draft.write(RelationField.type, AuthoringRefusal.accept(type, as: .relationType))
      }
    case .label:
      if let name = edit.name { try rename(&draft, name) }
    case .article:
      return (
        try editArticle(id, text: nil, title: edit.title, source: edit.source, against: against),
        nil
      )
    default: break
    }
    let made = try make((choice?.operations ?? []) + draft.operations, on: id)
    return (made, choice?.outcome)
  }

  /// An edit of a record that was not deleted when its author saw it.
  func draft(_ id: RecordID, against: VectorClock?) throws -> RecordDraft {
    let state = try existing(id)
    let coverage = try coverage(against, of: id)
    let wasSeenDeleted = state.deletions.contains {
      $0.uncovered.isEmpty && coverage.covers($0.sibling.carriers)
    }
    guard !wasSeenDeleted else { throw AuthoringRefusal.deleted(id) }
    return RecordDraft(id, state, coverage, against: against)
  }

  private func apply(_ edit: RecordEdit, toAnnotation draft: inout RecordDraft) throws
    -> LabelChoice?
  {
    if let spans = edit.spans { try write(spans, to: &draft) }
    var choice: LabelChoice?
    if let label = edit.label {
      let found = try self.label(named: label)
      try draft.write(AnnotationField.label, found.bytes)
      choice = found
    }
    if let note = edit.note {
      try draft.write(AnnotationField.note, AuthoringRefusal.accept(note, as: .note))
    }
    if let confidence = edit.confidence {
      try draft.write(AnnotationField.confidence, confidence.encoded)
    }
    try writeTags(edit, to: &draft)
    return choice
  }

  private func writeTags(_ edit: RecordEdit, to draft: inout RecordDraft) throws {
    let added = try distinct(edit.addTags)
    let removed = try distinct(edit.removeTags)
    if let both = added.first(where: { removed.contains($0) }) {
      throw AuthoringRefusal.tagBothWays(String(decoding: both, as: UTF8.self))
    }
    for tag in added { draft.add(AnnotationField.tags, tag) }
    for tag in removed { draft.remove(AnnotationField.tags, tag) }
  }

  private func distinct(_ tags: [String]) throws -> [[UInt8]] {
    var accepted: [[UInt8]] = []
    for tag in tags {
      let bytes = try AuthoringRefusal.accept(tag, as: .tag)
      if !accepted.contains(bytes) { accepted.append(bytes) }
    }
    return accepted
  }

  /// New passages in the version that the annotation marks.
  private func write(_ spans: [Span], to draft: inout RecordDraft) throws {
    let field = AnnotationField.target
    let covered = draft.covered(field)
    guard !covered.differ else { throw AuthoringRefusal.inConflict(draft.record, field) }
    let shown = covered.shown ?? draft.state.siblings(of: field).shown
    let target = try target(spans, inVersionOf: shown?.sibling, draft.record)
    try draft.write(field, target.encoded)
  }

  /// Passages in the article and version that a sibling marks.
  func target(_ spans: [Span], inVersionOf sibling: Sibling?, _ record: RecordID) throws -> Target {
    guard let value = sibling?.content?.value, let bytes = try reader.content(value),
      let held = try? Target(encoded: bytes),
      let text = try reader.text(of: held.version.digest)
    else { throw AuthoringRefusal.contentMissing(record) }
    return try AuthoringRefusal.target(held.article, text, spans)
  }

  private func rename(_ draft: inout RecordDraft, _ name: String) throws {
    try checkNameIsFree(name, for: draft.record)
    try draft.write(
      LabelField.name, AuthoringRefusal.accept(name, as: .labelName),
      implied: draft.state.createdValue ?? RecordDraft.nothing)
  }
}
