import ArgumentParser
import Auditor
import CommandLineKit
import WorkspaceStore

/// `doctor`: checks everything that must hold in a store, and repairs what can be repaired.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the store and its SQLite file.",
    discussion: """
      Folds the log and the pending work again and compares every table and column
      with what comes out, checks chains, signatures and roots, and lets SQLite
      check its file. Nothing is changed. Exits 1 when something is wrong.

      With --repair, everything that follows from the log's leaves and from the
      pending work is made anew where something is wrong, and what cannot be kept
      is told.

      Examples:
        hashiya doctor
        hashiya doctor --json
        hashiya doctor --repair
        hashiya doctor --workspace "$ID" --key "$VKEY"
      """)

  @Flag(help: "Make anew what can be made anew, where something is wrong.")
  var repair = false

  @OptionGroup var pins: StorePins

  @OptionGroup var options: StoreOptions
}

extension DoctorCommand {
  func run() async throws {
    let console = options.console
    let workspace: Workspace
    do {
      workspace = try options.open(evenJoining: true)
    } catch StoreFailure.corrupt(let what) {
      return try tellUnreadable(what)
    }
    var (findings, audit) = try examine(workspace)
    var outcome: RepairOutcome?
    let isDamaged = findings.contains { $0.problem != nil && $0.isOfFile }
    if repair, isDamaged {
      outcome = try mend(workspace)
      (findings, audit) = try examine(workspace)
    }
    let isHealthy = findings.allSatisfy { $0.problem == nil }
    if console.isJSON {
      try console.print(Self.json(findings, audit, outcome))
    } else {
      for finding in findings { try console.print(finding.lines) }
      if let outcome { try console.print(Self.lines(outcome)) }
      if isDamaged, !repair {
        console.note("What can be repaired is repaired by hashiya doctor --repair.")
      }
      try console.print(CheckedAgainst(audit).lines)
    }
    if !isHealthy { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }

  /// A file that SQLite cannot even open as this program's.
  private func tellUnreadable(_ what: String) throws {
    guard !repair else { throw RepairRefusal.unreadable(what) }
    let finding = StoreExamination.Finding(check: "SQLite finds its file whole", problem: what)
    if options.console.isJSON {
      try options.console.print(Self.json([finding], nil, nil))
    } else {
      try options.console.print(finding.lines)
    }
    throw ExitCode(CommandExit.checkFailed.rawValue)
  }

  private func examine(_ workspace: Workspace) throws -> ([StoreExamination.Finding], AuditResult) {
    let meter = ProgressMeter("examining", unit: "leaves", console: options.console)
    defer { meter.finish() }
    let examination = try StoreExamination(workspace, against: pins.pins(of: workspace))
    return try examination.findings { done, total in
      meter.update(done, of: total)
    }
  }

  private func mend(_ workspace: Workspace) throws -> RepairOutcome {
    let meter = ProgressMeter("repairing", unit: "leaves and changes", console: options.console)
    defer { meter.finish() }
    return try workspace.repair { meter.update(Int(clamping: $0), of: nil) }
  }

  private static func json(
    _ findings: [StoreExamination.Finding], _ audit: AuditResult?, _ outcome: RepairOutcome?
  ) -> JSONValue {
    [
      "healthy": .bool(findings.allSatisfy { $0.problem == nil }),
      "workspace": JSONValue(audit?.workspace), "origin": JSONValue(audit?.origin),
      "key": JSONValue(audit?.key),
      "checks": .array(
        findings.map { finding in
          [
            "check": .string(finding.check), "good": .bool(finding.problem == nil),
            "problem": JSONValue(finding.problem), "notice": JSONValue(finding.notice),
          ]
        }),
      "repaired": outcome.map { outcome in
        [
          "leaves": JSONValue(outcome.leaves),
          "losses": .array(outcome.losses.map { .string($0) }),
          "kept_file": .string(outcome.keptFile),
        ]
      } ?? .null,
    ]
  }

  private static func lines(_ outcome: RepairOutcome) -> [StyledText] {
    let leaves = counted(outcome.leaves, "leaf", "leaves")
    return [
      "repaired: everything was made anew from \(leaves) and the pending work",
      "the damaged file, with your keys, is kept as \(outcome.keptFile)",
    ] + outcome.losses.map { StyledText(verbatim: "LOST ", .warning) + "\($0)" }
  }
}
