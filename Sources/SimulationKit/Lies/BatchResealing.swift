package import Crypto
import MergeCore
import SyncProtocol

/// What whoever has a replica's key can still make of an altered batch: commitments, chain and signature
/// follow from what it now says.
package struct BatchResealing {
  /// The author's key.
  package var key: Curve25519.Signing.PrivateKey

  /// What whoever has this key can make.
  package init(key: Curve25519.Signing.PrivateKey) { self.key = key }

  /// The batch, its header naming the chain of the changes as they are, signed anew; unchanged where the
  /// parts that this needs are gone.
  ///
  /// - Parameters:
  ///   - keepsChain: whether the header goes on naming the chain hash that it names.
  ///   - isSigned: false for whoever lacks the key, and can only recompute.
  package func resealed(_ batch: WireTree, keepsChain: Bool, isSigned: Bool = true) throws
    -> WireTree
  {
    var batch = batch
    guard let place = batch.entries.lastIndex(where: { $0.number == 1 }),
      case .message(var header) = batch.entries[place].value
    else { return batch }
    if !keepsChain, let chain = chain(of: batch, header),
      let field = header.entries.lastIndex(where: { $0.number == 8 })
    {
      header.entries[field].value = .bytes(chain.bytes)
      batch.entries[place].value = .message(header)
    }
    guard isSigned, let signature = batch.entries.lastIndex(where: { $0.number == 2 }) else {
      return batch
    }
    let signed = try key.signature(
      for: Array("hashiya/v1/batch-signature\0".utf8) + header.encoded)
    batch.entries[signature].value = .bytes([UInt8](signed))
    return batch
  }

  /// The chain hash at the end of the changes; nil where something that it needs is missing.
  private func chain(of batch: WireTree, _ header: WireTree) -> Digest256? {
    guard let previous = header.bytes(7).flatMap({ Digest256($0) }),
      let first = header.number(5)
    else { return nil }
    var seeds: [UInt64: [UInt8]] = [:]
    for seed in batch.messages(4) { seeds[seed.number(1) ?? 0] = seed.bytes(2) }
    var chain = previous
    for (offset, change) in batch.messages(3).enumerated() {
      let (number, isTooLarge) = first.addingReportingOverflow(UInt64(offset))
      guard !isTooLarge, number > 0, number <= Limits.counterMax else { return nil }
      let counter = Counter(number)
      let commitments = change.messages(2).enumerated().compactMap { index, content -> Digest256? in
        guard let value = content.bytes(1) else {
          return content.bytes(3).flatMap { Digest256($0) }
        }
        let salt =
          content.bytes(2)
          ?? seeds[seedBlock(of: counter)].map {
            contentSalt(seed: $0, counter: counter, index: index)
          }
        return salt.map { contentCommitment(salt: $0, value: value) }
      }
      chain = chainHash(
        after: chain, skeleton: change.bytes(1) ?? [], commitments: commitments)
    }
    return chain
  }
}

extension WireTree {
  /// The number in a field, the last one where it stands twice.
  package func number(_ field: UInt64) -> UInt64? {
    guard case .number(let number)? = entries.last(where: { $0.number == field })?.value else {
      return nil
    }
    return number
  }

  /// The bytes of a field, those of a message encoded.
  package func bytes(_ field: UInt64) -> [UInt8]? {
    switch entries.last(where: { $0.number == field })?.value {
    case .bytes(let bytes): bytes
    case .message(let tree): tree.encoded
    case .number, nil: nil
    }
  }

  /// The messages of a repeated field.
  package func messages(_ field: UInt64) -> [WireTree] {
    entries.compactMap { entry in
      guard entry.number == field, case .message(let tree) = entry.value else { return nil }
      return tree
    }
  }
}
