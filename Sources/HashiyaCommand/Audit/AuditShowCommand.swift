import ArgumentParser
import Auditor
import CommandLineKit
import WorkspaceStore

/// `audit show`: one leaf with its report.
struct AuditShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a leaf, its batch and the decisions of its merge.",
    discussion: """
      Examples:
        hashiya audit show 23
      """)

  @Argument(help: "The leaf's index, from 0.")
  var index: UInt64

  @OptionGroup var options: StoreOptions
}

extension AuditShowCommand {
  func run() async throws {
    let (detail, lines) = try options.open().query { reader in
      guard let leaf = try reader.log.leaf(at: index) else {
        throw CommandFailure(
          .noInput,
          "there is no leaf \(index): the log here has \(counted(reader.log.treeSize, "leaf", "leaves"))"
        )
      }
      let detail = try AuditDetail(leaf, membership: reader.log.membership)
      return (detail, try detail.lines { try reader.dotText($0) })
    }
    let console = options.console
    if console.isJSON { return try console.print(JSONValue(detail.json)) }
    try console.print(lines.map { "\($0)" })
  }
}
