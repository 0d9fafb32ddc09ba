/// The four bytes which, together with the name, tell keys apart
/// ([signed-note § Signatures](https://c2sp.org/signed-note#signatures)).
///
/// An identifier and no commitment: anybody can make a key with a given identifier.
package struct KeyID: Hashable, Sendable {
  /// The identifier; big-endian in a signature.
  package let value: UInt32

  /// The identifier with this value.
  package init(_ value: UInt32) { self.value = value }

  /// The identifier of an Ed25519 key:
  /// SHA-256(key name || 0x0A || 0x01 || 32-byte public key)[:4], signed-note § Ed25519 signatures.
  package init(name: KeyName, ed25519PublicKey publicKey: [UInt8]) {
    let input = name.line.bytes + [0x0a, SignatureType.ed25519] + publicKey
    self.init(bigEndian: Digest32.sha256(input).bytes.prefix(4))
  }

  /// The identifier that eight lowercase hexadecimal digits spell; nil for anything else.
  package init?(hex: some StringProtocol) {
    guard let bytes = Hexadecimal.decode(hex), bytes.count == 4 else { return nil }
    self.init(bigEndian: bytes[...])
  }

  init(bigEndian bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == 4, "a key identifier has four bytes")
    value = bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The four bytes, big-endian.
  package var bytes: [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }

  /// The identifier as eight lowercase hexadecimal digits.
  package var hex: String { Hexadecimal.encode(bytes) }
}

extension KeyID: CustomStringConvertible {
  package var description: String { hex }
}

/// The signature types that signed-note § Signature types assigns and this module makes and checks.
///
/// Only Ed25519: the section advises against several types at run time. Signatures of witnesses
/// (0x04, timestamped) are kept with the note like those of any unknown key.
enum SignatureType {
  static let ed25519: UInt8 = 0x01
}
