import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `article list`: the articles of the workspace.
struct ArticleListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the articles.",
    discussion: """
      Examples:
        hashiya article list
        hashiya article list --json | jq -r '.[].file'
      """)

  @Flag(help: "List removed articles too.")
  var deleted = false

  @OptionGroup var options: StoreOptions
}

extension ArticleListCommand {
  func run() async throws {
    let articles = try options.open().query { try $0.articles() }
      .filter { deleted || !$0.isDeleted }
    let console = options.console
    if console.isJSON { return try console.print(jsonArray: articles.map(RecordJSON.article)) }
    var table = TextTable([.left, .right, .left])
    for article in articles {
      var title: StyledText = "\(PassageText.short(article.title))"
      if article.isDeleted { title += "  " + StyledText(verbatim: "removed", .dim) }
      if !article.conflicts.isEmpty {
        title += "  " + StyledText(verbatim: "! ", .warning)
        title += "\(article.conflicts.joined(separator: ", "), .warning)"
      }
      let file = article.file.map { PassageText.short($0, columns: 32) }
      table.append(["\(file ?? "—", .strong)", "\(article.codePoints ?? 0)", title])
    }
    try console.print(table)
    if articles.isEmpty { console.note("no articles yet: hashiya article add FILE…") }
  }
}
