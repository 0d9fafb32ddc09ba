import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Decisions as they are typed, turned into what the store takes.
enum Resolution {
  /// The conflict about a field; one that is settled or unknown is explained.
  static func conflict(
    _ id: RecordID, _ name: String, _ reader: WorkspaceReader
  ) throws -> ConflictView {
    _ = try References(reader: reader).field(name, of: [id.kind])
    let field = AnnotationSchema.field(named: name, in: id.kind)
    guard let conflict = try reader.conflicts(of: id).first(where: { $0.field == field })
    else { throw AuthoringRefusal.notInConflict(id, field) }
    return conflict
  }

  /// The sibling that `--take` means: by number, by dot, or by analyst.
  static func sibling(
    _ text: String, of conflict: ConflictView, _ reader: WorkspaceReader
  ) throws -> SiblingView {
    let siblings = conflict.siblings
    if let number = Int(text) {
      guard siblings.indices.contains(number - 1) else {
        throw try unknown(text, conflict, reader)
      }
      return siblings[number - 1]
    }
    if let dot = try reader.parseDot(text) {
      guard let sibling = siblings.first(where: { $0.dot == dot }) else {
        throw try unknown(text, conflict, reader)
      }
      return sibling
    }
    let matches = siblings.filter { reader.means(text, $0.analyst) }
    guard let first = matches.first else {
      throw try unknown(text, conflict, reader)
    }
    guard matches.dropFirst().allSatisfy({ $0.holds(first.value) }) else {
      throw CommandFailure(
        .badData, "\(text) wrote several of the siblings", details: try list(conflict, reader),
        remedy: "take one by its number")
    }
    return first
  }

  /// The three-way merge that is proposed for texts; nil for other values, and when there is none.
  static func proposal(_ conflict: ConflictView, _ reader: WorkspaceReader) throws -> NoteMerge? {
    let notes = conflict.siblings.compactMap { sibling -> String? in
      if case .text(let text) = sibling.value { text } else { nil }
    }
    guard notes.count == conflict.siblings.count else { return nil }
    return NoteMerge(ancestor: try reader.commonAncestor(of: conflict) ?? "", notes: notes)
  }

  /// The text of the merge, or why it cannot be used as it is.
  static func merged(_ conflict: ConflictView, _ reader: WorkspaceReader) throws -> String {
    guard let merge = try proposal(conflict, reader) else {
      throw CommandFailure(
        .badData,
        "only notes and other short texts can be merged, and \(conflict.fieldName) is none",
        remedy: "\(lookAt(conflict)); then decide with --take or --value")
    }
    guard !merge.hasClash else {
      throw CommandFailure(
        .badData, "both changed the same words, so there is no merge to use as it is",
        details: PassageText.block(merge.text), remedy: "write the value with --value")
    }
    return merge.text
  }

  /// The command that shows what can be chosen from.
  private static func lookAt(_ conflict: ConflictView) -> StyledText {
    guard conflict.field == ArticleField.text, conflict.record.kind == .article else {
      return "see hashiya conflicts"
    }
    return
      "read each version with hashiya article show REF --version SHA256, as hashiya conflicts lists them"
  }

  private static func unknown(
    _ text: String, _ conflict: ConflictView, _ reader: WorkspaceReader
  ) throws -> CommandFailure {
    CommandFailure(
      .noInput, "there is no sibling \(text)", details: try list(conflict, reader),
      remedy: "take one by number, analyst or dot")
  }

  private static func list(
    _ conflict: ConflictView, _ reader: WorkspaceReader
  ) throws -> [StyledText] {
    try conflict.siblings.enumerated().map { index, sibling in
      "\(index + 1)  \(sibling.analyst)  \(try reader.dotText(sibling.dot))  "
        + ValueText.word(sibling.value)
    }
  }
}

extension SiblingView {
  /// Whether its value is this one.
  fileprivate func holds(_ value: ValueView) -> Bool {
    UTF8Text.identical(RecordJSON.value(self.value).text, RecordJSON.value(value).text)
  }
}
