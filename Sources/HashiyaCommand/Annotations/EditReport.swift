import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// What an edit came to, printed the same way by every command that makes one.
struct EditReport {
  private let made: Made
  private let handle: String
  private let lines: [StyledText]
  /// Whether this device can send nothing any more.
  private let isRevoked: Bool

  /// Reads what is shown about the record after the edit.
  init(_ made: Made, _ reader: WorkspaceReader) throws {
    self.made = made
    handle = try reader.handle(of: made.record)
    lines = try Self.lines(made.record, References(reader: reader))
    isRevoked = try made.dot != nil && reader.isRevoked()
  }

  /// Prints the JSON shape of an edit, or the record as it is now.
  func print(_ what: StyledText, on console: Console) throws {
    if isRevoked {
      console.warn("this device is revoked: what you make here stays here, and can be exported")
    }
    guard !console.isJSON else { return try console.print(RecordJSON.made(made, handle: handle)) }
    try console.print(lines)
    console.note(made.dot == nil ? "nothing to change: it is so already" : what)
  }

  /// A record as it is shown after an edit and by `show`: heading, passages in context, note.
  static func lines(
    _ record: RecordID, _ references: References
  ) throws -> [StyledText] {
    guard record.kind != .article, let item = try references.reader.item(record) else {
      return [try references.summary(record)]
    }
    guard item.kind == .annotation, item.anchor == .exact, let id = item.article,
      let text = try references.reader.articleText(id), let first = item.spans.first
    else { return ItemText.listed(item) }
    var head: StyledText = "\(item.handle, .strong)  " + ItemText.label(item) + "  "
    head += PassageText.place(
      article: try references.name(ofArticle: id), line: text.lineNumber(at: first.start))
    for tag in item.tags { head += "  #\(tag)" }
    if let confidence = item.confidence { head += "  ~\(confidence.text)" }
    if item.isDeleted { head += "  " + StyledText(verbatim: "deleted", .dim) }
    var lines = [head + ItemText.marks(item)]
    for span in item.spans {
      lines += PassageText.inContext(text.passage(at: span))
    }
    if let note = item.note, !note.isEmpty {
      lines += PassageText.block(note, indentation: "    │ ")
    }
    return lines
  }
}

/// What an edit's label turned out to be.
enum LabelNote {
  /// A line about a label that was made, which may be a slip of the pen; nil for one that was there.
  static func text(_ outcome: LabelOutcome?) -> StyledText? {
    guard case .made(_, let name, let nearest) = outcome else { return nil }
    guard let nearest else { return "new label: \(name)" }
    return "new label: \(name)   (the nearest one there was: \(nearest))"
  }
}
