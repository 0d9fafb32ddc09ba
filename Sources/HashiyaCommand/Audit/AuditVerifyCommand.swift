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

      Examples:
        hashiya audit verify
        hashiya audit verify --store copy/.hashiya --json
      """)

  @OptionGroup var options: StoreOptions
}

extension AuditVerifyCommand {
  func run() async throws {
    let console = options.console
    let workspace = try options.open()
    let key = try workspace.query { $0.log.logKey }
    let meter = ProgressMeter("verifying", unit: "leaves", console: console)
    let result = try LogAuditor(source: workspace.logDatabase, logKey: key).audit { done, total in
      meter.update(Int(clamping: done), of: Int(clamping: total))
    }
    meter.finish()
    if console.isJSON {
      try console.print(JSONValue(result.json))
    } else if result.verified {
      try console.print([
        "\(counted(result.size, "leaf", "leaves")) re-executed, "
          + StyledText(verbatim: "all equal", .good),
        "root \(result.root)",
      ])
    } else {
      try console.print([
        StyledText(verbatim: "REFUSED", .bad)
          + (result.firstBadLeaf.map { " at leaf \($0)" } ?? ""), "  \(result.reason ?? "")",
      ])
    }
    if !result.verified { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }
}
