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
    let (status, changes) = try options.open().read { reader in
      (try StatusView(reader), explain ? try PendingText.all(reader) : [])
    }
    if console.isJSON {
      let pending = JSONValue.array(changes.map { $0.json })
      return try console.print(status.json.adding([("pending", explain ? pending : .null)]))
    }
    try console.print(status.syncLines + changes.map { $0.line })
  }
}

/// A pending change with its state and the reason for it.
private struct PendingText {
  private let change: HistoryEntry
  private let dot: String
  private let reason: String

  /// The pending changes, the oldest first.
  static func all(_ reader: WorkspaceReader) throws -> [PendingText] {
    let reason: String
    if try reader.setting(.url) == nil {
      reason = "the workspace is on no server yet"
    } else if let last = try reader.setting(.lastSync).flatMap({ Int64($0) }) {
      reason = "not in the log at the last sync, \(TimeText.short(last)), or made since"
    } else {
      reason = "there was no sync yet"
    }
    return try reader.history(nil, limit: reader.pendingCount()).filter { $0.leaf == nil }
      .reversed().map {
        PendingText(change: $0, dot: try reader.dotText($0.dot), reason: reason)
      }
  }

  var json: JSONValue {
    [
      "dot": RecordJSON.dot(change.dot), "time": .string(TimeText.json(change.time)),
      "state": "waiting", "reason": .string(reason),
    ]
  }

  var line: StyledText {
    "  \(dot, .accent)  \(TimeText.short(change.time), .dim)  waiting: \(reason)"
  }
}
