package import AnnotationModel
package import MergeCore
import SyncProtocol

// Making annotations, replies and relations. Creating a record touches what it hangs on (ruling 7).

extension WorkspaceEditor {
  /// Marks passages of an article; a label of an unknown name is made in the same change.
  ///
  /// - Parameters:
  ///   - id: what a script calls it; nil for a new one. What exists identically is a no-op.
  ///   - version: the version of the text that is marked; nil for the one shown.
  ///   - mayBeDeleted: whether one that exists identically and is deleted is a no-op too.
  package mutating func annotate(
    id: RecordID? = nil, article: RecordID, spans: [Span], version: TextVersion? = nil,
    label: String? = nil, note: String? = nil, tags: [String] = [],
    confidence: Confidence? = nil, mayBeDeleted: Bool = false
  ) throws -> (made: Made, label: LabelOutcome?) {
    if try !isMade(id) { _ = try live(article) }
    let target = try target(in: article, spans: spans, version: version)
    let choice = try label.map { try self.label(named: $0) }
    var creation = RecordCreation(touching: [article])
    creation.write(AnnotationField.target, target.encoded)
    if let choice { creation.write(AnnotationField.label, choice.bytes) }
    if let note {
      creation.write(AnnotationField.note, try AuthoringRefusal.accept(note, as: .note))
    }
    for tag in tags {
      creation.add(AnnotationField.tags, try AuthoringRefusal.accept(tag, as: .tag))
    }
    if let confidence { creation.write(AnnotationField.confidence, confidence.encoded) }
    creation.also = choice?.operations ?? []
    return (
      try make(creation, id: id, kind: .annotation, mayBeDeleted: mayBeDeleted), choice?.outcome
    )
  }

  /// Answers a record.
  package mutating func reply(
    id: RecordID? = nil, to parent: RecordID, text: String, mayBeDeleted: Bool = false
  ) throws -> Made {
    if try !isMade(id) { _ = try live(parent) }
    var creation = RecordCreation(touching: [parent])
    creation.write(ReplyField.note, try AuthoringRefusal.accept(text, as: .reply))
    creation.write(ReplyField.parent, parent.encoded)
    return try make(creation, id: id, kind: .reply, mayBeDeleted: mayBeDeleted)
  }

  /// Links two records.
  ///
  /// Where they are linked so already, and no script names the relation, that one is meant.
  package mutating func relate(
    id: RecordID? = nil, from: RecordID, type: String, to: RecordID, mayBeDeleted: Bool = false
  ) throws -> Made {
    if try !isMade(id) {
      _ = try live(from)
      _ = try live(to)
    }
    guard from != to else { throw AuthoringRefusal.relatesToItself(from) }
    let type = try AuthoringRefusal.accept(type, as: .relationType)
    let ends = RelationEnds(from: from, to: to).encoded
    if id == nil, let known = try reader.relation(type, ends) {
      try rememberLast(known)
      return Made(record: known, dot: nil)
    }
    var creation = RecordCreation(touching: [from, to])
    creation.write(RelationField.type, type)
    creation.write(RelationField.ends, ends)
    return try make(creation, id: id, kind: .relation, mayBeDeleted: mayBeDeleted)
  }

  /// Spans of an article's shown text, or of another version that it has or had.
  func target(in article: RecordID, spans: [Span], version: TextVersion? = nil) throws -> Target {
    let state = try existing(article)
    guard let id = ArticleID(article) else { throw AuthoringRefusal.unknownRecord(article) }
    let shown = state.shownVersion(of: article)
    if let version, version.digest != shown,
      try !reader.versions(ofArticle: article).contains(version)
    {
      throw AuthoringRefusal.noSuchVersion(article, version)
    }
    guard let text = try reader.text(of: version?.digest ?? shown) else {
      throw AuthoringRefusal.contentMissing(article)
    }
    return try AuthoringRefusal.target(id, text, spans)
  }

  /// Whether somebody made the record of an id that was given.
  private func isMade(_ id: RecordID?) throws -> Bool {
    guard let id, let state = try reader.state(of: id) else { return false }
    return !state.creations.isEmpty
  }

  private mutating func make(
    _ creation: RecordCreation, id: RecordID?, kind: RecordKind, mayBeDeleted: Bool
  ) throws -> Made {
    if let id, let state = try reader.state(of: id), !state.creations.isEmpty {
      guard mayBeDeleted || !state.isDeleted else { throw AuthoringRefusal.deleted(id) }
      guard try reader.isIdentical(creation, id, state) || reader.wasMade(as: creation, id, state)
      else {
        throw AuthoringRefusal.existsDifferently(id)
      }
      return Made(record: id, dot: nil)
    }
    let record = id ?? newRecord(kind)
    let made = try make(creation.operations(making: record), on: record)
    try rememberLast(record)
    return made
  }
}

