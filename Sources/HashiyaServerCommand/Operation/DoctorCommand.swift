import ArgumentParser
import Auditor
import CommandLineKit
import MergeCore
import SyncServer
import TransparencyLog
import WorkspaceStore

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
        hashiya-server doctor --workspace gloss --key "$VKEY" --checkpoint kept.note
      """)

  @OptionGroup var pins: PinOptions

  @OptionGroup var options: WorkspaceOptions

  /// One workspace, and what was found.
  private struct Checked {
    var name: String
    var findings: [WorkspaceFinding]
    var workspace: String?
    var logKey: VerifierKey
  }

  mutating func run() throws {
    let folder = try options.options.folder()
    let slots =
      try options.workspace == nil && pins.isEmpty
      ? folder.workspaceNames().map {
        try HostedWorkspace(opening: folder.workspace($0), mayCopy: true)
      }
      : [options.openToRead()]
    let all = try slots.map { slot in
      let pinned = try options.pins(pins, of: slot).problem(of: slot.log)
      return Checked(
        name: slot.name,
        findings: try slot.check() + [WorkspaceFinding("workspace, key and checkpoints", pinned)],
        workspace: try slot.workspaceID()?.hex, logKey: slot.logKey)
    }
    let console = options.console
    let isSound = all.allSatisfy { $0.findings.allSatisfy { $0.problem == nil } }
    if console.isJSON {
      try console.print(
        [
          "sound": .bool(isSound),
          "workspaces": .array(all.map(Self.json)),
        ] as JSONValue)
    } else {
      for checked in all { try console.print(Self.lines(checked)) }
    }
    guard isSound else { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }

  private static func json(_ checked: Checked) -> JSONValue {
    [
      "name": .string(checked.name), "workspace": JSONValue(checked.workspace),
      "origin": .string(checked.logKey.name.text), "key": .string(checked.logKey.text),
      "checks": .array(
        checked.findings.map {
          [
            "check": .string($0.check), "sound": .bool($0.problem == nil),
            "problem": JSONValue($0.problem),
          ]
        }),
    ]
  }

  private static func lines(_ checked: Checked) -> [StyledText] {
    ["\(checked.name)"]
      + checked.findings.map { finding in
        guard let problem = finding.problem else { return "  ok     \(finding.check)" }
        return StyledText(verbatim: "  WRONG  ", .warning) + "\(finding.check): \(problem)"
      }
      + CheckedAgainst.lines(checked.workspace, checked.logKey).map { "  " + $0 }
  }
}
