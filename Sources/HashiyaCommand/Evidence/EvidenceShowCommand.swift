import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `evidence show`: what a piece of evidence proves, and by what.
struct EvidenceShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show what a piece of evidence proves, and the signed notes that prove it.",
    discussion: """
      Examples:
        hashiya evidence show 1
      """)

  @Argument(help: ArgumentHelp("Its number, as `evidence` lists it.", valueName: "id"))
  var id: Int64

  @OptionGroup var options: StoreOptions
}

extension EvidenceShowCommand {
  func run() async throws {
    let console = options.console
    let evidence = EvidenceText(try options.open(evenJoining: true).evidence(numbered: id))
    if console.isJSON { return try console.print(evidence.json) }
    try console.print(evidence.lines)
    console.note("hand it over: hashiya evidence export \(id) FILE")
  }
}
