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
      annotated passage, with its handle at its beginning and its notes and replies
      below the line, and lists below the text what was annotated in another version
      of it.
      --raw writes the bytes as they were imported and nothing else. --version shows
      another version of the text, such as the ones that `conflicts` lists.

      Examples:
        hashiya article show 001
        hashiya article show 001 --annotations
        hashiya article show 001 --raw | sha256sum
        hashiya article show 001 --version 5b2e91
      """)

  @Argument(help: "The article.")
  var article: String

  @Flag(help: "Mark the annotated passages in the text.")
  var annotations = false

  @Flag(help: "Write the bytes exactly as imported.")
  var raw = false

  @Option(
    help: ArgumentHelp(
      "The version of the text, by its SHA-256 or a unique beginning.", valueName: "sha256"))
  var version: String?

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if raw, annotations { throw ValidationError("--raw and --annotations exclude each other.") }
    if version != nil, annotations {
      throw ValidationError("--version and --annotations exclude each other.")
    }
    if raw, options.output.json { throw ValidationError("--raw and --json exclude each other.") }
  }
}

extension ArticleShowCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    if raw { return try console.writeForeign(bytes(in: workspace)) }
    let (article, text, items, threads) = try workspace.query { reader in
      let references = References(reader: reader)
      let article = try self.article(references)
      let filter = ItemFilter(article: article.id)
      return (
        article, try references.text(of: article), annotations ? try reader.items(filter) : [],
        annotations ? try ReplyThreads(reader) : nil
      )
    }
    if console.isJSON {
      return try console.print(
        RecordJSON.article(article).adding([
          ("text", .string(text.string)),
          (
            "annotations",
            threads.map { threads in
              .array(
                items.map {
                  RecordJSON.item($0).adding([("replies", threads.json(under: $0.id))])
                })
            } ?? .null
          ),
        ]))
    }
    let anchored = items.filter { $0.anchor == .exact }
    let others = items.filter { $0.anchor != .exact }
    try console.print(
      heading(article) + AnnotatedText(text, glosses: glosses(anchored, threads)).lines
        + orphans(others, in: text, threads))
  }

  private func bytes(in workspace: Workspace) throws -> [UInt8] {
    try workspace.query { reader in
      let article = try self.article(References(reader: reader))
      guard let bytes = try reader.articleBytes(version: article.version) else {
        throw CommandFailure(.badData, "the text of \(self.article) is withdrawn")
      }
      return bytes
    }
  }

  /// The article, in the version that is meant.
  private func article(_ references: References) throws -> ArticleView {
    var article = try references.article(self.article)
    guard let version else { return article }
    let all = try references.reader.versions(ofArticle: article.id)
    let typed = Array(version.lowercased().utf8)
    let meant = all.filter { $0.hex.utf8.starts(with: typed) }
    guard let found = meant.first, meant.count == 1, !typed.isEmpty else {
      throw CommandFailure(
        meant.isEmpty ? .noInput : .badData,
        meant.isEmpty
          ? "the article has no version \(version)" : "\(version) begins several versions",
        details: all.map { "\($0.hex)" }, remedy: "give the beginning of one of these")
    }
    article.version = found
    article.codePoints = try references.reader.articleText(version: found)?.codePointCount
    return article
  }

  private func heading(_ article: ArticleView) -> [StyledText] {
    var heading: [StyledText] = ["\(article.file ?? "", .strong)", "\(article.title)"]
    if let source = article.source, !source.isEmpty { heading.append("\(source, .dim)") }
    return heading + [""]
  }

  /// Annotations that were made on another version of the text: those whose words this one has too,
  /// elsewhere, and those whose words it has not.
  private func orphans(
    _ items: [ItemView], in text: ArticleText, _ threads: ReplyThreads?
  ) -> [StyledText] {
    var elsewhere: [StyledText] = []
    var missing: [StyledText] = []
    for item in items {
      let lines = ItemText.listed(item) + (threads?.lines(under: item.id) ?? [])
      let places = text.occurrences(of: Array((item.quote ?? "").unicodeScalars))
      guard let first = places.first else {
        missing += lines
        continue
      }
      let line = text.lineNumber(at: first.start)
      let more = places.count - 1
      elsewhere +=
        lines + [
          "    the words are on line \(line)" + (more > 0 ? ", and \(more) times more" : "")
        ]
    }
    return (elsewhere.isEmpty ? [] : ["", "Made on another version of this text:"] + elsewhere)
      + (missing.isEmpty ? [] : ["", "Not in this text:"] + missing)
  }

  private func glosses(
    _ items: [ItemView], _ threads: ReplyThreads?
  ) -> [AnnotatedText.Gloss] {
    items.map { item in
      var summary: StyledText = "\(item.handle, .strong)  " + ItemText.label(item)
      summary += "  \(item.analyst)"
      for tag in item.tags { summary += "  #\(tag)" }
      let note = item.note.flatMap { $0.isEmpty ? nil : $0 }
      return AnnotatedText.Gloss(
        spans: item.spans, summary: summary + ItemText.conflictMark(item), note: note,
        replies: threads?.lines(under: item.id, indentation: "") ?? [])
    }
  }
}
