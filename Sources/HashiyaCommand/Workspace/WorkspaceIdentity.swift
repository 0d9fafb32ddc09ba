import CommandLineKit
import MergeCore
import SyncProtocol
import WorkspaceStore

/// Which workspace, replica and analyst a store is: what `init`, `join` and `publish` print.
struct WorkspaceIdentity {
  /// The workspace's id.
  let workspace: String
  /// The id of the replica that writes.
  let replica: String
  /// The analyst's name.
  let analyst: String

  /// Reads the identity of an open store.
  init(_ workspace: Workspace) throws {
    self = try workspace.query { try WorkspaceIdentity($0) }
  }

  /// Reads the identity within a transaction.
  init(_ reader: WorkspaceReader) throws {
    workspace = try reader.setting(.workspace) ?? ""
    replica = reader.replica.hex
    let known = reader.membership.member(of: reader.replica)?.name
    analyst = try known ?? reader.setting(.analyst) ?? String(replica.prefix(8))
  }

  /// The JSON members.
  var json: [(String, JSONValue)] {
    [
      ("workspace", .string(workspace)), ("replica", .string(replica)),
      ("analyst", .string(analyst)),
    ]
  }

  /// Prints the identity as JSON, or the lines for people.
  func print(
    on console: Console, _ lines: (WorkspaceIdentity) throws -> [StyledText]
  ) throws {
    if console.isJSON {
      try console.print(JSONValue.object(json))
    } else {
      try console.print(lines(self))
    }
  }
}
