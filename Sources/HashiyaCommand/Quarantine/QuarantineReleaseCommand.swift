import ArgumentParser
import CommandLineKit
import WorkspaceStore

/// `quarantine release`: refused changes are pending again.
struct QuarantineReleaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "release",
    abstract: "Bring refused changes again with the next sync.",
    discussion: """
      They come after everything that you made since, with the time at which you
      first made them. What would be refused again, as far as this store knows, is
      not brought (exit 77 or 65).

      Examples:
        hashiya quarantine release layla/17 layla/18
        hashiya quarantine release --all
      """)

  @OptionGroup var choice: QuarantineChoice
  @OptionGroup var options: StoreOptions
}

extension QuarantineReleaseCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let dots = try workspace.query { try choice.dots($0) }
    let count = try workspace.explained { try workspace.release(dots) }
    try choice.report(count, "pending again   → hashiya sync", workspace, console)
  }
}
