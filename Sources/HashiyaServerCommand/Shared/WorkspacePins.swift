import Auditor
import CommandLineKit
import MergeCore
import SyncServer
import TransparencyLog
import WorkspaceStore

extension WorkspaceOptions {
  /// The slot that has the workspace of an id; the only slot where it has another, since whoever names
  /// an id wants that to be found.
  static func name(
    of id: String, among names: [String], in folder: ServerFolder
  ) throws -> String {
    for name in names {
      // One that cannot be opened or read is none that can be shown to have it.
      let slot = try? HostedWorkspace(opening: folder.workspace(name), mayCopy: true)
      if let found = try? slot?.workspaceID(), found.hex == id { return name }
    }
    if names.count == 1 { return names[0] }
    throw CommandFailure(
      .noInput, "no slot in \(folder.path) has the workspace \(id.prefix(8).description)…",
      details: names.map { StyledText(foreign: $0) }, remedy: "see hashiya-server workspace list")
  }

  /// What the workspace is checked against: what was typed, and the key that the folder signs with.
  func pins(_ typed: PinOptions, of workspace: HostedWorkspace) throws -> AuditPins {
    let id = self.workspace.flatMap { Digest256(hex: $0) == nil ? nil : $0 }
    return try PinFailures.pins(workspace: id, typed, folderKey: workspace.logKey)
  }
}

/// Pins that cannot be read.
enum PinFailures {
  static func pins(
    workspace: String?, _ typed: PinOptions, folderKey: VerifierKey
  ) throws -> AuditPins {
    do {
      var pins = try AuditPins(workspace: workspace, key: typed.key, checkpoints: typed.notes())
      pins.logKey = pins.logKey ?? folderKey
      return pins
    } catch AuditPinError.workspace(let text) {
      throw CommandFailure(
        .usage, "--workspace \(text) is no workspace's id", remedy: "it has 64 hexadecimal digits")
    } catch AuditPinError.key(let text) {
      throw CommandFailure(
        .usage, "--key \(text) is no log's key", remedy: "it is NAME+8 digits+Base64, in one word")
    }
  }
}

/// What was checked against, for people: they compare it with what they know from elsewhere.
enum CheckedAgainst {
  static func lines(_ workspace: String?, _ logKey: VerifierKey?) -> [StyledText] {
    [
      workspace.map { "workspace \($0)" }, logKey.map { "log       \($0.name.text)" },
      logKey.map { "key       \($0.text)" },
    ].compactMap { $0 }
  }
}
