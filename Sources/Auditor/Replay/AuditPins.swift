package import MergeCore
import SyncProtocol
package import TransparencyLog
package import WorkspaceStore

/// What a log is audited against that does not come from the audited file: whoever keeps these finds a
/// file in which everything was replaced, key and signatures included.
package struct AuditPins: Sendable {
  /// The workspace that leaf 0 has to make.
  package var workspace: Digest256?
  /// The key that checkpoints must be signed by.
  package var logKey: VerifierKey?
  /// Signed notes of earlier sizes, each of which the log has to continue.
  package var checkpoints: [[UInt8]]

  package init(
    workspace: Digest256? = nil, logKey: VerifierKey? = nil, checkpoints: [[UInt8]] = []
  ) {
    self.workspace = workspace
    self.logKey = logKey
    self.checkpoints = checkpoints
  }
}

extension AuditPins {
  /// With the key that the file itself names, where none is pinned.
  func completed(by stated: LogReader) -> AuditPins {
    var pins = self
    pins.logKey = logKey ?? stated.logKey
    return pins
  }

  /// Whether the file names what is pinned, before anything of it is executed.
  func check(named stated: LogReader) throws {
    if let logKey, let named = stated.logKey, named != logKey {
      throw AuditFinding("the file's log has the key \(named.text), not \(logKey.text)")
    }
  }

  /// Whether the log continues every pinned checkpoint.
  ///
  /// - Parameter replayed: the log as replay gives it.
  func check(checkpointsAgainst replayed: LogReader) throws {
    for note in checkpoints {
      guard let logKey,
        let signed = try? SignedCheckpoint(
          opening: note, origin: logKey.name.line, logKey: logKey)
      else { throw AuditFinding("the pinned checkpoint is not signed by the log's key") }
      let size = signed.checkpoint.size.rawValue
      guard size <= replayed.treeSize else {
        throw AuditFinding(
          "the log ends after \(replayed.treeSize) leaves; the pinned checkpoint is of \(size)")
      }
      guard try replayed.root(ofSize: size).bytes == signed.checkpoint.root.bytes else {
        throw AuditFinding(
          "the pinned checkpoint of \(size) leaves has another root: this is another history")
      }
    }
  }
}

extension AuditPins {
  /// In what a log differs from the pins; nil when it does not.
  ///
  /// Looks at leaf 0, the log's key and some stored hashes: executes nothing again.
  package func problem(of log: LogDatabase) throws -> String? {
    do {
      try log.read { db in
        let reader = try LogReader(unverified: db)
        let pins = completed(by: reader)
        try pins.check(named: reader)
        if let workspace = pins.workspace, reader.treeSize > 0 {
          guard let first = try reader.leaf(at: 0)?.batchBytes,
            let genesis = try? ReceivedBatch(decoding: first).changes.first,
            workspaceID(genesisSkeleton: genesis.skeletonBytes) == workspace
          else { throw AuditFinding("leaf 0 does not make workspace \(workspace.hex)") }
        }
        try pins.check(checkpointsAgainst: reader)
      }
      return nil
    } catch let finding as AuditFinding {
      return finding.reason
    }
  }
}

/// What was typed and pins nothing.
package enum AuditPinError: Error, Hashable, Sendable {
  /// Not 64 hexadecimal digits.
  case workspace(String)
  /// Not a vkey.
  case key(String)
}

extension AuditPins {
  /// The pins as people type them.
  package init(workspace: String?, key: String?, checkpoints: [[UInt8]]) throws(AuditPinError) {
    self.init(checkpoints: checkpoints)
    if let workspace {
      guard let id = Digest256(hex: workspace.lowercased()) else { throw .workspace(workspace) }
      self.workspace = id
    }
    if let key {
      guard let parsed = try? VerifierKey(key) else { throw .key(key) }
      logKey = parsed
    }
  }
}
