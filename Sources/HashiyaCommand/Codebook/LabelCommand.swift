import ArgumentParser

/// `label`: the codebook.
struct LabelCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "label",
    abstract: "Add and list the labels of the codebook.",
    discussion: """
      Examples:
        hashiya label add claim actor quotation
        hashiya label list
      """,
    subcommands: [LabelAddCommand.self, LabelListCommand.self])
}
