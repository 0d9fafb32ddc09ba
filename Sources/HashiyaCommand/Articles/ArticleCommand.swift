import ArgumentParser

/// `article`: the texts that are annotated.
struct ArticleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "article",
    abstract: "Add, list, show, edit and remove articles.",
    discussion: """
      An article is named by its file's name or title, their unique beginning, or
      its id.

      Examples:
        hashiya article add seeds/*.txt
        hashiya article list
        hashiya article show 001 --annotations
      """,
    subcommands: [
      ArticleAddCommand.self, ArticleListCommand.self, ArticleShowCommand.self,
      ArticleEditCommand.self, ArticleRemoveCommand.self,
    ])
}
