import ArgumentParser

/// `label`: the codebook.
struct LabelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Add, list, rename and merge the labels of the codebook.",
    discussion: """
      Examples:
        hashiya label add claim actor quotation
        hashiya label list
        hashiya label rename claim assertion
        hashiya label merge claims claim
        hashiya delete claim                    retires it; uses stay valid
      """,
    subcommands: [
      LabelAddCommand.self, LabelListCommand.self, LabelRenameCommand.self,
      LabelMergeCommand.self, LabelUnmergeCommand.self,
    ])
}
