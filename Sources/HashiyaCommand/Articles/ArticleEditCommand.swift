import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `article edit`: changes what is known of an article, or its text.
struct ArticleEditCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit",
    abstract: "Change an article's title, source or text.",
    discussion: """
      A new text is a new version. Annotations keep pointing into the version that
      they were made in.

      Examples:
        hashiya article edit 001 --title 'قنوات التواصل'
        hashiya article edit 001 --text corrected.txt
      """)

  @Argument(help: "The article.")
  var article: String

  @Option(parsing: .unconditional, help: "The new title.")
  var title: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Where it comes from.", valueName: "url"))
  var source: String?

  @Option(
    help: ArgumentHelp("The file with the new text, or -.", valueName: "file"),
    completion: .file())
  var text: String?

  @OptionGroup var against: AgainstOption
  @OptionGroup var options: StoreOptions

  func validate() throws {
    if title == nil, source == nil, text == nil {
      throw ValidationError("Say what to change: --title, --source or --text.")
    }
  }
}

extension ArticleEditCommand {
  func run() async throws {
    let clock = try against.clock()
    let bytes = try text.map(ArticleFile.read)
    let workspace = try options.open()
    let report = try workspace.author { editor in
      let id = try References(reader: editor.reader).record(article, [.article])
      let made = try editor.editArticle(
        id, text: bytes, title: title, source: source, against: clock)
      return try EditReport(made, editor.reader)
    }
    try report.print("edited", on: options.console)
  }
}
