import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `delete`: deletes a record.
struct DeleteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Delete a record; its history stays.",
    discussion: """
      Where somebody changed the record at the same time, it stays alive, in
      conflict.

      Examples:
        hashiya delete 7c1e
        hashiya list --deleted && hashiya restore 7c1e
      """)

  @Argument(help: "The record: a handle, an id, or @ for the last one made.")
  var ref: String

  @OptionGroup var options: StoreOptions
}

extension DeleteCommand {
  func run() async throws {
    let report = try options.open().author { editor in
      let references = References(reader: editor.reader)
      var id = try references.record(ref)
      // The name of a merged label finds the one that stands, which is not the one to retire.
      if id.kind == .label { id = try references.mergedLabel(ref) }
      return try EditReport(editor.delete(id), editor.reader)
    }
    try report.print("deleted; hashiya restore brings it back", on: options.console)
  }
}
