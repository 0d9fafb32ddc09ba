import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `article remove`: deletes an article.
struct ArticleRemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove an article.",
    discussion: """
      Its bytes stay in the history and `restore` brings it back. Where somebody
      annotated it at the same time it stays, in conflict.

      Examples:
        hashiya article remove 003
      """)

  @Argument(help: "The article.")
  var article: String

  @OptionGroup var options: StoreOptions
}

extension ArticleRemoveCommand {
  func run() async throws {
    let report = try options.open().author { editor in
      let id = try References(reader: editor.reader).record(article, [.article])
      return try EditReport(editor.delete(id), editor.reader)
    }
    try report.print("removed; hashiya restore brings it back", on: options.console)
  }
}
