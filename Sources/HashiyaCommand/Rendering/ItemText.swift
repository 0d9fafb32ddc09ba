import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Records as people read them.
enum ItemText {
  /// One line: handle, what it is, and a few of its words.
  static func summary(_ item: ItemView) -> StyledText {
    var line: StyledText = "\(item.handle, .strong)  "
    switch item.kind {
    case .annotation:
      line += "\(item.label ?? "no label", .accent)  \(item.analyst)"
      if let quote = item.quote { line += "  \(PassageText.short(quote, columns: 40))" }
    case .reply: line += "reply by \(item.analyst)  \(PassageText.short(item.note ?? ""))"
    case .relation: line += "relation \(item.name ?? "") by \(item.analyst)"
    case .label: line += "label \(item.name ?? "")"
    default: line += "\(AnnotationSchema.name(of: item.kind) ?? "record")"
    }
    if item.isDeleted { line += "  " + StyledText(verbatim: "deleted", .dim) }
    return line + conflictMark(item)
  }

  /// The heading of a listed annotation; its passage and note follow on lines of their own.
  static func listed(_ item: ItemView) -> [StyledText] {
    guard item.kind == .annotation else { return [summary(item)] }
    var head: StyledText = "\(item.handle, .strong)  \(item.label ?? "no label", .accent)"
    head += "  \(item.analyst)"
    for tag in item.tags { head += "  #\(tag)" }
    if let confidence = item.confidence { head += "  ~\(confidence.text)" }
    if item.isDeleted { head += "  " + StyledText(verbatim: "deleted", .dim) }
    var lines = [head + conflictMark(item)]
    if let quote = item.quote { lines += PassageText.block(PassageText.short(quote, columns: 100)) }
    if let note = item.note, !note.isEmpty {
      lines += PassageText.block(note, indentation: "    │ ")
    }
    return lines
  }

  /// Which fields are in conflict, where any are.
  static func conflictMark(_ item: ItemView) -> StyledText {
    guard !item.conflicts.isEmpty else { return "" }
    return "  "
      + StyledText(verbatim: "! " + item.conflicts.joined(separator: ", "), .warning)
  }
}
