package import AnnotationModel
package import MergeCore

/// A record as a list shows it: the shown values, and what is in conflict.
package struct ItemView: Sendable {
  package var id: RecordID
  package var handle: String
  package var kind: RecordKind
  /// The article that it is about, a reply's by way of what it answers.
  package var article: RecordID?
  package var spans: [Span] = []
  package var quote: String?
  /// How an annotation's quote stands to the text; nil for other kinds, and where there is no target.
  package var anchor: Anchor?
  /// An annotation's label, by the current name of the label that stands for it.
  package var label: String?
  package var labelID: RecordID?
  /// The label's handle, where another label in use has the same name.
  package var labelHandle: String?
  /// What a label is merged into.
  package var mergedInto: RecordID?
  /// An annotation's note, or what a reply says.
  package var note: String?
  package var tags: [String] = []
  package var confidence: Confidence?
  /// An article's title, a label's name, a relation's type.
  package var name: String?
  /// What a relation links.
  package var ends: RelationEnds?
  /// What a reply answers.
  package var parent: RecordID?
  /// Who made it, and when, milliseconds since 1970.
  package var analyst: String
  package var time: Int64
  package var isDeleted: Bool
  /// What is in conflict, by name, the lifecycle last.
  package var conflicts: [String]
  package var clock: VectorClock
}

/// Which records a list has: all conditions hold.
package struct ItemFilter: Sendable {
  package enum Lifecycle: Sendable { case live, deleted, all }

  package var kind: RecordKind
  package var article: RecordID?
  /// Any sibling of the label, or of one that is one with it, counts.
  package var label: RecordID?
  package var tag: String?
  /// The creator's name.
  package var analyst: String?
  package var conflictedOnly: Bool
  package var lifecycle: Lifecycle

  package init(
    kind: RecordKind = .annotation, article: RecordID? = nil, label: RecordID? = nil,
    tag: String? = nil, analyst: String? = nil, conflictedOnly: Bool = false,
    lifecycle: Lifecycle = .live
  ) {
    self.kind = kind
    self.article = article
    self.label = label
    self.tag = tag
    self.analyst = analyst
    self.conflictedOnly = conflictedOnly
    self.lifecycle = lifecycle
  }
}

extension WorkspaceReader {
  /// One record of any kind; nil when nobody made it.
  package func item(_ id: RecordID) throws -> ItemView? {
    guard let state = try state(of: id), !state.creations.isEmpty else { return nil }
    return try item(id, state, handle: handle(of: id))
  }

  /// The records that match, ascending by id, which for those named here is by time.
  ///
  /// One scan of the kind, and one look-up a value.
  package func items(_ filter: ItemFilter) throws -> [ItemView] {
    let handles = try handles(of: filter.kind)
    let tag = try filter.tag.map { try AuthoringRefusal.accept($0, as: .tag) }
    let labels = try filter.label.flatMap { LabelID($0) }.map { try labelsOne(with: $0) }
    var items: [ItemView] = []
    for (id, state) in try records(of: filter.kind) {
      guard filter.matches(state, labels) else { continue }
      if let tag, !state.has(tag, in: AnnotationField.tags) { continue }
      let item = try item(id, state, handle: handles[id] ?? id.hexText)
      if let article = filter.article, item.article != article { continue }
      if let analyst = filter.analyst, !means(analyst, item.analyst) { continue }
      items.append(item)
    }
    return items
  }

  /// What hangs on a record: replies to it and relations with it, live ones, ascending by id.
  package func itemsHanging(on record: RecordID) throws -> [ItemView] {
    let replies = try items(ItemFilter(kind: .reply)).filter { $0.parent == record }
    let relations = try items(ItemFilter(kind: .relation)).filter {
      $0.ends?.from == record || $0.ends?.to == record
    }
    return replies + relations
  }

