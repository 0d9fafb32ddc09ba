import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `relate`: links two records.
struct RelateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "relate",
    abstract: "Link two annotations.",
    discussion: """
      Two records are linked by one word once: the same again makes no second relation.

      Examples:
        hashiya relate 7c1e contradicts 90ab
        hashiya relate @ supports 7c1e
      """)

  @Argument(help: "Where the link starts: a handle, an id, or @.")
  var from: String

  @Argument(help: "A word for the link, such as supports or contradicts.")
  var type: String

  @Argument(help: "What it points to.")
  var to: String

  @Option(parsing: .unconditional, help: "The relation's id: a UUID, or a name from a script.")
  var id: String?

  @OptionGroup var options: StoreOptions
}

extension RelateCommand {
  func run() async throws {
    let report = try options.open().author { editor in
      let references = References(reader: editor.reader)
      let (from, to) = (try references.record(from), try references.record(to))
      let id = try editor.record(forScriptID: id, .relation)
      return try EditReport(editor.relate(id: id, from: from, type: type, to: to), editor.reader)
    }
    try report.print("related", on: options.console)
  }
}
