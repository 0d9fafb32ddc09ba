import ArgumentParser
import Auditor
import CommandLineKit
import WorkspaceStore

/// `audit list`: one line a leaf.
struct AuditListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the leaves of the log.",
    discussion: """
      Examples:
        hashiya audit list
        hashiya audit list --from 40
        hashiya audit list --json | jq '.[] | select(.conflicts_opened > 0)'
      """)

  @Option(help: ArgumentHelp("Begin with this leaf.", valueName: "index"))
  var from: UInt64 = 0

  @Option(help: ArgumentHelp("At most so many leaves.", valueName: "n"))
  var limit: Int?

  @OptionGroup var options: StoreOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1.") }
  }
}

extension AuditListCommand {
  func run() async throws {
    let console = options.console
    let (leaves, size) = try options.open().query { reader -> ([AuditListing], UInt64) in
      let size = reader.log.treeSize
      guard from < size else { return ([], size) }
      let end = from + min(size - from, limit.map { UInt64($0) } ?? .max)
      let leaves = try (from..<end).compactMap { index in
        try reader.log.leaf(at: index).map {
          try AuditListing($0, membership: reader.log.membership)
        }
      }
      return (leaves, size)
    }
    if console.isJSON {
      return try console.print(jsonArray: leaves.lazy.map { JSONValue($0.json) })
    }
    var table = TextTable(
      AuditListing.headings,
      alignments: [.right, .left, .left, .left, .right, .right, .right, .right, .left])
    for leaf in leaves { table.append(leaf.cells.map { "\($0)" }) }
    try console.print(table)
    if leaves.isEmpty {
      console.note(
        size == 0
          ? "no leaves: publish the workspace or sync first"
          : "no such leaves: the log here has \(counted(size, "leaf", "leaves")), numbered from 0")
    }
  }
}
