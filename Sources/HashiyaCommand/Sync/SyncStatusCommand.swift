import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// `sync status`: what is pending and why.
struct SyncStatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what is pending, and the last sync. Asks no server.",
    discussion: """
      Examples:
        hashiya sync status
        hashiya sync status --explain
      """)

  @Flag(help: "Give the state and reason of every pending change.")
  var explain = false

  @OptionGroup var options: StoreOptions
}

extension SyncStatusCommand {
  func run() async throws {
    let console = options.console
    let (status, changes) = try options.open(evenJoining: true).query { reader in
      (try StatusView(reader), explain ? try PendingText.all(reader) : [])
    }
    if console.isJSON {
      let pending = JSONValue.array(changes.map { $0.json })
      return try console.print(status.json.adding([("pending", explain ? pending : .null)]))
    }
    try console.print(status.syncLines + changes.map { $0.line })
  }
}

/// A change on its way to the log, with where it is and why.
private struct PendingText {
  private let report: PendingReport
  private let dot: String
  private let state: String
  private let reason: String

  /// The changes that the log here lacks, the oldest first, then those that were refused.
  static func all(_ reader: WorkspaceReader) throws -> [PendingText] {
    let waiting = try reasonToWait(reader)
    let isBelieved = try reader.refusedAnswer() == nil && !reader.isForkProved()
    return try reader.pendingReports().map { report in
      let (state, reason) =
        switch report.state {
        case .waiting: ("waiting", waiting)
        case .acknowledged(let leaf):
          (
            "acknowledged",
            isBelieved
              ? "the server proved that leaf \(leaf) has it; hashiya pull brings it"
              : "the server said that leaf \(leaf) has it, and what it sent of its log was refused; "
                + "it stays here"
          )
        case .refused(let code, let reason): ("refused", "\(code): \(reason)")
        }
      return PendingText(
        report: report, dot: try reader.dotText(report.dot), state: state, reason: reason)
    }
  }

  private static func reasonToWait(_ reader: WorkspaceReader) throws -> String {
    if try reader.setting(.url) == nil { return "the workspace is on no server yet" }
    guard let last = try reader.setting(.lastSync).flatMap({ Int64($0) }) else {
      return "there was no sync yet"
    }
    return "not in the log at the last sync, \(TimeText.short(last)), or made since"
  }

  var json: JSONValue {
    [
      "dot": RecordJSON.dot(report.dot),
      "time": .string(TimeText.json(report.time)), "state": .string(state),
      "reason": .string(reason),
    ]
  }

  var line: StyledText {
    "  \(dot, .accent)  \(TimeText.short(report.time), .dim)  \(state): \(reason)"
  }
}
