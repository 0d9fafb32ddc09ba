package import Crypto

/// A private key that signs notes, and the name that it signs as.
///
/// Its text form, an *skey*, is
///
///     PRIVATE+KEY+<key name>+<key ID, 8 hexadecimal digits>+<Base 64 of 0x01 || 32-byte seed>
///
/// The signer describes itself by its public key, so that a log line never holds the secret.
package struct NoteSigner: Sendable {
  /// The public half, to be handed to those who check.
  package let verifierKey: VerifierKey
  private let privateKey: Curve25519.Signing.PrivateKey

  /// The signer with this name and key.
  package init(name: KeyName, privateKey: Curve25519.Signing.PrivateKey) {
    let publicKey = Array(privateKey.publicKey.rawRepresentation)
    guard let verifierKey = VerifierKey(name: name, publicKey: publicKey) else {
      preconditionFailure("an Ed25519 public key has 32 bytes, not \(publicKey.count)")
    }
    self.verifierKey = verifierKey
    self.privateKey = privateKey
  }

  /// The signer with this name and the Ed25519 private key (RFC 8032 § 5.1.5) `seed`; nil unless
  /// the seed has 32 bytes.
  package init?(name: KeyName, seed: [UInt8]) {
    guard let privateKey = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else {
      return nil
    }
    self.init(name: name, privateKey: privateKey)
  }

  /// The signer that the skey `text` spells.
  package init(secretText text: String) throws(NoteSignerError) {
    guard text.utf8.count <= LogLimits.keyTextBytesMax else {
      throw .tooLong(byteCount: text.utf8.count)
    }
    // The Base 64 part may itself contain "+", so the text is split four times at most.
    let parts = text.utf8.split(
      separator: UInt8(ascii: "+"), maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count == 5, parts[0].elementsEqual("PRIVATE".utf8),
      parts[1].elementsEqual("KEY".utf8)
    else { throw .wrongForm }
    guard let name = KeyName(bytes: parts[2]) else { throw .invalidName }
    guard let id = KeyID(hex: Substring(parts[3])) else { throw .invalidKeyID }
    guard let key = Base64.decode(Array(parts[4])), let type = key.first else {
      throw .invalidBase64
    }
    guard type == SignatureType.ed25519 else { throw .unsupportedSignatureType(type) }
    guard let signer = NoteSigner(name: name, seed: Array(key.dropFirst())) else {
      throw .wrongSeedLength(byteCount: key.count - 1)
    }
    guard signer.verifierKey.id == id else {
      throw .keyIDMismatch(stated: id, computed: signer.verifierKey.id)
    }
    self = signer
  }

  /// The skey: a secret.
  package var secretText: String {
    let seed = Array(privateKey.rawRepresentation)
    let key = Base64.encode([SignatureType.ed25519] + seed)
    return "PRIVATE+KEY+\(verifierKey.name)+\(verifierKey.id)+\(key)"
  }

  /// Signs the text of a note, which ends with its final newline.
  ///
  /// Ed25519 as RFC 8032 defines it: where swift-crypto is not backed by the system's library, the
  /// same text always gets the same signature. Nobody may depend on that; verify instead.
  package func sign(_ text: [UInt8]) -> NoteSignature {
    guard let signature = try? privateKey.signature(for: text) else {
      preconditionFailure("Ed25519 signs every text")
    }
    return NoteSignature(name: verifierKey.name, keyID: verifierKey.id, bytes: Array(signature))
  }
}

extension NoteSigner: CustomStringConvertible, CustomReflectable {
  package var description: String { "signer of \(verifierKey)" }

  package var customMirror: Mirror { Mirror(self, children: ["verifierKey": verifierKey]) }
}

/// Why text is no signer key.
package enum NoteSignerError: Error, Hashable {
  /// More than `LogLimits.keyTextBytesMax`.
  case tooLong(byteCount: Int)
  /// Not `PRIVATE+KEY` and three more parts, joined by `+`.
  case wrongForm
  /// The name is empty, not UTF-8, or has a space or a control character.
  case invalidName
  /// The key identifier is not eight lowercase hexadecimal digits.
  case invalidKeyID
  /// The key is empty or not padded standard Base 64.
  case invalidBase64
  /// The key is of a type other than Ed25519.
  case unsupportedSignatureType(UInt8)
  /// The seed has not 32 bytes.
  case wrongSeedLength(byteCount: Int)
  /// The key identifier is not that of the name and key: some part was mistyped.
  case keyIDMismatch(stated: KeyID, computed: KeyID)
}
