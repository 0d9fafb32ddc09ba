import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `evidence clear`: what was dealt with.
struct EvidenceClearCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clear",
    abstract: "Forget evidence once it has been dealt with.",
    discussion: """
      Until then `status` and every sync speak of it. Export it first: it is gone for
      good. With a fork the store also forgets what it was shown of the other history
      beyond its own leaves, and what the server said that it had there is pending again.
      A store whose own leaves are of the other history proves the fork again with each
      sync: export --format batch, join anew in another folder, and batch take what it
      has to the history that goes on.

      Examples:
        hashiya evidence clear 1
        hashiya evidence clear --all
      """)

  @Argument(help: ArgumentHelp("The numbers, as `evidence` lists them.", valueName: "id"))
  var ids: [Int64] = []

  @Flag(help: "All of it.")
  var all = false

  @OptionGroup var options: StoreOptions
}

extension EvidenceClearCommand {
  func validate() throws {
    guard all != ids.isEmpty else { return }
    throw ValidationError("Name the evidence, or give --all.")
  }

  func run() async throws {
    let console = options.console
    let workspace = try options.open(evenJoining: true)
    for id in ids { _ = try workspace.evidence(numbered: id) }
    let count = try workspace.clearEvidence(all ? nil : ids)
    if console.isJSON { return try console.print(["cleared": .integer(count)] as JSONValue) }
    try console.print(["\(counted(count, "piece")) of evidence forgotten"])
  }
}
