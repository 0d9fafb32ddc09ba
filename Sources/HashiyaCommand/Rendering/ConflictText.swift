import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Conflicts as people read them.
struct ConflictText {
  let references: References

  /// A conflict: where it is, the words it is about, its numbered siblings, and how to decide it.
  ///
  /// - Parameter inContext: whether to show the sentence that the words are in, and what the field held
  ///   before the siblings.
  func lines(_ conflict: ConflictView, inContext: Bool = false) throws -> [StyledText] {
    let handle = try references.reader.handle(of: conflict.record)
    var lines = try heading(conflict, handle, inContext: inContext)
    if inContext, let earlier = try references.reader.earlierValue(of: conflict) {
      lines.append(
        StyledText(verbatim: "    before, for all: ", .dim) + (ValueText.inline(earlier) ?? ""))
      lines += ValueText.block(earlier)
    }
    for (index, sibling) in conflict.siblings.enumerated() {
      lines += siblingLines(sibling, number: index + 1, shown: shownIndex(conflict) == index)
    }
    if conflict.record.kind == .article, conflict.field == ArticleField.text {
      lines.append(
        StyledText(
          verbatim: "  hashiya article show \(handle) --version SHA256   shows each of them", .dim))
    }
    let number = (shownIndex(conflict) ?? 0) + 1
    lines.append(
      StyledText(
        verbatim:
          "  hashiya resolve \(handle) \(conflict.fieldName) --take \(number) --reason …", .dim))
    return lines
  }

  /// `7c1e  label  001_2bdf.txt, line 19` and the passage.
  func heading(
    _ conflict: ConflictView, _ handle: String, inContext: Bool = false
  ) throws -> [StyledText] {
    var head: StyledText = "\(handle, .strong)  \(conflict.fieldName, .accent)"
    guard let item = try references.reader.item(conflict.record), item.kind == .annotation,
      let id = item.article
    else { return [head + "  " + (try references.description(conflict.record))] }
    let name = try references.name(ofArticle: id)
    if item.anchor == .exact, let first = item.spans.first,
      let text = try references.reader.articleText(id)
    {
      head += "  " + PassageText.place(article: name, line: text.lineNumber(at: first.start))
      if inContext {
        return [head] + item.spans.flatMap { PassageText.inContext(text.sentence(at: $0)) }
      }
    } else {
      head += "  \(name)" + ItemText.marks(item)
    }
    let quote = PassageText.short(item.quote ?? "", columns: 100)
    return [head] + (quote.isEmpty ? [] : PassageText.block(quote))
  }

  /// `▸ 1  omar  2026-04-14 09:30Z  claim`.
  func siblingLines(_ sibling: SiblingView, number: Int, shown: Bool) -> [StyledText] {
    var line = StyledText(verbatim: shown ? "  ▸ " : "    ", .good)
    line += "\(number)  \(sibling.analyst)  "
    line += StyledText(verbatim: TimeText.short(sibling.time), .dim)
    if let value = ValueText.inline(sibling.value) { line += "  " + value }
    if sibling.isResolution { line += "  " + StyledText(verbatim: "(decided)", .dim) }
    // Whose own value it is brought back nobody else's.
    if let back = sibling.broughtBack, !back.analyst.utf8.elementsEqual(sibling.analyst.utf8) {
      line += "  (brought back by \(back.analyst))"
    }
    return [line] + ValueText.block(sibling.value)
  }

  /// Which sibling is the one shown: the rule's own choice, since equal values are listed each.
  ///
  /// A lifecycle in conflict shows live, whenever the delete was.
  private func shownIndex(_ conflict: ConflictView) -> Int? {
    let candidates = conflict.siblings.filter { sibling in
      guard conflict.field == nil, case .deleted = sibling.value else { return true }
      return false
    }
    let best = candidates.max { ($0.time, $0.dot) < ($1.time, $1.dot) }
    return conflict.siblings.firstIndex { $0.dot == best?.dot }
  }
}

extension ViewReason {
  /// Why a value is the one shown, in words.
  var words: String {
    switch self {
    case .only: "it is the only value"
    case .agreed: "all wrote the same"
    case .latestTime: "its author's clock was latest"
    case .greatestDot: "times were equal, so the greatest dot"
    case .keptAlive: "somebody worked on it while it was deleted"
    case .addWins: "what anybody added and nobody removed since"
    }
  }
}

extension MergeRule {
  /// What a rule says, in words.
  var words: String {
    switch self {
    case .applied: "nothing was concurrent: the edit did what it says"
    case .keptSiblings: "concurrent writes of different values: all are kept"
    case .agreed: "concurrent writes of the same value: no conflict"
    case .addWins: "an add and a remove were concurrent: the add stands"
    case .keptAlive: "a delete and another edit were concurrent: the record lives"
    case .deletesAgree: "concurrent deletes agree"
    case .absorbed: "the same change was known already, under another dot"
    }
  }
}
