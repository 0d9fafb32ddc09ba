import ArgumentParser

/// `label`: the codebook.
struct LabelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Add, list and rename the labels of the codebook.",
    discussion: """
      Examples:
        hashiya label add claim actor quotation
        hashiya label list
        hashiya label rename claim assertion
        hashiya delete claim                    retires it; uses stay valid
      """,
    subcommands: [LabelAddCommand.self, LabelListCommand.self, LabelRenameCommand.self])
}
