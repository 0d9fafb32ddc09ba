import Crypto

/// A SHA-256 digest: 32 bytes, held inline.
///
/// Digests order as their bytes do, so that sorting them gives the same sequence everywhere.
package struct Digest32: Hashable, Sendable {
  /// The length of a digest in bytes.
  package static let byteCount = 32

  /// The digest, most significant byte first: the order of the words is the order of the bytes.
  private let words: (UInt64, UInt64, UInt64, UInt64)

  /// The digest with these bytes; nil unless there are exactly 32.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(exactly32: bytes)
  }

  /// The digest that 64 lowercase hexadecimal digits spell; nil for anything else.
  package init?(hex: some StringProtocol) {
    guard let bytes = Hexadecimal.decode(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// The digest that 44 characters of padded standard Base 64 spell; nil for anything else.
  package init?(base64: some StringProtocol) {
    guard let bytes = Base64.decode(base64) else { return nil }
    self.init(bytes: bytes)
  }

  init(_ digest: SHA256Digest) {
    self = digest.withUnsafeBytes { Digest32(exactly32: $0) }
  }

  private init(exactly32 bytes: some Sequence<UInt8>) {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    for (position, byte) in bytes.enumerated() {
      switch position >> 3 {
      case 0: words.0 = words.0 << 8 | UInt64(byte)
      case 1: words.1 = words.1 << 8 | UInt64(byte)
      case 2: words.2 = words.2 << 8 | UInt64(byte)
      default: words.3 = words.3 << 8 | UInt64(byte)
      }
    }
    self.words = words
  }

  /// SHA-256 of `bytes`, with no prefix; `MerkleTree` has the prefixed hashes of a log.
  package static func sha256(_ bytes: [UInt8]) -> Digest32 {
    var hasher = SHA256()
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    return Digest32(hasher.finalize())
  }

  /// The 32 bytes, most significant first.
  package var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
      copyBytes(to: UnsafeMutableRawBufferPointer(buffer))
      count = Self.byteCount
    }
  }

  /// The digest as 64 lowercase hexadecimal digits.
  package var hex: String { Hexadecimal.encode(bytes) }

  /// The digest as 44 characters of padded standard Base 64.
  package var base64: String { Base64.encode(bytes) }

  /// Writes the 32 bytes at the start of `buffer`, which has room for them.
  func copyBytes(to buffer: UnsafeMutableRawBufferPointer) {
    buffer.storeBytes(of: words.0.bigEndian, toByteOffset: 0, as: UInt64.self)
    buffer.storeBytes(of: words.1.bigEndian, toByteOffset: 8, as: UInt64.self)
    buffer.storeBytes(of: words.2.bigEndian, toByteOffset: 16, as: UInt64.self)
    buffer.storeBytes(of: words.3.bigEndian, toByteOffset: 24, as: UInt64.self)
  }

  package static func == (left: Digest32, right: Digest32) -> Bool { left.words == right.words }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}

extension Digest32: Comparable {
  package static func < (left: Digest32, right: Digest32) -> Bool { left.words < right.words }
}

extension Digest32: CustomStringConvertible {
  package var description: String { hex }
}
