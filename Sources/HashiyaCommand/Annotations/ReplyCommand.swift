import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `reply`: answers a record.
struct ReplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reply",
    abstract: "Answer an annotation.",
    discussion: """
      Examples:
        hashiya reply 7c1e 'The same claim stands in 003.'
        hashiya reply @ - < answer.txt
      """)

  @Argument(help: "What is answered: a handle, an id, or @ for the last one made.")
  var ref: String

  @Argument(help: "The answer, or - for standard input.")
  var text: String

  @Option(parsing: .unconditional, help: "The reply's id: a UUID, or a name from a script.")
  var id: String?

  @OptionGroup var options: StoreOptions
}

extension ReplyCommand {
  func run() async throws {
    let text = try InputStream.text(typed: text, limit: AnnotationLimits.noteBytes)
    let report = try options.open().author { editor in
      let parent = try References(reader: editor.reader).record(ref)
      let id = try editor.record(forScriptID: id, .reply)
      return try EditReport(editor.reply(id: id, to: parent, text: text), editor.reader)
    }
    try report.print("replied", on: options.console)
  }
}
