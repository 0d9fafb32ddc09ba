import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Records as people read them.
enum ItemText {
  /// One line: handle, what it is, and a few of its words.
  static func summary(_ item: ItemView) -> StyledText {
    "\(item.handle, .strong)  " + description(item)
  }

  /// What it is and a few of its words, without the handle.
  static func description(_ item: ItemView) -> StyledText {
    var line: StyledText = ""
    switch item.kind {
    case .annotation:
      line += label(item) + "  \(item.analyst)"
      if let quote = item.quote { line += "  \(PassageText.short(quote, columns: 40))" }
    case .reply: line += "reply by \(item.analyst)  \(PassageText.short(item.note ?? ""))"
    case .relation: line += "relation \(item.name ?? "") by \(item.analyst)"
    case .label: line += "label \(item.name ?? "")"
    default: line += "\(AnnotationSchema.name(of: item.kind) ?? "record")"
    }
    if item.isDeleted { line += "  " + StyledText(verbatim: "deleted", .dim) }
    return line + marks(item)
  }

  /// The heading of a listed annotation; its passage and note follow on lines of their own.
  static func listed(_ item: ItemView) -> [StyledText] {
    guard item.kind == .annotation else { return [summary(item)] }
    var head: StyledText = "\(item.handle, .strong)  " + label(item)
    head += "  \(item.analyst)"
    for tag in item.tags { head += "  #\(tag)" }
    if let confidence = item.confidence { head += "  ~\(confidence.text)" }
    if item.isDeleted { head += "  " + StyledText(verbatim: "deleted", .dim) }
    var lines = [head + marks(item)]
    if let quote = item.quote { lines += PassageText.block(PassageText.short(quote, columns: 100)) }
    if let note = item.note, !note.isEmpty {
      lines += PassageText.block(note, indentation: "    │ ")
    }
    return lines
  }

  /// An annotation's label, with its handle where another label has the same name.
  static func label(_ item: ItemView) -> StyledText {
    guard let name = item.label else { return StyledText(verbatim: "no label", .accent) }
    guard let handle = item.labelHandle else { return "\(name, .accent)" }
    return "\(name, .accent) \(handle, .strong)"
      + StyledText(verbatim: " ! another label has this name", .warning)
  }

  /// What a reader must know of it: conflicts, and words that are not the article's.
  static func marks(_ item: ItemView) -> StyledText { conflictMark(item) + anchorMark(item) }

  private static func anchorMark(_ item: ItemView) -> StyledText {
    switch item.anchor {
    case .exact, nil: ""
    case .otherVersion: "  " + StyledText(verbatim: "! of another version of the text", .warning)
    case .mismatch: "  " + StyledText(verbatim: "! not what the article says there", .warning)
    case .unknown: "  " + StyledText(verbatim: "! of a text that is not here", .warning)
    }
  }

  /// Which fields are in conflict, where any are.
  static func conflictMark(_ item: ItemView) -> StyledText {
    guard !item.conflicts.isEmpty else { return "" }
    return "  "
      + StyledText(verbatim: "! " + item.conflicts.joined(separator: ", "), .warning)
  }
}
