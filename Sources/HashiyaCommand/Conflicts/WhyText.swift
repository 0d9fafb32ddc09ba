import AnnotationModel
import Auditor
import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// How a record came to show what it shows.
struct WhyText {
  private let record: RecordID
  private let handle: String
  private let references: References

  init(_ record: RecordID, _ references: References) throws {
    self.record = record
    self.references = references
    handle = try references.reader.handle(of: record)
  }

  /// The JSON shape of `why`.
  func json(_ fields: [WhyField]) -> JSONValue {
    JSONValue(WhyReport(record, handle: handle, fields).json)
  }

  /// What people read: for each field the siblings, who had received what, the rule, the leaf, and the
  /// command that takes another value.
  func lines(_ fields: [WhyField]) throws -> [StyledText] {
    var lines = [try references.summary(record)]
    for field in fields {
      lines.append("")
      lines += try self.lines(field)
    }
    return lines
  }

  private func lines(_ field: WhyField) throws -> [StyledText] {
    var lines = [heading(field)]
    if field.siblings.count == 1, let only = field.siblings.first {
      lines += ValueText.block(only.value)
      let dot = try references.reader.dotText(only.dot)
      lines.append(
        "  by \(only.analyst), \(TimeText.short(only.time))  \(dot, .dim)" + because(only.reason)
          + back(only))
    } else {
      for (index, sibling) in field.siblings.enumerated() {
        lines += ConflictText(references: references).siblingLines(
          sibling, number: index + 1, shown: false)
        lines.append(try received(sibling, among: field.siblings))
      }
    }
    lines.append(try decided(field) ?? rule(field))
    for old in field.superseded { lines += try self.lines(old) }
    return lines + commands(field)
  }

  private func rule(_ field: WhyField) -> StyledText {
    "  rule: \(field.rule.rawValue, .accent), " + StyledText(verbatim: field.rule.words)
      + place(field)
  }

  /// Who decided a conflict that is settled, and why; nil for a field that nobody decided last.
  private func decided(_ field: WhyField) throws -> StyledText? {
    guard let last = field.decisions.last, last.merged.decision.closed, let reason = last.reason
    else { return nil }
    let choice: StyledText
    switch field.shown {
    case .live where field.field == nil: choice = "to keep it"
    case .deleted: choice = "to delete it"
    default:
      // Not by their dots: what one undoing brought back has one.
      let count = field.superseded.count { $0.by == last.merged.dot }
      choice = "between \(max(count, last.merged.decision.superseded.count)) values"
    }
    return "  \(last.analyst) decided " + choice + "; reason: \(reason)" + place(field)
  }

  private func lines(_ old: SupersededView) throws -> [StyledText] {
    let by = try references.reader.dotText(old.by)
    return [
      "  before: " + ValueText.word(old.sibling.value)
        + " by \(old.sibling.analyst), superseded by \(old.byAnalyst)'s \(by)"
        + because(old.sibling.reason)
    ]
  }

  private func back(_ sibling: SiblingView) -> StyledText {
    guard let back = sibling.broughtBack else { return "" }
    return ", brought back by \(back.analyst), \(TimeText.short(back.time))"
  }

  private func because(_ reason: String?) -> StyledText {
    guard let reason else { return "" }
    return ": \(reason)"
  }

  private func heading(_ field: WhyField) -> StyledText {
    let shows: StyledText = "\(field.fieldName, .accent)  shows " + ValueText.word(field.shown)
    guard field.siblings.count > 1 else { return shows }
    return shows + ", since " + StyledText(verbatim: field.reason.words)
  }

  private func place(_ field: WhyField) -> StyledText {
    if field.isLocal { return " (pending: merged on this machine only)" }
    return field.leaf.map { " (leaf \($0))" } ?? ""
  }

  /// Who had received whose value.
  private func received(
    _ sibling: SiblingView, among siblings: [SiblingView]
  ) throws -> StyledText {
    // Of one's own values it goes without saying.
    let others = siblings.filter { $0.dot != sibling.dot && $0.analyst != sibling.analyst }
    let seen = others.filter { sibling.against.contains($0.dot) }
    let dot = try references.reader.dotText(sibling.dot)
    var line = StyledText(verbatim: "       ", .dim) + "\(dot, .dim)"
    if others.isEmpty { return line }
    let unseen = others.filter { !sibling.against.contains($0.dot) }
    if !seen.isEmpty { line += ", had received " + (try names(seen)) }
    if !unseen.isEmpty { line += ", had not received " + (try names(unseen)) }
    return line
  }

  private func names(_ siblings: [SiblingView]) throws -> StyledText {
    "\(try siblings.map { try references.reader.dotText($0.dot) }.joined(separator: ", "))"
  }

  private func commands(_ field: WhyField) -> [StyledText] {
    if field.siblings.count > 1 {
      return field.siblings.indices.map { index in
        StyledText(
          verbatim: "  hashiya resolve \(handle) \(field.fieldName) --take \(index + 1) --reason …",
          .dim)
      }
    }
    let texts = field.superseded.compactMap { old -> String? in
      guard case .text(let text) = old.sibling.value else { return nil }
      // What is shown need not be brought back.
      if case .text(let shown) = field.shown, UTF8Text.identical(shown, text) { return nil }
      return text
    }
    guard let text = texts.last, ["label", "note"].contains(field.fieldName) else { return [] }
    return [
      StyledText(verbatim: "  bring it back: hashiya edit \(handle) --\(field.fieldName) ", .dim)
        + "\(argument: PassageText.short(text), .dim)"
    ]
  }
}
