import Crypto
package import MergeCore
import SwiftProtobuf

extension ReceivedBatch {
  /// Decodes a batch, recomputes its commitments and chain, and compares the chain's end with the
  /// header; the signature is checked by ``verifySignature(by:)`` once the key is known.
  ///
  /// Linear in the bytes. What can be counted is counted before anything is decoded or hashed
  /// (``BatchOutline``).
  ///
  /// - Parameter signedBy: the key whose signature of these bytes the caller has checked, which is not
  ///   checked again.
  package init(decoding bytes: [UInt8], signedBy key: [UInt8]? = nil) throws(Refusal) {
    let outline = try BatchOutline(of: bytes)
    guard let wire = try? WireBatch(serializedBytes: bytes) else {
      throw Refusal(.malformed, nil, "the batch does not decode")
    }
    // Attachments are not signed: what nobody needs could only have been added on the way.
    guard !wire.hasUnknownParts else {
      throw Refusal(
        .unknownOperation, nil,
        "something was added to the batch on its way, where no signature covers it")
    }
    // Nor are their spellings: a batch that could be spelt otherwise on its way would not be the same
    // bytes everywhere, and those who compare bytes would take an honest carrier for a liar.
    guard encodedBytes(wire) == bytes, wire.checkpoint.isEmpty || outline.header.context != .empty
    else {
      throw Refusal(.malformed, nil, "the batch is not spelt as its author spells it")
    }
    self.bytes = bytes
    header = outline.header
    signature = outline.signature
    checkpoint = wire.checkpoint.array
    checkedKey = key
    changes = try Self.changes(of: wire, header: outline.header)
    guard changes.last?.chain == header.chain else {
      throw Refusal(.badChain, nil, "the changes do not end at the header's chain hash")
    }
  }

  /// Whether the batch is signed by `publicKey` (32 bytes).
  package func verifySignature(by publicKey: [UInt8]) throws(Refusal) {
    if checkedKey == publicKey { return }
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey),
      key.isValidSignature(signature, for: batchSignedBytes(header: header.bytes))
    else { throw Refusal(.badSignature, nil, "the batch is not signed by \(header.replica.hex)") }
  }

  private static func changes(of wire: WireBatch, header: BatchHeader) throws(Refusal)
    -> [ReceivedChange]
  {
    var seeds: [UInt64: [UInt8]] = [:]
    for seed in wire.seeds {
      guard seed.seed.count == 32, seeds.updateValue(seed.seed.array, forKey: seed.block) == nil
      else { throw Refusal(.malformed, nil, "a seed has another length or stands twice") }
    }
    var needed = Set<UInt64>()
    var changes: [ReceivedChange] = []
    var previous = header.previous
    for (offset, change) in wire.changes.enumerated() {
      let counter = Counter(header.first.rawValue + UInt64(offset))
      if change.contents.contains(where: { $0.hasValue && !$0.hasSalt }) {
        needed.insert(seedBlock(of: counter))
      }
      let received = try ReceivedChange(
        change, dot: Dot(header.replica, counter), after: previous,
        seed: seeds[seedBlock(of: counter)])
      previous = received.chain
      changes.append(received)
    }
    guard Set(seeds.keys) == needed else {
      throw Refusal(.malformed, nil, "the batch brings a seed that it does not need")
    }
    return changes
  }
}

extension ReceivedChange {
  /// A change that its own author's store kept, with every salt spelt out.
  package init(storedChange wire: WireChange, dot: Dot, after previous: Digest256)
    throws(Refusal)
  {
    try self.init(wire, dot: dot, after: previous, seed: nil)
  }

  /// Decodes one change of a batch and computes its chain hash.
  init(_ wire: WireChange, dot: Dot, after previous: Digest256, seed: [UInt8]?) throws(Refusal) {
    let counter = dot.counter
    guard let skeleton = try? WireSkeleton(serializedBytes: wire.skeleton) else {
      throw Refusal(.malformed, counter, "the skeleton does not decode")
    }
    var contents: [ReceivedContent] = []
    for (index, content) in wire.contents.enumerated() {
      guard let received = ReceivedContent(content, counter: counter, index: index, seed: seed)
      else { throw Refusal(.malformed, counter, "content \(index) lacks its value or salt") }
      contents.append(received)
    }
    self.dot = dot
    skeletonBytes = wire.skeleton.array
    self.skeleton = skeleton
    self.contents = contents
    self.previous = previous
    chain = chainHash(
      after: previous, skeleton: skeletonBytes, commitments: contents.map(\.commitment))
  }
}

extension ReceivedContent {
  /// Nil when the parts do not make a content.
  init?(_ wire: WireContent, counter: Counter, index: Int, seed: [UInt8]?) {
    guard wire.hasValue else {
      guard !wire.hasSalt, let commitment = Digest256(wire.commitment) else { return nil }
      self.init(value: nil, salt: nil, commitment: commitment)
      return
    }
    let given = wire.hasSalt ? wire.salt.array : nil
    let derived = seed.map { contentSalt(seed: $0, counter: counter, index: index) }
    guard !wire.hasCommitment, let salt = given ?? derived, salt.count == 32 else { return nil }
    let value = wire.value.array
    self.init(
      value: value, salt: salt, commitment: contentCommitment(salt: salt, value: value))
  }
}
