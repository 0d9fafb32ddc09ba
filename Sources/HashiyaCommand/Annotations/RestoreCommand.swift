import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `restore`: brings a deleted record back.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Bring a deleted record back.",
    discussion: """
      Examples:
        hashiya list --deleted
        hashiya restore 7c1e
      """)

  @Argument(help: "The record: a handle, an id, an article's name, or @.")
  var ref: String

  @OptionGroup var options: StoreOptions
}

extension RestoreCommand {
  func run() async throws {
    let report = try options.open().author { editor in
      let id = try References(reader: editor.reader).record(ref)
      return try EditReport(editor.restore(id), editor.reader)
    }
    try report.print("restored", on: options.console)
  }
}
