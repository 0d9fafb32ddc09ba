import ArgumentParser
import Auditor
import CommandLineKit
import WorkspaceStore

/// `audit verify`: everything once more.
struct AuditVerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Execute every merge again and compare.",
    discussion: """
      Checks certificates, signatures, chains, contexts and roles at their time,
      executes all merges again and compares every decision, digest and root. Exits
      1 and names the first leaf that differs.

      A file can be replaced as a whole, key and signatures included. Whoever audits a
      copy gives what they know from elsewhere: the workspace, the log's key, a
      checkpoint kept from before.

      Examples:
        hashiya audit verify
        hashiya audit verify --store copy/.hashiya --json
        hashiya audit verify --workspace "$ID" --key "$VKEY" --checkpoint kept.note
      """)

  @OptionGroup var pins: StorePins

  @OptionGroup var options: StoreOptions
}

extension AuditVerifyCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let pins = try pins.pins(of: workspace)
    let meter = ProgressMeter("verifying", unit: "leaves", console: console)
    let result = try LogAuditor(source: workspace.logDatabase, pins: pins).audit { done, total in
      meter.update(Int(clamping: done), of: Int(clamping: total))
    }
    meter.finish()
    let odd = result.verified ? try workspace.query { try $0.log.oddDates() } : []
    if console.isJSON {
      try console.print(
        JSONValue(result.json).adding([("odd_dates", .array(odd.map { JSONValue($0.json) }))]))
    } else if result.verified {
      try console.print([
        "\(counted(result.size, "leaf", "leaves")) re-executed, "
          + StyledText(verbatim: "all equal", .good),
        "root \(result.root)",
      ])
      try console.print(CheckedAgainst(result).lines)
    } else {
      try console.print([
        StyledText(verbatim: "REFUSED", .bad)
          + (result.firstBadLeaf.map { " at leaf \($0)" } ?? ""), "  \(result.reason ?? "")",
      ])
      try console.print(CheckedAgainst(result).lines)
    }
    if !console.isJSON, try evidenceCount(of: workspace) > 0 {
      try console.print([
        StyledText(verbatim: "the log's key has signed what cannot be true as well", .warning)
          + StyledText(verbatim: "   → hashiya evidence", .dim)
      ])
    }
    if let notice = result.notice { console.note("\(notice)") }
    for dates in odd { console.warn("\(dates.words)") }
    if !result.verified { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }

  /// How much evidence is kept; none that can be read in a damaged store, whose damage is told.
  private func evidenceCount(of workspace: Workspace) throws -> Int {
    do {
      return try workspace.query { try $0.evidenceCount() }
    } catch {
      guard case .corrupt = StoreFailure(error) else { throw error }
      return 0
    }
  }
}
