internal import Crypto

/// A public key that checks signatures on notes, and the name that it signs as.
///
/// Its text form, a *vkey*, is
///
///     <key name>+<key ID, 8 hexadecimal digits>+<Base 64 of 0x01 || 32-byte Ed25519 public key>
package struct VerifierKey: Hashable, Sendable {
  /// The name that the key signs as.
  package let name: KeyName
  /// The Ed25519 public key, 32 bytes.
  package let publicKey: [UInt8]
  /// The identifier that, with the name, marks the key's signatures.
  package let id: KeyID

  /// The key with this name and Ed25519 public key; nil unless the key has 32 bytes.
  package init?(name: KeyName, publicKey: [UInt8]) {
    guard publicKey.count == 32 else { return nil }
    self.name = name
    self.publicKey = publicKey
    id = KeyID(name: name, ed25519PublicKey: publicKey)
  }

  /// The key that the vkey `text` spells.
  package init(_ text: String) throws(VerifierKeyError) {
    guard text.utf8.count <= LogLimits.keyTextBytesMax else {
      throw .tooLong(byteCount: text.utf8.count)
    }
    // The Base 64 part may itself contain "+", so the text is split twice at most.
    let parts = text.utf8.split(
      separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw .wrongForm }
    guard let name = KeyName(bytes: parts[0]) else { throw .invalidName }
    guard let id = KeyID(hex: Substring(parts[1])) else { throw .invalidKeyID }
    guard let key = Base64.decode(Array(parts[2])), let type = key.first else {
      throw .invalidBase64
    }
    guard type == SignatureType.ed25519 else { throw .unsupportedSignatureType(type) }
    guard let verifier = VerifierKey(name: name, publicKey: Array(key.dropFirst())) else {
      throw .wrongKeyLength(byteCount: key.count - 1)
    }
    guard verifier.id == id else { throw .keyIDMismatch(stated: id, computed: verifier.id) }
    self = verifier
  }

  /// The vkey.
  package var text: String {
    "\(name)+\(id)+\(Base64.encode([SignatureType.ed25519] + publicKey))"
  }

  /// Whether `signature` is this key's Ed25519 signature (RFC 8032) of `message`.
  package func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else {
      return false
    }
    return key.isValidSignature(signature, for: message)
  }
}

extension VerifierKey: CustomStringConvertible {
  package var description: String { text }
}

/// Why text is no verifier key.
package enum VerifierKeyError: Error, Hashable {
  /// More than `LogLimits.keyTextBytesMax`.
  case tooLong(byteCount: Int)
  /// Not three parts joined by `+`.
  case wrongForm
  /// The name is empty, not UTF-8, or has a space or a control character.
  case invalidName
  /// The key identifier is not eight lowercase hexadecimal digits.
  case invalidKeyID
  /// The key is empty or not padded standard Base 64.
  case invalidBase64
  /// The key is of a type other than Ed25519.
  case unsupportedSignatureType(UInt8)
  /// The key has not 32 bytes after its type.
  case wrongKeyLength(byteCount: Int)
  /// The key identifier is not that of the name and key: some part was mistyped.
  case keyIDMismatch(stated: KeyID, computed: KeyID)
}
