import FoundationEssentials
import GRDB
import MergeCore
import SyncProtocol
import TransparencyLog

/// The end of the log as people compare it.
package struct LogHead: Hashable, Sendable {
  /// The log's name, as its key bears it.
  package var origin: String
  package var size: UInt64
  /// Base64 of the root, 32 bytes.
  package var root: String
}

extension WorkspaceReader {
  /// The log that the state is of; nil before there is one.
  package func logHead() throws -> LogHead? {
    guard let key = log.logKey, log.treeSize > 0 else { return nil }
    let root = try log.root(ofSize: log.treeSize)
    return LogHead(origin: key.name.text, size: log.treeSize, root: Base64.encode(root.bytes))
  }
}

extension Workspace {
  /// Checks a checkpoint that came without leaves: signed by the pinned log, of the prefix that was
  /// asked about or more, and of the log here, which another process may have taken further meanwhile.
  ///
  /// Throws ``IngestFailure``; what proves that the log's key signed another history is kept then.
  package func check(checkpoint note: [UInt8], ofAtLeast asked: UInt64) throws {
    let failure: IngestFailure? = try read { reader in
      guard let key = reader.log.logKey else { return .noLogKey }
      let signed: SignedCheckpoint
      do throws(SignedCheckpointError) {
        signed = try SignedCheckpoint(opening: note, origin: key.name.line, logKey: key)
      } catch {
        return .badCheckpoint(error)
      }
      switch try reader.log.standing(ofNote: signed) {
      case .prefix(let size): return size < asked ? .lagging(size: size, signed: asked) : nil
      case .ahead(let size): return .wrongRoot(size: size)
      case .fork: return .fork(size: signed.checkpoint.size.rawValue)
      }
    }
    if let failure { throw try explained(failure, [], note: note) }
  }
}
