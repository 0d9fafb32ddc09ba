import Crypto
package import MergeCore

/// The secret of one replica from which the seeds of its blocks follow; 32 bytes, never sent.
package struct SeedSecret: Sendable {
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// The seed of a block of ``Limits/seedBlockCounters`` counters; sent with its contents.
  package func seed(ofBlock block: UInt64) -> [UInt8] {
    keyedHash(bytes, Array("hashiya/v1/seed".utf8) + bigEndianBytes(block))
  }
}

/// Which block a counter belongs to.
package func seedBlock(of counter: Counter) -> UInt64 {
  (counter.rawValue - 1) / Limits.seedBlockCounters
}

/// The salt of a change's content at `index`, from the seed of the change's block.
package func contentSalt(seed: [UInt8], counter: Counter, index: Int) -> [UInt8] {
  keyedHash(
    seed,
    Array("hashiya/v1/salt".utf8) + bigEndianBytes(counter.rawValue)
      + bigEndianBytes(UInt64(index)))
}

/// HMAC-SHA256 (RFC 2104).
private func keyedHash(_ key: [UInt8], _ data: [UInt8]) -> [UInt8] {
  Array(HMAC<SHA256>.authenticationCode(for: data, using: SymmetricKey(data: key)))
}
