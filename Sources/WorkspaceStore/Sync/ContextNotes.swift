import GRDB
import MergeCore
import SyncProtocol
import TransparencyLog

extension LogReader {
  /// The signed note of a context that stands in this log; empty for the empty one.
  ///
  /// Throws ``StoreFailure/corrupt(_:)`` where it is gone, or is not the log's: whoever got a batch without
  /// it would refuse that as its author's mistake, which it is not.
  func signedNote(of context: SignedContext) throws -> [UInt8] {
    guard context.treeSize > 0 else { return [] }
    guard let key = logKey, let stored = try checkpoint(ofAtMost: context.treeSize),
      let signed = try? SignedCheckpoint(
        opening: stored.note, origin: key.name.line, logKey: key),
      signed.checkpoint.size.rawValue == context.treeSize,
      signed.checkpoint.root.bytes == context.root?.bytes
    else {
      throw StoreFailure.corrupt(
        "the signed checkpoint of \(context.treeSize) leaves, on which pending work stands, is gone"
      )
    }
    return stored.note
  }
}
