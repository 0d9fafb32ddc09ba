import ArgumentParser
import CommandLineKit
import SyncServer

/// `doctor`: whether the data folder is sound.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check the data folder.",
    discussion: """
      Checks the SQLite files, the logs' ends, checkpoints and digests. Merges are executed again
      by `audit verify`. Exits 1 when something is wrong.

      Examples:
        hashiya-server doctor
        hashiya-server doctor --workspace gloss --json
      """)

  @Option(help: ArgumentHelp("Only this workspace.", valueName: "name"))
  var workspace: String?

  @OptionGroup var options: DataOptions

  mutating func run() throws {
    let folder = try options.folder()
    let names = try workspace.map { [$0] } ?? folder.workspaceNames()
    let all = try names.map { name in
      (name, try HostedWorkspace(opening: folder.workspace(name)).check())
    }
    let console = options.console
    let isSound = all.allSatisfy { $0.1.allSatisfy { $0.problem == nil } }
    if console.isJSON {
      try console.print(
        [
          "sound": .bool(isSound),
          "workspaces": .array(all.map { Self.json($0.0, $0.1) }),
        ] as JSONValue)
    } else {
      for (name, findings) in all { try console.print(Self.lines(name, findings)) }
    }
    guard isSound else { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }

  private static func json(_ name: String, _ findings: [WorkspaceFinding]) -> JSONValue {
    [
      "name": .string(name),
      "checks": .array(
        findings.map {
          [
            "check": .string($0.check), "sound": .bool($0.problem == nil),
            "problem": JSONValue($0.problem),
          ]
        }),
    ]
  }

  private static func lines(_ name: String, _ findings: [WorkspaceFinding]) -> [StyledText] {
    ["\(name)"]
      + findings.map { finding in
        guard let problem = finding.problem else { return "  ok     \(finding.check)" }
        return StyledText(verbatim: "  WRONG  ", .warning) + "\(finding.check): \(problem)"
      }
  }
}
