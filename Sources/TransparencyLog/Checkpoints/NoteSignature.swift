/// One signature line of a note
/// ([signed-note § Signatures](https://c2sp.org/signed-note#signatures)).
///
///     — <key name> <Base 64 of 4-byte key ID || signature>
package struct NoteSignature: Hashable, Sendable {
  /// The name that the key signs as.
  package let name: KeyName
  /// The identifier of the key.
  package let keyID: KeyID
  /// What the key's algorithm made of the text, without the key identifier: 64 bytes for Ed25519,
  /// any number above 0 for a key of an unknown type.
  package let bytes: [UInt8]

  /// The signature with these parts; `bytes` is not empty.
  package init(name: KeyName, keyID: KeyID, bytes: [UInt8]) {
    precondition(!bytes.isEmpty, "a signature has bytes")
    self.name = name
    self.keyID = keyID
    self.bytes = bytes
  }

  /// The signature on `line`, which has no newline; nil when it has another form.
  init?(line: ArraySlice<UInt8>) {
    guard line.starts(with: Self.lineStart) else { return nil }
    let parts = line.dropFirst(Self.lineStart.count).split(
      separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    guard parts.count == 2, let name = KeyName(bytes: parts[0]),
      let decoded = Base64.decode(Array(parts[1])), decoded.count > 4
    else { return nil }
    self.init(
      name: name, keyID: KeyID(bigEndian: decoded.prefix(4)), bytes: Array(decoded.dropFirst(4)))
  }

  /// The line with its newline.
  var line: [UInt8] {
    let signature = Base64.encode(keyID.bytes + bytes)
    return Self.lineStart + Array("\(name) \(signature)\n".utf8)
  }

  /// An em dash (U+2014) and a space.
  private static let lineStart: [UInt8] = Array("\u{2014} ".utf8)
}

extension SignedNote {
  /// Which of the known `keys` signed the note: at least one, in the order of `keys`.
  ///
  /// Signatures of other keys are ignored, even when name or identifier, but not both, is that of a
  /// known key. A signature that claims a known key and does not verify rejects the whole note,
  /// whatever the others say: § Signatures leaves the choice, and a broken signature of a key one
  /// relies on is evidence that nobody should overlook. One verification for each signature that
  /// claims a known key.
  @discardableResult
  package func verify(with keys: [VerifierKey]) throws(NoteVerificationError) -> [VerifierKey] {
    var verified: Set<VerifierKey> = []
    for signature in signatures {
      let claimed = keys.filter { $0.name == signature.name && $0.id == signature.keyID }
      guard let key = claimed.first else { continue }
      guard claimed.allSatisfy({ $0 == key }) else {
        throw .ambiguousKey(signature.name, signature.keyID)
      }
      guard key.isValid(signature.bytes, for: text) else {
        throw .invalidSignature(signature.name, signature.keyID)
      }
      verified.insert(key)
    }
    guard !verified.isEmpty else { throw .noKnownSignature }
    return keys.filter { verified.remove($0) != nil }
  }
}

/// Why a note is not to be believed.
package enum NoteVerificationError: Error, Hashable {
  /// No signature is of a known key.
  case noKnownSignature
  /// A signature claims a known key and is not the key's signature of the text.
  case invalidSignature(KeyName, KeyID)
  /// Two different known keys share name and identifier: one of them was made to collide.
  case ambiguousKey(KeyName, KeyID)
}
