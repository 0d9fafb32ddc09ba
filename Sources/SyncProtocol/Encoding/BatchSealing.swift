package import Crypto
import FoundationEssentials
package import MergeCore

/// A pending change as the store keeps it, ready to be sealed.
package struct PendingChange: Sendable {
  package var counter: Counter
  package var skeleton: [UInt8]
  package var contents: [ReceivedContent]
  package var chain: Digest256
  /// Whether the salts are spelt out because they do not follow from the block's seed: a reissue.
  package var hasOwnSalts: Bool
  package var isAct: Bool
  /// The change's context.
  package var context: SignedContext

  package init(
    counter: Counter, skeleton: [UInt8], contents: [ReceivedContent], chain: Digest256,
    hasOwnSalts: Bool, isAct: Bool, context: SignedContext
  ) {
    self.counter = counter
    self.skeleton = skeleton
    self.contents = contents
    self.chain = chain
    self.hasOwnSalts = hasOwnSalts
    self.isAct = isAct
    self.context = context
  }

  package var byteCount: Int {
    contents.reduce(skeleton.count) { $0 + ($1.value?.count ?? 32) }
  }
}

/// Seals consecutive changes of one replica under one signature (DESIGN.md §3).
package struct BatchSealer {
  package var workspace: Digest256
  package var epoch: UInt32 = 1
  package var replica: ReplicaID
  package var key: Curve25519.Signing.PrivateKey
  package var secret: SeedSecret

  package init(
    workspace: Digest256, replica: ReplicaID, key: Curve25519.Signing.PrivateKey, secret: SeedSecret
  ) {
    self.workspace = workspace
    self.replica = replica
    self.key = key
    self.secret = secret
  }

  /// The encoded batch of `changes`, whose chain starts after `previous`.
  ///
  /// - Parameter checkpoint: the signed note of the last change's context, empty for the empty one.
  /// - Precondition: there is at least one change, and counters are consecutive.
  package func seal(_ changes: [PendingChange], after previous: Digest256, checkpoint: [UInt8])
    throws -> [UInt8]
  {
    guard let first = changes.first, let last = changes.last else {
      preconditionFailure("a batch has at least one change")
    }
    var header = WireBatchHeader()
    header.workspace = Data(workspace.bytes)
    header.epoch = epoch
    header.rules = mergeRulesVersion
    header.replica = Data(replica.bytes)
    header.first = first.counter.rawValue
    header.last = last.counter.rawValue
    header.previous = Data(previous.bytes)
    header.chain = Data(last.chain.bytes)
    header.context = last.context.wire

    var batch = WireBatch()
    let headerBytes = encodedBytes(header)
    batch.header = Data(headerBytes)
    batch.signature = try key.signature(for: batchSignedBytes(header: headerBytes))
    batch.changes = changes.map(\.wire)
    batch.seeds = seeds(of: changes)
    if last.context.treeSize > 0 { batch.checkpoint = Data(checkpoint) }
    return encodedBytes(batch)
  }

  private func seeds(of changes: [PendingChange]) -> [WireSeed] {
    let needing = changes.filter { !$0.contents.isEmpty && !$0.hasOwnSalts }
    return Set(needing.map { seedBlock(of: $0.counter) }).sorted().map { block in
      var seed = WireSeed()
      seed.block = block
      seed.seed = Data(secret.seed(ofBlock: block))
      return seed
    }
  }
}

/// What a batch's signature is made over: a label, and the header as sent.
func batchSignedBytes(header: [UInt8]) -> [UInt8] {
  Array("hashiya/v1/batch-signature\0".utf8) + header
}

extension PendingChange {
  fileprivate var wire: WireChange {
    var wire = WireChange()
    wire.skeleton = Data(skeleton)
    wire.contents = contents.map { content in
      content.wire(withSalt: hasOwnSalts)
    }
    return wire
  }
}

extension ReceivedContent {
  /// The content on the wire; the salt only where it does not follow from a seed.
  package func wire(withSalt: Bool) -> WireContent {
    var wire = WireContent()
    if let value {
      wire.value = Data(value)
      if withSalt, let salt { wire.salt = Data(salt) }
    } else {
      wire.commitment = Data(commitment.bytes)
    }
    return wire
  }
}
