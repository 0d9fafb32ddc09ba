import AnnotationModel
package import SyncProtocol

/// What a store itself says of a batch that somebody refused, by the log that it has.
package enum OwnJudgement: Sendable {
  /// The log here could take it in.
  case acceptable
  /// The log here has all of it; the leaf holds its last change.
  case known(leaf: UInt64)
  /// The log here cannot take it in, now or ever.
  case refused(Refusal)
}

extension WorkspaceReader {
  /// Judges and merges a batch as if it came next, by the code that servers and auditors use; nothing is
  /// kept of it (ruling 30).
  ///
  /// Cost follows the batch. It tells what the log says once its leaves are here: before they are, an
  /// honest server may know more.
  ///
  /// - Parameter leafTime: what the leaf would be dated, milliseconds since 1970; invites expire by it.
  package func judge(_ batch: [UInt8], leafTime: Int64) throws -> OwnJudgement {
    do {
      let replay = LeafReplay(schema: AnnotationSchema.schema)
      switch try replay.append(ReceivedBatch(decoding: batch), to: log, time: leafTime) {
      case .known(let leaf): return .known(leaf: leaf)
      case .new: return .acceptable
      }
    } catch let refusal as Refusal {
      return .refused(refusal)
    }
  }
}
