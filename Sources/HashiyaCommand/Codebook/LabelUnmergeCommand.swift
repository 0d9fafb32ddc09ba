import AnnotationModel
import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `label unmerge`: takes a merge of labels back.
struct LabelUnmergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unmerge",
    abstract: "Take a merge back: the label stands for itself again.",
    discussion: """
      It has the uses again that it was given.

      Examples:
        hashiya label unmerge claims
        hashiya label unmerge 34ed              by its handle, as `label list` shows it
      """)

  @Argument(help: "The label that was merged: its own name, or its handle.")
  var label: String

  @OptionGroup var against: AgainstOption
  @OptionGroup var options: StoreOptions
}

extension LabelUnmergeCommand {
  func run() async throws {
    let clock = try against.clock()
    let report = try options.open().author { editor in
      let id = try References(reader: editor.reader).mergedLabel(label)
      return try EditReport(editor.unmergeLabel(id, against: clock), editor.reader)
    }
    try report.print("stands for itself again", on: options.console)
  }
}