  private func item(_ id: RecordID, _ state: RecordState, handle: String) throws -> ItemView {
    let creation = state.creation
    var item = ItemView(
      id: id, handle: handle, kind: id.kind,
      analyst: try creation.map { try analyst(of: $0) } ?? "", time: creation?.time ?? 0,
      isDeleted: state.isDeleted, conflicts: state.conflictNames(id.kind), clock: state.clock)
    switch id.kind {
    case .annotation: try fillAnnotation(&item, state)
    case .reply:
      item.note = try shownText(ReplyField.note, state)
      item.parent = try shownBytes(ReplyField.parent, state).flatMap { RecordID(encoded: $0) }
      item.article = try item.parent.flatMap { try article(under: $0) }
    case .relation:
      item.name = try shownText(RelationField.type, state)
      item.ends = try shownBytes(RelationField.ends, state).flatMap { RelationEnds(encoded: $0) }
      item.article = try item.ends.flatMap { try article(under: $0.from) }
    case .label:
      item.name = try LabelID(id).map { try name(of: $0) }
      // In a circle one stands, whatever its register says (ruling 31).
      item.mergedInto = try LabelID(id).flatMap { label in
        try standing(label) == label ? nil : try mergedInto(label)
      }?.record
    case .article:
      item.article = id
      item.name = try shownText(ArticleField.title, state) ?? shownText(ArticleField.file, state)
    default: break
    }
    return item
  }

  private func fillAnnotation(_ item: inout ItemView, _ state: RecordState) throws {
    if let bytes = try shownBytes(AnnotationField.target, state),
      let target = try? Target(encoded: bytes)
    {
      item.article = target.article.record
      item.spans = target.spans
      item.quote = target.quote
      item.anchor = try anchor(of: target)
    }
    if let label = try shownBytes(AnnotationField.label, state).flatMap({ LabelID(bytes: $0) }) {
      let standing = try standing(label)
      item.labelID = standing.record
      item.label = try name(of: standing)
      if try clashingLabels().contains(standing) {
        item.labelHandle = try self.handle(of: standing.record)
      }
    }
    item.note = try shownText(AnnotationField.note, state)
    item.confidence = try shownBytes(AnnotationField.confidence, state).flatMap {
      Confidence(encoded: $0)
    }
    item.tags = try texts(AnnotationField.tags, state)
  }

  private func shownBytes(_ field: FieldID, _ state: RecordState) throws -> [UInt8]? {
    guard let value = state.siblings(of: field).shown?.sibling.content?.value else { return nil }
    return try content(value)
  }

  /// The article at the bottom of what hangs on what; a chain made to go in circles ends.
  private func article(under record: RecordID, depth: Int = 0) throws -> RecordID? {
    guard depth < Self.hangingDepthMax, let state = try state(of: record) else { return nil }
    switch record.kind {
    case .article: return record
    case .annotation:
      let target = try shownBytes(AnnotationField.target, state)
      return target.flatMap { try? Target(encoded: $0) }?.article.record
    case .reply:
      let parent = try shownBytes(ReplyField.parent, state).flatMap { RecordID(encoded: $0) }
      return try parent.flatMap { try article(under: $0, depth: depth + 1) }
    case .relation:
      let ends = try shownBytes(RelationField.ends, state).flatMap { RelationEnds(encoded: $0) }
      return try ends.flatMap { try article(under: $0.from, depth: depth + 1) }
    default: return nil
    }
  }

  private static var hangingDepthMax: Int { 32 }
}

extension ItemFilter {
  /// What can be told without reading values.
  fileprivate func matches(_ state: RecordState, _ labels: [LabelID]?) -> Bool {
    switch lifecycle {
    case .live where state.isDeleted, .deleted where !state.isDeleted: return false
    default: break
    }
    if conflictedOnly, state.isDeleted || state.conflictCount == 0 { return false }
    guard let labels else { return true }
    return labels.contains { state.has(sibling: $0.bytes, in: AnnotationField.label) }
  }
}
