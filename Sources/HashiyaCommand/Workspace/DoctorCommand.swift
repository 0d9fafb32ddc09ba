import ArgumentParser
import Auditor
import CommandLineKit
import WorkspaceStore

/// `doctor`: checks everything that must hold in a store.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the store and its SQLite file.",
    discussion: """
      Folds the log and the pending work again and compares every record and digest
      with what is stored, checks chains, signatures and roots, and lets SQLite
      check its file. Nothing is changed. Exits 1 when something is wrong.

      Examples:
        hashiya doctor
        hashiya doctor --json
        hashiya doctor --workspace "$ID" --key "$VKEY"
      """)

  @OptionGroup var pins: StorePins

  @OptionGroup var options: StoreOptions
}

extension DoctorCommand {
  func run() async throws {
    let console = options.console
    let meter = ProgressMeter("examining", unit: "leaves", console: console)
    let workspace = try options.open()
    let examination = try StoreExamination(workspace, against: pins.pins(of: workspace))
    let (findings, audit) = try examination.findings { done, total in
      meter.update(done, of: total)
    }
    meter.finish()
    let isHealthy = findings.allSatisfy { $0.problem == nil }
    if console.isJSON {
      try console.print(
        [
          "healthy": .bool(isHealthy), "workspace": JSONValue(audit.workspace),
          "origin": JSONValue(audit.origin), "key": JSONValue(audit.key),
          "checks": .array(
            findings.map { finding in
              [
                "check": .string(finding.check), "good": .bool(finding.problem == nil),
                "problem": JSONValue(finding.problem), "notice": JSONValue(finding.notice),
              ]
            }),
        ] as JSONValue)
    } else {
      for finding in findings {
        try console.print(finding.lines)
      }
      try console.print(CheckedAgainst(audit).lines)
    }
    if !isHealthy { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }
}