/// The values of a record about to be made.
struct RecordCreation {
  let touching: [RecordID]
  private(set) var registers: [(field: FieldID, bytes: [UInt8])] = []
  private(set) var elements: [(field: FieldID, bytes: [UInt8])] = []
  /// Operations on other records in the same change.
  var also: [DraftOperation] = []

  init(touching: [RecordID]) { self.touching = touching }

  /// Writes a register; nothing is what it holds anyway.
  mutating func write(_ field: FieldID, _ bytes: [UInt8]) {
    if !bytes.isEmpty { registers.append((field, bytes)) }
  }

  /// Adds an element, once.
  mutating func add(_ field: FieldID, _ bytes: [UInt8]) {
    guard !elements.contains(where: { $0.field == field && $0.bytes == bytes }) else { return }
    elements.append((field, bytes))
  }

  func operations(making record: RecordID) -> [DraftOperation] {
    also + touching.map { DraftOperation($0, .touch) } + [DraftOperation(record, .create(nil))]
      + registers.map { DraftOperation(record, .write($0.field, $0.bytes)) }
      + elements.map { DraftOperation(record, .add($0.field, $0.bytes)) }
  }
}

extension WorkspaceReader {
  /// The live relation that says just this, without a conflict about it; one scan of the relations.
  func relation(_ type: [UInt8], _ ends: [UInt8]) throws -> RecordID? {
    let (type, ends) = (DomainHash.plain(type), DomainHash.plain(ends))
    return try records(of: .relation).first { _, state in
      let types = state.siblings(of: RelationField.type)
      let links = state.siblings(of: RelationField.ends)
      return !state.isDeleted && !types.isEmpty && types.allHold(type) && !links.isEmpty
        && links.allHold(ends)
    }?.id
  }

  /// Whether a record has exactly the values that it would be made with; of a field in conflict, one of
  /// its values is enough, so that what one store exports is nothing new to it.
  func isIdentical(_ creation: RecordCreation, _ id: RecordID, _ state: RecordState) throws
    -> Bool
  {
    guard creation.also.isEmpty else { return false }
    let kind = AnnotationSchema.schema.kinds[id.kind]
    for (field, type) in kind?.fields ?? [:] {
      switch type {
      case .register:
        let given = creation.registers.first { $0.field == field }?.bytes ?? []
        guard try isSame(field, given, state) else { return false }
      case .set:
        let given = creation.elements.filter { $0.field == field }.map {
          DomainHash.plain($0.bytes)
        }
        let present = state.presentElements(of: field).map(\.value)
        guard Self.isSame(Set(given), Set(present)) else { return false }
      }
    }
    return true
  }

  /// Whether some creation of the record said just this, whatever was edited since: a script that
  /// runs again says nothing new.
  func wasMade(as creation: RecordCreation, _ id: RecordID, _ state: RecordState) throws -> Bool {
    guard creation.also.isEmpty else { return false }
    let changes = ChangeReader(self)
    return try state.creations.contains { sibling in
      let carrier = sibling.carriers[0]
      var registers: [FieldID: Digest256] = [:]
      var elements: Set<Content> = []
      for action in try changes.change(carrier.dot, at: carrier.position).operations(on: id) {
        switch action {
        case .write(let field, let content): registers[field] = content.value
        case .add(_, let content): elements.insert(content)
        case .create, .remove, .delete, .restore, .touch, .writeBack, .addBack, .deleteBack:
          continue
        }
      }
      let given = creation.registers.map { ($0.field, DomainHash.plain($0.bytes)) }
      let tags = Set(creation.elements.map { DomainHash.plain($0.bytes) })
      return registers == Dictionary(given) { $1 }
        && Self.isSame(tags, Set(elements.map(\.value)))
    }
  }

  /// Whether the tags that a script gives are those that are there; as many as one line has room for
  /// need not be all.
  private static func isSame(_ given: Set<Digest256>, _ present: Set<Digest256>) -> Bool {
    given == present
      || (given.count == AnnotationLimits.tagsPerLine && given.isSubset(of: present))
  }

  /// Whether one of a field's siblings holds the value that was given.
  ///
  /// A target is the same when it marks the same words at the same places, whichever version of the text
  /// they were marked in.
  private func isSame(_ field: FieldID, _ given: [UInt8], _ state: RecordState) throws -> Bool {
    let siblings = state.siblings(of: field)
    if siblings.isEmpty { return given.isEmpty }
    let value = DomainHash.plain(given)
    if siblings.contains(where: { $0.content?.value == value }) { return true }
    guard let target = try? Target(encoded: given) else { return false }
    return try siblings.contains { sibling in
      guard let bytes = try sibling.content.flatMap({ try content($0.value) }),
        let held = try? Target(encoded: bytes)
      else { return false }
      return held.article == target.article
        && held.quotations.map(\.span) == target.quotations.map(\.span)
        && held.quotations.map(\.exact) == target.quotations.map(\.exact)
    }
  }
}
