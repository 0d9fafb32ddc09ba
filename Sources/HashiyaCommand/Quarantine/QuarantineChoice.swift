import ArgumentParser
import CommandLineKit
import MergeCore
import WorkspaceStore

/// Which refused changes a command means.
struct QuarantineChoice: ParsableArguments {
  @Argument(help: ArgumentHelp("The changes, as `quarantine` lists them.", valueName: "dot"))
  var changes: [String] = []

  @Flag(help: "All of them.")
  var all = false

  func validate() throws {
    guard all != changes.isEmpty else { return }
    throw ValidationError("Name the changes, or give --all.")
  }

  /// The dots that are meant; nil for all.
  func dots(_ reader: WorkspaceReader) throws -> [Dot]? {
    if all { return nil }
    let refused = try reader.quarantined().map(\.entry.dot)
    return try changes.map { text in
      let named = try refused.filter { try reader.dotText($0) == text || $0.description == text }
      guard let dot = named.first else {
        throw CommandFailure(
          .noInput, "no refused change is called \(text)", remedy: "see hashiya quarantine")
      }
      return dot
    }
  }

  /// Says how many changes it was.
  func report(
    _ count: Int, _ what: String, _ workspace: Workspace, _ console: Console
  ) throws {
    if console.isJSON {
      let pending = try workspace.query { try $0.pendingCount() }
      return try console.print(
        ["changes": .integer(count), "pending_changes": .integer(pending)] as JSONValue)
    }
    try console.print(["\(counted(count, "change")) \(what)"])
  }
}
