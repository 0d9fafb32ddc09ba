import AnnotationModel
import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `label merge`: one label stands for another.
struct LabelMergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge a label into another, which stands for both from then on.",
    discussion: """
      Annotations keep the label that they were given and show the one that stands,
      also those that somebody makes offline before hearing of it. The merged label's
      names find the other. `label unmerge` takes it back.

      Examples:
        hashiya label merge claims claim
        hashiya label merge 34ed 90ab           two labels of one name, by their handles
      """)

  @Argument(help: "The label that is merged: its name or handle.")
  var label: String

  @Argument(help: "The label that stands for both: its name or handle.")
  var target: String

  @OptionGroup var against: AgainstOption
  @OptionGroup var options: StoreOptions
}

extension LabelMergeCommand {
  func run() async throws {
    let clock = try against.clock()
    let (report, name, handle) = try options.open().author { editor in
      let references = References(reader: editor.reader)
      let id = try references.record(label, [.label])
      let target = try references.record(target, [.label])
      let made = try editor.mergeLabel(id, into: target, against: clock)
      let name = try editor.reader.item(target)?.name ?? self.target
      return (try EditReport(made, editor.reader), name, try editor.reader.handle(of: id))
    }
    try report.print(
      "\(name) stands for both; take it back with hashiya label unmerge \(handle)",
      on: options.console)
  }
}
