import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `evidence list`, which `evidence` alone means.
struct EvidenceListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the evidence that is kept (what `evidence` alone does).",
    discussion: """
      Examples:
        hashiya evidence
        hashiya evidence --json
      """)

  @OptionGroup var options: StoreOptions
}

extension EvidenceListCommand {
  func run() async throws {
    let console = options.console
    let kept = try options.open(evenJoining: true).query { try $0.evidence() }
      .map { EvidenceText($0) }
    if console.isJSON { return try console.print(jsonArray: kept.lazy.map { $0.json }) }
    for evidence in kept { try console.print(evidence.summary) }
    console.note(
      kept.isEmpty
        ? "nothing is proved against the server"
        : "hand it to the others and to the operator: hashiya evidence export ID FILE")
  }
}
