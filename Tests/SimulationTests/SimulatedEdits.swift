import AnnotationModel
import MergeCore
import SimulationKit
import SyncProtocol

@testable import WorkspaceStore

/// Random edits of every kind, as people make them.
struct SimulatedEdits {
  static let texts = [
    "قال المتحدث إن ردّاً متناسباً سيأتي 🕊️ قريباً.\r\nوهذا سطر ثانٍ.\n",
    "A second article, shorter.\nWith ـــ tatweel and é marks.\n",
    "نصّ ثالث 👩‍👩‍👧 قصير\n",
  ]
  private static let words = ["claim", "رد", "source", "doubt"]

  /// What one edit did, for the tally.
  enum Kind: String, CaseIterable {
    case article, annotate, register, tag, olderForm, delete, restore, reply, relate, resolve, label
    case title, text, undo, takeBack, fill
  }

  /// Makes one edit, or none where an author is refused it.
  static func edit(
    _ store: SimulatedStore, _ random: SeededRandom, _ ledger: inout Ledger
  ) throws -> Kind? {
    let kind = choose(random)
    do {
      return try ledger.edit(store) { try make(kind, &$0, store, random) } ? kind : nil
    } catch is AuthoringRefusal {
      return nil
    } catch is NothingToEdit {
      return nil
    }
  }

  private struct NothingToEdit: Error {}

  private static func choose(_ random: SeededRandom) -> Kind {
    switch random.below(40) {
    case 0..<2: .article
    case 2..<9: .annotate
    case 9..<17: .register
    case 17..<21: .tag
    case 21..<25: .olderForm
    case 25..<28: .delete
    case 28..<30: .restore
    case 30: .reply
    case 31: .relate
    case 32..<35: .resolve
    case 35: .label
    case 36: .title
    case 37: .text
    case 38: random.once(in: 8) ? .fill : .takeBack
    default: .undo
    }
  }

  private static func make(
    _ kind: Kind, _ editor: inout WorkspaceEditor, _ store: SimulatedStore,
    _ random: SeededRandom
  ) throws {
    switch kind {
    case .article:
      _ = try editor.addArticle(
        bytes: Array((random.pick(texts) ?? "x").utf8), title: nil, source: nil, file: "a.txt")
    case .annotate: try annotate(&editor, random)
    case .register, .tag:
      let id = try pick(.annotation, editor, random)
      try show(id, editor, store)
      _ = try editor.edit(id, kind == .tag ? tags(random) : registers(random))
    case .olderForm:
      guard let form = random.pick(store.shownClocks) else { throw NothingToEdit() }
      let edit = random.once(in: 3) ? tags(random) : registers(random)
      _ = try editor.edit(form.record, edit, against: form.clock)
    case .delete: _ = try editor.delete(try pickAny(editor, random))
    case .restore: _ = try editor.restore(try pickAny(editor, random))
    case .reply:
      _ = try editor.reply(to: pick(.annotation, editor, random), text: word(random))
    case .relate:
      _ = try editor.relate(
        from: pick(.annotation, editor, random), type: word(random),
        to: pickAny(editor, random))
    case .resolve: try resolve(&editor, random)
    case .label:
      if random.once(in: 3) {
        _ = try editor.addLabel(word(random))
      } else if random.once(in: 2) {
        _ = try editor.mergeLabel(
          pick(.label, editor, random), into: pick(.label, editor, random))
      } else {
        _ = try editor.edit(
          pick(.label, editor, random), RecordEdit(name: "\(word(random)) \(random.below(3))"))
      }
    case .title:
      _ = try editor.editArticle(
        pick(.article, editor, random), text: nil, title: "Title \(random.below(4))", source: nil)
    case .text:
      _ = try editor.editArticle(
        pick(.article, editor, random),
        text: Array("\(random.pick(texts) ?? "x") \(random.below(3))".utf8), title: nil, source: nil
      )
    case .undo: _ = try editor.undo()
    case .takeBack:
      try resolve(&editor, random)
      _ = try editor.undo()
    case .fill: try fill(pick(.annotation, editor, random), &editor)
    }
  }

