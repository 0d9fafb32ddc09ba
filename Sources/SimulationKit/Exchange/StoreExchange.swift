import AnnotationModel
import SyncProtocol
package import TransparencyLog
package import WorkspaceStore

/// Exchanges between stores through a log in memory, without HTTP: what client and server do to
/// them, and nothing else.
package struct StoreExchange {
  /// The log so far.
  package private(set) var log: MemoryLog
  /// The time of the next leaf, milliseconds since 1970.
  package var time: Int64

  private let url = "http://127.0.0.1:7420"
  private let slot = "test"

  /// An empty log.
  package init(signer: NoteSigner, time: Int64 = 1_000_000) {
    log = MemoryLog(signer: signer, schema: AnnotationSchema.schema)
    self.time = time
  }

  /// Points a founder's store at the log, and brings the workspace into it.
  package mutating func publish(_ store: Workspace) throws {
    guard let key = log.logKey else { preconditionFailure("a log in memory has a signer") }
    try store.setServer(
      ShareCode(
        purpose: .claim, url: url, slot: slot, logKey: key.text,
        secret: [UInt8](repeating: 7, count: 32), workspace: nil))
    try sync(store)
  }

  /// Pushes what is pending, then pulls.
  @discardableResult
  package mutating func sync(_ store: Workspace) throws -> IngestOutcome? {
    try push(store)
    return try pull(store)
  }

  /// Brings a store's pending changes into the log; the store does not learn of it.
  ///
  /// Throws the ``Refusal`` of the first batch that is refused; those before it stay.
  package mutating func push(_ store: Workspace) throws {
    for batch in try store.prepareExchange(bytesMax: .max).batches {
      try log.append(batch.bytes, time: time)
      time += 1
    }
  }

  /// Brings what the log has into a store; nil when it has all.
  @discardableResult
  package func pull(_ store: Workspace) throws -> IngestOutcome? {
    let known = try store.read { $0.log.treeSize }
    guard known < log.treeSize else { return nil }
    let entries = log.leaves[Int(known)...].map {
      ReceivedEntry(
        index: $0.index, leaf: $0.leafBytes, batch: $0.judgement.batch.bytes)
    }
    return try store.ingest(entries, checkpoint: log.checkpoint)
  }
}
