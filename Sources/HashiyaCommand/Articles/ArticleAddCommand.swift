import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `article add`: imports files.
struct ArticleAddCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Import articles from files.",
    discussion: """
      The bytes are kept exactly as they are, and name the article: two analysts who
      add the same file offline have one article. Files must be UTF-8, not empty,
      and of at most 1 MiB. Without --title the first line is the title.

      Examples:
        hashiya article add seeds/*.txt
        hashiya article add 001.txt --source https://example.org/001
      """)

  @Argument(help: "The files.", completion: .file())
  var files: [String]

  @Option(parsing: .unconditional, help: "The title, for one file.")
  var title: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Where the article comes from.", valueName: "url"))
  var source: String?

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if files.isEmpty { throw ValidationError("Name at least one file.") }
    if files.count > 1, title != nil || source != nil {
      throw ValidationError("--title and --source describe one article; add the files one by one.")
    }
  }
}

extension ArticleAddCommand {
  func run() async throws {
    let workspace = try options.open()
    var added: [(made: Made, article: ArticleView)] = []
    let meter = ProgressMeter("importing", unit: "files", console: options.console)
    // One transaction a file: those that can be added are, up to the first that cannot.
    for file in files {
      do {
        added.append(try add(file, to: workspace))
        meter.update(added.count, of: files.count)
      } catch {
        meter.finish()
        try report(added)
        throw error
      }
    }
    meter.finish()
    try report(added)
  }

  private func add(
    _ file: String, to workspace: Workspace
  ) throws -> (made: Made, article: ArticleView) {
    let bytes = try ArticleFile.read(file)
    return try workspace.author { editor in
      let made = try editor.addArticle(
        bytes: bytes, title: title, source: source, file: ArticleFile.name(of: file))
      guard let article = try editor.reader.article(made.record) else {
        throw CommandFailure(.internalError, "the article \(file) was added and is not there")
      }
      return (made, article)
    }
  }

  private func report(_ added: [(made: Made, article: ArticleView)]) throws {
    let console = options.console
    if console.isJSON {
      return try console.print(
        jsonArray: added.map { made, article in
          RecordJSON.article(article).adding([("dot", RecordJSON.dot(made.dot))])
        })
    }
    for (made, article) in added {
      let name = article.file ?? ""
      try console.print([
        "\(name, .strong)  \(counted(article.codePoints ?? 0, "code point"))"
          + (made.dot == nil ? "  (was there already)" : ""),
        PassageText.indentation + "\(article.title)",
      ])
    }
    if let first = added.first?.article {
      let name = first.file ?? first.title
      console.note("next: hashiya annotate \(argument: name) --quote 'its words' --label LABEL")
    }
  }
}

/// Files that articles come from.
enum ArticleFile {
  /// The bytes of a file, or of standard input for `-`; what is larger than an article is not read on.
  static func read(_ path: String) throws -> [UInt8] {
    let bytes = try InputStream(opening: path).readAll(limit: AnnotationLimits.articleBytes)
    do {
      _ = try ArticleText(importing: bytes)
    } catch {
      throw AnnotationFailures.failure(error, file: path)
    }
    return bytes
  }

  /// The name without folders; nil for standard input.
  static func name(of path: String) -> String? {
    guard path != InputStream.standardInputName else { return nil }
    return path.split(separator: "/").last.map(String.init)
  }
}