  /// Takes up all the room that a member has in a field of a record, as one of ill will might.
  private static func fill(_ record: RecordID, _ editor: inout WorkspaceEditor) throws {
    let replicas = Set(try OwnReplica.all(editor.db).map(\.id))
      .union(editor.reader.membership.replicas(sharingMemberWith: editor.reader.replica))
    let taken = try editor.reader.state(of: record)?.siblings(of: AnnotationField.note)
      .count { replicas.contains($0.dot.replica) }
    // Another device of the same member may be as busy, and is not seen from here.
    for number in (taken ?? 0)..<max(taken ?? 0, Limits.memberSiblingsMax / 4) {
      try editor.commit([
        DraftOperation(
          record, .write(AnnotationField.note, Array("full \(number)".utf8)),
          against: VectorClock())
      ])
    }
  }

  private static func annotate(_ editor: inout WorkspaceEditor, _ random: SeededRandom)
    throws
  {
    let start = random.below(6)
    _ = try editor.annotate(
      article: pick(.article, editor, random), spans: [Span(start: start, end: start + 3)],
      label: random.once(in: 2) ? word(random) : nil,
      note: random.once(in: 2) ? word(random) : nil,
      tags: random.once(in: 2) ? [word(random)] : [])
  }

  private static func resolve(_ editor: inout WorkspaceEditor, _ random: SeededRandom) throws {
    guard let conflict = random.pick(try editor.reader.conflicts()) else { throw NothingToEdit() }
    let choice: ResolutionChoice
    if let field = conflict.field {
      guard let sibling = random.pick(conflict.siblings) else { throw NothingToEdit() }
      let isNote = conflict.record.kind == .annotation && field == AnnotationField.note
      choice = isNote && random.once(in: 2) ? .text("settled") : .sibling(sibling.dot)
    } else {
      choice = random.once(in: 2) ? .live : .deleted
    }
    _ = try editor.resolve(
      conflict.record, conflict.field, with: choice, reason: "because",
      against: random.once(in: 2) ? conflict.clock : nil)
  }

  // MARK: - Choices

  private static func registers(_ random: SeededRandom) -> RecordEdit {
    switch random.below(4) {
    case 0: RecordEdit(label: word(random))
    case 1: RecordEdit(confidence: Confidence(millionths: random.below(3) * 250_000))
    case 2: RecordEdit(spans: [(try? Span(start: 1, end: 2 + random.below(3)))].compactMap { $0 })
    default: RecordEdit(note: "\(word(random)) \(random.below(4))")
    }
  }

  private static func tags(_ random: SeededRandom) -> RecordEdit {
    random.once(in: 2)
      ? RecordEdit(addTags: [word(random)]) : RecordEdit(removeTags: [word(random)])
  }

  private static func word(_ random: SeededRandom) -> String { random.pick(words) ?? "x" }

  /// Remembers the form that is about to be saved, for somebody who is slower.
  private static func show(_ id: RecordID, _ editor: WorkspaceEditor, _ store: SimulatedStore)
    throws
  {
    guard let state = try editor.reader.state(of: id) else { return }
    store.shownClocks.append((id, state.clock))
    if store.shownClocks.count > 12 { store.shownClocks.removeFirst() }
  }

  private static func pick(
    _ kind: RecordKind, _ editor: WorkspaceEditor, _ random: SeededRandom
  ) throws -> RecordID {
    guard let record = random.pick(try editor.reader.records(of: kind).map(\.id).prefix(12)) else {
      throw NothingToEdit()
    }
    return record
  }

  private static func pickAny(_ editor: WorkspaceEditor, _ random: SeededRandom) throws
    -> RecordID
  {
    let kinds: [RecordKind] = [
      .annotation, .annotation, .annotation, .annotation, .reply, .relation, .article, .label,
    ]
    return try pick(random.pick(kinds) ?? .annotation, editor, random)
  }
}
