/// 32 bytes of SHA-256, as an opaque value.
///
/// This module computes no hashes; its callers pass them in.
package struct Digest256: Hashable, Comparable, Sendable {
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// The length of every digest, in bytes.
  package static let byteCount = 32

  /// All bytes zero: the chain hash before a replica's first change.
  package static let zero = Digest256(words: (0, 0, 0, 0))

  private init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

  /// Takes exactly 32 bytes; nil for any other length.
  package init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    var word = [UInt64](repeating: 0, count: 4)
    for (index, byte) in bytes.enumerated() {
      word[index / 8] = word[index / 8] << 8 | UInt64(byte)
    }
    words = (word[0], word[1], word[2], word[3])
  }

  /// Reads 64 hexadecimal digits of either case; nil for anything else.
  package init?(hex: some StringProtocol) {
    guard let bytes = hexBytes(hex) else { return nil }
    self.init(bytes)
  }

  /// The 32 bytes.
  package var bytes: [UInt8] {
    bigEndianBytes(words.0) + bigEndianBytes(words.1) + bigEndianBytes(words.2)
      + bigEndianBytes(words.3)
  }

  /// 64 lowercase hexadecimal digits.
  package var hex: String { hexText(bytes) }

  package static func == (left: Self, right: Self) -> Bool { left.words == right.words }

  package static func < (left: Self, right: Self) -> Bool { left.words < right.words }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
  }

  /// The sum of two digests modulo 2²⁵⁶, both read as big-endian numbers.
  package static func &+ (left: Self, right: Self) -> Self {
    let (d, carry3) = left.words.3.addingReportingOverflow(right.words.3)
    let (c, carry2) = addWithCarry(left.words.2, right.words.2, carry3)
    let (b, carry1) = addWithCarry(left.words.1, right.words.1, carry2)
    let (a, _) = addWithCarry(left.words.0, right.words.0, carry1)
    return Digest256(words: (a, b, c, d))
  }

  /// The difference of two digests modulo 2²⁵⁶: `x &+ y &- y == x`.
  package static func &- (left: Self, right: Self) -> Self {
    left &+ (right.complement &+ one)
  }

  private static let one = Digest256(words: (0, 0, 0, 1))

  private var complement: Self {
    Digest256(words: (~words.0, ~words.1, ~words.2, ~words.3))
  }
}

private func addWithCarry(_ left: UInt64, _ right: UInt64, _ carry: Bool) -> (UInt64, Bool) {
  let (sum, first) = left.addingReportingOverflow(right)
  let (total, second) = sum.addingReportingOverflow(carry ? 1 : 0)
  return (total, first || second)
}
