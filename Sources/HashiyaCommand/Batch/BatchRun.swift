import AnnotationModel
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Applies a batch file: groups of lines, each group one durable transaction.
struct BatchRun {
  let workspace: Workspace
  let namespace: String?
  let commitEvery: Int
  let skipsRefused: Bool
  let meter: ProgressMeter
  /// What is durable so far.
  private(set) var outcome = BatchOutcome()

  init(
    workspace: Workspace, namespace: String?, commitEvery: Int, skipsRefused: Bool,
    meter: ProgressMeter
  ) {
    self.workspace = workspace
    self.namespace = namespace
    self.commitEvery = commitEvery
    self.skipsRefused = skipsRefused
    self.meter = meter
  }

  /// Applies all lines.
  ///
  /// A bad one throws and leaves nothing of its group behind; the groups before it
  /// stay, and ``outcome`` counts them.
  mutating func apply(_ reader: consuming LineReader) throws {
    var lines = reader
    while true {
      let group = try Self.nextGroup(&lines, count: commitEvery)
      guard !group.isEmpty else { return }
      outcome = try commit(group)
      meter.update(outcome.lines)
    }
  }

  /// A line as it was read, with its number from 1.
  private struct NumberedLine {
    let number: Int
    let bytes: [UInt8]
  }

  private static func nextGroup(
    _ lines: inout LineReader, count: Int
  ) throws(CommandFailure) -> [NumberedLine] {
    var group: [NumberedLine] = []
    while group.count < count, let line = try lines.next() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
      var bytes = Array(line)
      // Some editors begin every file of UTF-8 so.
      if lines.lineNumber == 1, bytes.starts(with: CSV.byteOrderMark) {
        bytes.removeFirst(CSV.byteOrderMark.count)
      }
      group.append(NumberedLine(number: lines.lineNumber, bytes: bytes))
    }
    return group
  }

  /// One transaction; returns what the outcome is once it is durable.
  private func commit(_ group: [NumberedLine]) throws -> BatchOutcome {
    try workspace.edit { editor in
      var outcome = self.outcome
      var applying = BatchEditing(namespace: namespace)
      for line in group {
        outcome.lines += 1
        do {
          let made = try applying.apply(Self.parse(line), to: &editor)
          if made.dot == nil { outcome.unchanged += 1 } else { outcome.changes += 1 }
        } catch let refusal as AuthoringRefusal where skipsRefused && refusal.isSkippable {
          let reason = try Self.words(refusal, editor.reader)
          outcome.refused.append(BatchOutcome.Refused(line: line.number, reason: reason))
        } catch {
          throw try Self.failure(error, line.number, editor.reader)
        }
      }
      return outcome
    }
  }

  private static func parse(_ line: NumberedLine) throws -> BatchLine {
    do {
      return try BatchLine(parsing: line.bytes)
    } catch {
      throw CommandFailure(.badData, "\(BatchFailures.reason(error))")
    }
  }

  private static func words(
    _ refusal: AuthoringRefusal, _ reader: WorkspaceReader
  ) throws -> String {
    try AuthoringFailures(references: References(reader: reader)).failure(refusal).message
      .rendered(for: .plain)
  }

  /// The same failure, with the number of its line.
  private static func failure(
    _ error: any Error, _ line: Int, _ reader: WorkspaceReader
  ) throws -> any Error {
    let known: CommandFailure?
    if let refusal = error as? AuthoringRefusal {
      known = try AuthoringFailures(references: References(reader: reader)).failure(refusal)
    } else {
      known = error as? CommandFailure ?? FailureTable.failure(for: error)
    }
    guard var failure = known else { return error }
    failure.message = "line \(line): " + failure.message
    return failure
  }
}

extension AuthoringRefusal {
  /// Whether `--skip-refused` reports it and goes on: the record stands otherwise than the script
  /// thought.
  ///
  /// All else is a mistake in the file.
  fileprivate var isSkippable: Bool {
    switch self {
    case .inConflict, .deleted, .knownAndDeleted, .siblingsChanged, .notInConflict,
      .existsDifferently:
      true
    case .unknownRecord, .noSuchField, .contentMissing, .relatesToItself,
      .articleText, .span, .passageTooLong, .text, .confidence, .badValue, .tagBothWays,
      .ambiguousLabel, .labelNameTaken, .mergedAlready, .looksLikeHandle,
      .retiredLabel, .clockNeverShown, .refusedByAll, .noSuchVersion, .noSuchSibling,
      .nothingToUndo, .lastWasAct, .movedOn, .notPublished, .notAdmin, .act, .unknownMember,
      .ambiguousMember,
      .nameTaken, .nameInvited, .unknownInvite,
      .ambiguousInvite, .inviteUsed, .unknownReplica, .ambiguousReplica:
      false
    }
  }
}
