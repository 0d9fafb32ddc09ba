import AnnotationModel
import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `label rename`: another name for a label.
struct LabelRenameCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rename",
    abstract: "Give a label another name; the former one stays an alias.",
    discussion: """
      Annotations keep the label and show its new name. A name that another label has
      is refused: two labels that mean the same are made one with `label merge`.

      Examples:
        hashiya label rename claim assertion
      """)

  @Argument(help: "The label, by its name or a former one.")
  var label: String

  @Argument(help: "The new name.")
  var name: String

  @OptionGroup var against: AgainstOption
  @OptionGroup var options: StoreOptions
}

extension LabelRenameCommand {
  func run() async throws {
    let clock = try against.clock()
    let report = try options.open().author { editor in
      let id = try References(reader: editor.reader).record(label, [.label])
      let made = try editor.edit(id, RecordEdit(name: name), against: clock).made
      return try EditReport(made, editor.reader)
    }
    try report.print("renamed; \(BidiControl.trimmed(label)) still finds it", on: options.console)
  }
}
