package import MergeCore
import SwiftProtobuf

/// A content of a received change, with the commitment recomputed or, once withdrawn, as stated.
package struct ReceivedContent: Hashable, Sendable {
  /// Nil once withdrawn.
  package var value: [UInt8]?
  /// The salt; nil once withdrawn.
  package var salt: [UInt8]?
  package var commitment: Digest256

  init(value: [UInt8]?, salt: [UInt8]?, commitment: Digest256) {
    self.value = value
    self.salt = salt
    self.commitment = commitment
  }

  /// A content with its 32-byte salt; the commitment follows.
  package init(value: [UInt8], salt: [UInt8]) {
    self.init(
      value: value, salt: salt, commitment: contentCommitment(salt: salt, value: value))
  }
}

/// One change as a batch carries it: bytes checked against commitments, nothing judged yet.
package struct ReceivedChange: Sendable {
  package var dot: Dot
  /// The encoded skeleton, as received.
  package var skeletonBytes: [UInt8]
  package var skeleton: WireSkeleton
  package var contents: [ReceivedContent]
  /// The chain hash before and at this change.
  package var previous: Digest256
  package var chain: Digest256

  /// The bytes that count against the limits: skeleton and contents.
  package var byteCount: Int {
    contents.reduce(skeletonBytes.count) { $0 + ($1.value?.count ?? 32) }
  }
}

/// A batch as received: signature and chain verified, its place in the log not judged yet.
package struct ReceivedBatch: Sendable {
  /// The whole encoded batch, as received.
  package var bytes: [UInt8]
  package var header: BatchHeader
  package var changes: [ReceivedChange]
  /// The signed checkpoint of the header's context; empty when that is the empty one.
  package var checkpoint: [UInt8]
  package var signature: [UInt8]
  /// The key whose signature was checked before the batch was decoded; nil where none was.
  package internal(set) var checkedKey: [UInt8]?
}

/// What a batch's signature covers.
package struct BatchHeader: Hashable, Sendable {
  /// The encoded header, as received: what is hashed and signed.
  package var bytes: [UInt8]
  package var workspace: Digest256
  package var epoch: UInt32
  package var rules: UInt32
  package var replica: ReplicaID
  package var first: Counter
  package var last: Counter
  package var previous: Digest256
  package var chain: Digest256
  package var context: SignedContext
  /// Whether it holds a field of a newer version.
  var hasUnknownParts: Bool

  /// How many changes it says there are.
  var changeCount: UInt64 { last.rawValue - first.rawValue + 1 }

  /// The batch's identity.
  package var digest: Digest256 { batchDigest(header: bytes) }

  init?(encoded: [UInt8]) {
    guard let wire = try? WireBatchHeader(serializedBytes: encoded),
      let workspace = Digest256(wire.workspace), let replica = ReplicaID(wire.replica),
      let previous = Digest256(wire.previous), let chain = Digest256(wire.chain),
      let context = SignedContext(wire.context), let first = Counter(received: wire.first),
      let last = Counter(received: wire.last), first <= last
    else { return nil }
    self.bytes = encoded
    self.workspace = workspace
    epoch = wire.epoch
    rules = wire.rules
    self.replica = replica
    self.first = first
    self.last = last
    self.previous = previous
    self.chain = chain
    self.context = context
    hasUnknownParts = wire.hasUnknownParts
  }
}
