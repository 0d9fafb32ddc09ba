import ArgumentParser
import Auditor
import CommandLineKit
import SyncProtocol
import SyncServer
import WorkspaceStore

/// `audit`: the log of a workspace.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Read and verify the log of all merges.",
    discussion: """
      Examples:
        hashiya-server audit list
        hashiya-server audit show 23
        hashiya-server audit why 7c1e label
        hashiya-server audit verify
      """,
    subcommands: [
      AuditListCommand.self, AuditShowCommand.self, AuditWhyCommand.self, AuditVerifyCommand.self,
    ])
}

/// `audit list`: one line a leaf.
struct AuditListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the leaves of the log.",
    discussion: """
      Examples:
        hashiya-server audit list
        hashiya-server audit list --from 40 --limit 10
        hashiya-server audit list --json | jq '.[] | select(.conflicts_opened > 0)'
      """)

  @Option(help: ArgumentHelp("Begin with this leaf.", valueName: "index"))
  var from: UInt64 = 0

  @Option(help: ArgumentHelp("At most so many leaves.", valueName: "n"))
  var limit: Int?

  @OptionGroup var options: WorkspaceOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit is at least 1.") }
  }

  mutating func run() throws {
    let workspace = try options.openToRead()
    let listings = try workspace.log.listings(from: from, countMax: limit ?? .max)
    let console = options.console
    if console.isJSON {
      return try console.print(jsonArray: listings.lazy.map { JSONValue($0.json) })
    }
    guard !listings.isEmpty else { return console.note("The log has no such leaves.") }
    var table = TextTable(
      AuditListing.headings,
      alignments: [.right, .left, .left, .left, .right, .right, .right, .right, .left])
    for listing in listings { table.append(listing.cells.map { StyledText(foreign: $0) }) }
    try console.print(table)
  }
}

extension LogDatabase {
  /// Leaves as lists show them, read in pages so that no batch is held for long.
  fileprivate func listings(from start: UInt64, countMax: Int) throws -> [AuditListing] {
    try read { db in
      let reader = try LogReader(db)
      var listings: [AuditListing] = []
      while listings.count < countMax {
        let page = try reader.leaves(
          from: start + UInt64(listings.count), countMax: min(256, countMax - listings.count),
          bytesMax: 4 << 20)
        if page.isEmpty { break }
        listings += try page.map { try AuditListing($0, membership: reader.membership) }
      }
      return listings
    }
  }
}

/// `audit show`: one leaf with its report.
struct AuditShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Show a leaf, its operations and the decisions of its merge.",
    discussion: """
      Examples:
        hashiya-server audit show 23
        hashiya-server audit show 23 --json
      """)

  @Argument(help: "The leaf's index, from 0.")
  var index: UInt64

  @OptionGroup var options: WorkspaceOptions

  mutating func run() throws {
    let index = index
    let (detail, lines) = try options.openToRead().log.read { db in
      let reader = try LogReader(db)
      guard let stored = try reader.leaf(at: index) else {
        throw CommandFailure(
          .noInput, "the log has no leaf \(index)",
          remedy: "it has \(reader.treeSize); see hashiya-server audit list")
      }
      let detail = try AuditDetail(stored, membership: reader.membership)
      return (detail, try detail.lines { try LogRecords(reader).dotText($0) })
    }
    let console = options.console
    if console.isJSON { return try console.print(JSONValue(detail.json)) }
    try console.print(lines.map { StyledText(foreign: $0) })
  }
}

/// `audit verify`: everything once more.
struct AuditVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Execute every merge again and compare.",
    discussion: """
      Checks certificates, signatures, chains, contexts and roles at their time, executes all
      merges again and compares every decision, digest and root. Exits 1 and names the first
      leaf that differs.

      Examples:
        hashiya-server audit verify
        hashiya-server audit verify --data copy --json
        hashiya-server audit verify --workspace "$ID" --checkpoint kept.note
      """)

  @OptionGroup var pins: PinOptions

  @OptionGroup var options: WorkspaceOptions

  mutating func run() throws {
    let workspace = try options.openToRead()
    let console = options.console
    let meter = ProgressMeter("auditing", unit: "leaves", console: console)
    let result = try LogAuditor(
      source: workspace.log, pins: options.pins(pins, of: workspace)
    ).audit { done, total in meter.update(Int(done), of: Int(total)) }
    meter.finish()
    // The dates of a log that differs say nothing, and may not even be readable.
    let odd = result.verified ? try workspace.log.read { try LogReader($0).oddDates() } : []
    if console.isJSON {
      try console.print(
        JSONValue(result.json).adding([("odd_dates", .array(odd.map { JSONValue($0.json) }))]))
    } else {
      let verdict: StyledText =
        result.reason.map { "REFUSED: \($0)" }
        ?? "\(counted(result.size, "leaf", "leaves")) re-executed, all equal; root \(result.root)"
      try console.print([verdict] + CheckedAgainst.lines(result.workspace, result.logKey))
      if let notice = result.notice { console.note("\(notice)") }
    }
    for dates in odd { console.warn("\(dates.words)") }
    guard result.verified else { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }
}
