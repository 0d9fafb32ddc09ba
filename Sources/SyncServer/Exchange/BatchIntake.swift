import MergeCore
import SyncProtocol
import WorkspaceStore

/// A batch after all the checks that need no log.
enum OpenedBatch: Sendable {
  case opened(ReceivedBatch)
  case refused(Refusal)

  /// Decodes a batch that nobody has looked at.
  init(_ bytes: [UInt8]) {
    do { self = .opened(try ReceivedBatch(decoding: bytes)) } catch { self = .refused(error) }
  }
}

/// Whoever sent the request is gone, and nobody will read the answer.
struct SenderGone: Error {}

extension HostedWorkspace {
  /// Decodes batches and recomputes what they are sealed with: all that costs time and can be done
  /// before it is their turn to be written.
  ///
  /// A signature comes before everything else where the key is known, from the log or from an enrolment
  /// before it in the request: then work is done for what its author vouches for, and for nothing else.
  /// Throws ``SenderGone``, or what reading the log throws.
  func open(_ batches: [[UInt8]], isGone: () -> Bool = { false }) throws -> [OpenedBatch] {
    let (workspace, membership) = try log.read { db in
      let reader = try LogReader(db)
      return (reader.workspace, reader.membership)
    }
    var brought: [ReplicaID: [UInt8]] = [:]
    return try batches.map { bytes in
      guard !isGone() else { throw SenderGone() }
      do throws(Refusal) {
        let outline = try BatchOutline(of: bytes)
        let author = outline.header.replica
        let key = membership.replica(author)?.key ?? brought[author] ?? outline.broughtKey
        if let key {
          guard outline.isSigned(by: key) else {
            throw Refusal(.badSignature, nil, "the batch is not signed by \(author.hex)")
          }
          brought[author] = key
        } else if outline.header.first > 1, outline.header.workspace == workspace {
          throw Refusal(
            .predecessorMissing, outline.header.first,
            "the log does not have the enrolment of \(author.hex)")
        }
        return .opened(try ReceivedBatch(decoding: bytes, signedBy: key))
      } catch {
        return .refused(error)
      }
    }
  }
}
