import MergeCore

/// Every size, count and depth that a peer or a file controls; `Protocol/README.md` lists them.
package enum Limits {
  /// The highest counter of a change, and the largest tree size; a counter from outside enters by
  /// `Counter(received:)`.
  package static let counterMax: UInt64 = Counter.max.rawValue
  /// Changes in one batch.
  package static let batchChangesMax = 1_000
  /// Seeds in one batch: so many blocks can its changes lie in.
  package static let batchSeedsMax = 5
  /// Bytes of a batch of several changes, skeletons and contents together.
  package static let batchBytesMax = 1 << 20
  /// Bytes of a change that has a batch to itself.
  package static let changeBytesMax = 2 << 20
  /// Bytes of a change as its author first makes it: what is left over is room for a reissue, which
  /// wraps it.
  package static let authoredChangeBytesMax = changeBytesMax - (64 << 10)
  /// Bytes of an encoded batch with its header, seeds and checkpoint.
  package static let encodedBatchBytesMax = changeBytesMax + (64 << 10)
  /// Operations in one change.
  package static let changeOperationsMax = 1_000
  /// Values of one register, adds of one element, deletes or creations of one record that one member
  /// has side by side; others' do not count, so nobody fills a record for them.
  package static let memberSiblingsMax = 32
  /// Entries of one record's state that one member has placed: creations, siblings, adds, removals,
  /// deletes and touches.
  package static let memberEntriesMax = 1_024
  /// Changes that one operation cites: what it brings back stands side by side, and is of the member
  /// who brings it back.
  package static let citesMax = memberSiblingsMax
  /// Dots that the operations on one part of a record name, where one of them is undone
  /// (``PartOperation/dotCount``): about a third as many operations.
  package static let partHistoryMax = 1_024
  /// Such dots for all parts into which one batch brings something back, as the log was before it.
  package static let leafHistoryMax = 8_192
  /// Dots that the decisions of one leaf name.
  package static let leafDotsMax = 16_384
  /// Entries, before a leaf, of the records that it is on, the one with most of them left out.
  package static let leafEntriesMax = 65_536
  /// Entries of an operation's explicit clock.
  package static let clockEntriesMax = 4_096
  /// Bytes of one content.
  package static let contentBytesMax = 1 << 20
  /// Bytes of a leaf.
  package static let leafBytesMax = 64 << 10
  /// Bytes of a checkpoint's signed note.
  package static let checkpointBytesMax = 16 << 10
  /// Bytes of one frame of a stream or bundle.
  package static let frameBytesMax = encodedBatchBytesMax + leafBytesMax + (1 << 10)
  /// Batches in one request.
  package static let requestBatchesMax = 256
  /// Bytes of one request's body, after decompression.
  package static let requestBytesMax = 16 << 20
  /// Batches of others that a store carries to the server.
  package static let mailBatchesMax = 4_096
  /// Bytes of those batches together.
  package static let mailBytesMax = 256 << 20
  /// Bytes of entries in one response, after which it ends at a checkpoint and says there is more.
  package static let responseBytesMax = 8 << 20
  /// Entries in one response.
  package static let responseEntriesMax = 2_000
  /// Bytes of a member's name, UTF-8.
  package static let memberNameBytesMax = 256
  /// Replicas that a revocation may except.
  package static let revocationExceptionsMax = 256
  /// Characters of a one-line code.
  package static let shareCodeCharactersMax = 4_096
  /// Counters that share one seed.
  package static let seedBlockCounters: UInt64 = 256
  /// Bytes of a request token.
  package static let tokenBytesMax = 2_048
  /// How long a request token is good for, and how far clocks may differ, in seconds.
  package static let tokenSeconds: Int64 = 300
  /// Pieces of evidence that a store keeps.
  package static let evidenceMax = 16
  /// Bytes of a file of evidence: a batch and a leaf in Base64, notes and proofs.
  package static let evidenceBytesMax = 4 << 20
  /// How far a machine's clock may be from the server's before its analyst is warned, in seconds.
  package static let clockWarningSeconds: Int64 = 300
  /// Predecessors that are followed from a successor backwards.
  package static let lineageDepthMax = 1_024
}
