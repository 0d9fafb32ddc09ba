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
      Checks the SQLite files, the logs' ends, checkpoints and digests, executes every merge again
      and compares every table and column with what comes out. Exits 1 when something is wrong.

      With --repair, everything that follows from a log's leaves is made anew where something is
      wrong; a server that is serving waits meanwhile.

      Examples:
        hashiya-server doctor
        hashiya-server doctor --workspace gloss --json
        hashiya-server doctor --repair
        hashiya-server doctor --workspace gloss --key "$VKEY" --checkpoint kept.note
      """)

  @OptionGroup var pins: PinOptions

  @Flag(help: "Make anew what can be made anew, where something is wrong.")
  var repair = false

  @OptionGroup var options: WorkspaceOptions

  /// One workspace, and what was found.
  private struct Checked {
    var name: String
    var findings: [WorkspaceFinding]
    var workspace: String?
    var logKey: VerifierKey?
    var repair: RepairOutcome?
    /// Why it could not be examined or repaired to the end: the others are, and this is said last.
    var failure: (any Error)?

    var isSound: Bool { findings.allSatisfy { $0.problem == nil } }

    /// Keeps what an examination or repair ended with, as one more finding; rethrows mistakes of this
    /// program.
    mutating func end(_ check: String, with error: any Error) throws {
      guard let told = FailureTable.failure(for: error) else { throw error }
      findings.append(WorkspaceFinding(check, told.message.plain, isOfFile: false))
      failure = error
    }
  }

  mutating func run() throws {
    let folder = try options.options.folder()
    let all =
      try options.workspace == nil && pins.isEmpty
      ? folder.workspaceNames().map { name in
        try checked(name) {
          try HostedWorkspace(opening: folder.workspace(name), mayCopy: true)
        }
      } : [checked(options.workspace ?? "") { try options.openToRead() }]
    let console = options.console
    let isSound = all.allSatisfy(\.isSound)
    if console.isJSON {
      try console.print(
        [
          "sound": .bool(isSound),
          "workspaces": .array(all.map(Self.json)),
        ] as JSONValue)
    } else {
      for checked in all { try console.print(Self.lines(checked)) }
    }
    if let failure = all.lazy.compactMap(\.failure).first { throw failure }
    guard isSound else { throw ExitCode(CommandExit.checkFailed.rawValue) }
  }

  /// Opens, checks, and repairs where that was asked for and something is wrong.
  private func checked(_ name: String, _ open: () throws -> HostedWorkspace) throws -> Checked {
    let slot: HostedWorkspace
    do {
      slot = try open()
    } catch ServerFailure.store(.corrupt(let what)) {
      return Checked(name: name, findings: [WorkspaceFinding("SQLite file", what)])
    } catch let failure as ServerFailure where failure.isOfSlot {
      return Checked(
        name: name, findings: [WorkspaceFinding("the slot can be opened", failure.words)])
    }
    var first = Checked(name: slot.name, findings: [], logKey: slot.logKey)
    do {
      try examine(slot, &first)
    } catch {
      try first.end("it can be examined", with: error)
      return first
    }
    guard repair, first.findings.contains(where: { $0.problem != nil && $0.isOfFile }) else {
      return first
    }
    do {
      return try repaired(slot)
    } catch {
      try first.end("it can be repaired", with: error)
      return first
    }
  }

  private func repaired(_ slot: HostedWorkspace) throws -> Checked {
    let meter = ProgressMeter("repairing", unit: "leaves", console: options.console)
    defer { meter.finish() }
    let outcome = try slot.repair { meter.update(Int(clamping: $0), of: nil) }
    meter.finish()
    options.console.note(
      "\(slot.name): everything was made anew from \(counted(outcome.leaves, "leaf", "leaves")); the "
        + "damaged file is kept as \(outcome.keptFile).")
    for loss in outcome.losses { options.console.warn("\(slot.name): \(loss)") }
    var repaired = Checked(name: slot.name, findings: [], logKey: slot.logKey, repair: outcome)
    try examine(slot, &repaired)
    return repaired
  }

  /// What the server checks of its files, whether the log re-executes, and whether it is the one that
  /// was typed: one that is not has a sound file all the same.
  private func examine(_ slot: HostedWorkspace, _ checked: inout Checked) throws {
    let named = try options.pins(pins, of: slot)
    let own = AuditPins(logKey: slot.logKey)
    checked.findings = try slot.check()
    let audit = try self.audit(slot, own)
    checked.workspace = audit.workspace
    checked.findings.append(
      WorkspaceFinding(
        "the log re-executes: every certificate, decision, digest, root, table and column",
        audit.difference))
    guard named.workspace != nil || !pins.isEmpty else { return }
    let difference =
      try audit.verified
      ? self.audit(slot, named).difference
      : "a log that does not re-execute is compared with nothing"
    checked.findings.append(
      WorkspaceFinding("the log is the one that was named", difference, isOfFile: false))
  }

  private func audit(_ slot: HostedWorkspace, _ pins: AuditPins) throws -> AuditResult {
    let meter = ProgressMeter("examining", unit: "leaves", console: options.console)
    defer { meter.finish() }
    return try LogAuditor(source: slot.log, pins: pins).audit { done, total in
      meter.update(Int(clamping: done), of: Int(clamping: total))
    }
  }

  private static func json(_ checked: Checked) -> JSONValue {
    [
      "name": .string(checked.name), "workspace": JSONValue(checked.workspace),
      "origin": JSONValue(checked.logKey?.name.text), "key": JSONValue(checked.logKey?.text),
      "checks": .array(
        checked.findings.map {
          [
            "check": .string($0.check), "sound": .bool($0.problem == nil),
            "problem": JSONValue($0.problem),
          ]
        }),
      "repaired": checked.repair.map { outcome in
        [
          "leaves": JSONValue(outcome.leaves),
          "losses": .array(outcome.losses.map { .string($0) }),
          "kept_file": .string(outcome.keptFile),
        ]
      } ?? .null,
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

extension AuditResult {
  /// What differs; nil when all is verified.
  fileprivate var difference: String? { verified ? nil : reason ?? "it differs" }
}
