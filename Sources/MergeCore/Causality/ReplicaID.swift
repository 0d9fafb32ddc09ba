/// Names one replica: a store with its own signing key.
///
/// 16 bytes, the beginning of SHA-256 over the replica's public key (`Protocol/README.md`,
/// "Identifiers"). Ordered as bytes, which is only a tie-break and says nothing about time.
package struct ReplicaID: Hashable, Comparable, Sendable {
  private let high: UInt64
  private let low: UInt64

  /// All bytes zero: no replica has it, since none knows a key with that hash.
  package static let zero = ReplicaID(high: 0, low: 0)

  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The length of every replica id, in bytes.
  package static let byteCount = 16

  /// Takes exactly 16 bytes; nil for any other length.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    high = bigEndianWord(bytes.prefix(8))
    low = bigEndianWord(bytes.dropFirst(8))
  }

  /// The 16 bytes, as they are hashed and sent.
  package var bytes: [UInt8] { bigEndianBytes(high) + bigEndianBytes(low) }

  /// 32 lowercase hexadecimal digits, as people and JSON see it.
  package var hex: String { hexText(bytes) }

  /// Reads 32 hexadecimal digits of either case; nil for anything else.
  package init?(hex: some StringProtocol) {
    guard let bytes = hexBytes(hex) else { return nil }
    self.init(bytes)
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}
