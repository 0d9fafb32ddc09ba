import ArgumentParser
import Auditor
import CommandLineKit
import MergeCore
import WorkspaceStore

/// What a store is checked against: what was typed, and otherwise what the store itself was given.
struct StorePins: ParsableArguments {
  @Option(help: ArgumentHelp("The workspace that it must be.", valueName: "id"))
  var workspace: String?

  @OptionGroup var log: PinOptions

  /// The pins of a store: typed ones first, then the workspace and key that it joined with.
  func pins(of store: Workspace) throws -> AuditPins {
    var pins = try PinFailures.pins(workspace: workspace, log)
    do {
      let (given, key) = try store.query { reader in
        (try reader.setting(.workspace).flatMap { Digest256(hex: $0) }, reader.log.logKey)
      }
      pins.workspace = pins.workspace ?? given
      pins.logKey = pins.logKey ?? key
    } catch {
      // What a damaged store was given cannot be read; that it is damaged is what the checks find.
      guard case .corrupt = StoreFailure(error) else { throw error }
    }
    return pins
  }
}

/// Pins that cannot be read.
enum PinFailures {
  static func pins(workspace: String?, _ log: PinOptions) throws -> AuditPins {
    do {
      return try AuditPins(workspace: workspace, key: log.key, checkpoints: log.notes())
    } catch AuditPinError.workspace(let text) {
      throw CommandFailure(
        .usage, "--workspace \(text) is no workspace's id", remedy: "it has 64 hexadecimal digits")
    } catch AuditPinError.key(let text) {
      throw CommandFailure(
        .usage, "--key \(text) is no log's key", remedy: "it is NAME+8 digits+Base64, in one word")
    }
  }
}

/// What an audit checked against, for people: they compare it with what they know from elsewhere.
struct CheckedAgainst {
  let lines: [StyledText]

  init(_ result: AuditResult) {
    lines = [
      result.workspace.map { "workspace \($0)" },
      result.origin.map { "log       \($0)" },
      result.key.map { "key       \($0)" },
    ].compactMap { $0 }
  }
}
