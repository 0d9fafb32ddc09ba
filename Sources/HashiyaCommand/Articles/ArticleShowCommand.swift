import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `article show`: an article's text.
struct ArticleShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show an article.",
    discussion: """
      Lines are numbered as `annotate --line` counts them. --annotations marks every
      annotated passage, with its handle at its beginning and its notes below the
      line, and lists below the text what was annotated in another version of it.
      --raw writes the bytes as they were imported and nothing else.

      Examples:
        hashiya article show 001
        hashiya article show 001 --annotations
        hashiya article show 001 --raw | sha256sum
      """)

  @Argument(help: "The article.")
  var article: String

  @Flag(help: "Mark the annotated passages in the text.")
  var annotations = false

  @Flag(help: "Write the bytes exactly as imported.")
  var raw = false

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if raw, annotations { throw ValidationError("--raw and --annotations exclude each other.") }
    if raw, options.output.json { throw ValidationError("--raw and --json exclude each other.") }
  }
}

extension ArticleShowCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    if raw { return try console.writeResult(bytes(in: workspace)) }
    let (article, text, items) = try workspace.query { reader in
      let references = References(reader: reader)
      let article = try references.article(self.article)
      let filter = ItemFilter(article: article.id)
      return (
        article, try references.text(of: article), annotations ? try reader.items(filter) : []
      )
    }
    if console.isJSON {
      return try console.print(
        RecordJSON.article(article).adding([
          ("text", .string(text.string)),
          ("annotations", annotations ? .array(items.map(RecordJSON.item)) : .null),
        ]))
    }
    let anchored = items.filter { $0.anchor == .exact }
    let others = items.filter { $0.anchor != .exact }
    try console.print(
      heading(article) + AnnotatedText(text, glosses: glosses(anchored)).lines + orphans(others))
  }

  private func bytes(in workspace: Workspace) throws -> [UInt8] {
    try workspace.query { reader in
      let article = try References(reader: reader).article(self.article)
      guard let bytes = try reader.articleBytes(article.id) else {
        throw CommandFailure(.badData, "the text of \(self.article) is withdrawn")
      }
      return bytes
    }
  }

  private func heading(_ article: ArticleView) -> [StyledText] {
    var heading: [StyledText] = ["\(article.file ?? "", .strong)", "\(article.title)"]
    if let source = article.source, !source.isEmpty { heading.append("\(source, .dim)") }
    return heading + [""]
  }

  /// Annotations whose words the text shown does not have where they were.
  private func orphans(_ items: [ItemView]) -> [StyledText] {
    items.isEmpty ? [] : ["", "Not in this text:"] + items.flatMap { ItemText.listed($0) }
  }

  private func glosses(_ items: [ItemView]) -> [AnnotatedText.Gloss] {
    items.map { item in
      var summary: StyledText = "\(item.handle, .strong)  \(item.label ?? "no label", .accent)"
      summary += "  \(item.analyst)"
      for tag in item.tags { summary += "  #\(tag)" }
      let note = item.note.flatMap { $0.isEmpty ? nil : $0 }
      return AnnotatedText.Gloss(
        spans: item.spans, summary: summary + ItemText.conflictMark(item), note: note)
    }
  }
}
