/// A text and the signatures on it ([C2SP signed-note](https://c2sp.org/signed-note)).
///
/// A note that was parsed is well formed and nothing more: `verify` says who signed it.
package struct SignedNote: Hashable, Sendable {
  /// The bytes that are signed: valid UTF-8, ending in a newline.
  package let text: [UInt8]
  /// The signatures in the order of their lines, known or not; at least one.
  package let signatures: [NoteSignature]

  /// The note with this text and these signatures.
  package init(text: [UInt8], signatures: [NoteSignature]) throws(SignedNoteError) {
    guard text.last == newline else { throw .textWithoutFinalNewline }
    guard !signatures.isEmpty else { throw .noSignatures }
    guard signatures.count <= LogLimits.noteSignaturesMax else {
      throw .tooManySignatures(count: signatures.count)
    }
    self.text = text
    self.signatures = signatures
    try Self.checkCharacters(encoded)
  }

  /// Signs `text` with every one of `signers`, of whom there is at least one.
  package init(signing text: [UInt8], by signers: [NoteSigner]) throws(SignedNoteError) {
    try self.init(text: text, signatures: signers.map { $0.sign(text) })
  }

  /// The note that `bytes` encode.
  ///
  /// Strict: `encoded` of the result is `bytes` again. Costs one pass over the bytes.
  package init(_ bytes: [UInt8]) throws(SignedNoteError) {
    try Self.checkCharacters(bytes)
    // The text may contain empty lines: the last one separates it from the signatures (§ Format).
    guard let blankLine = Self.lastBlankLine(in: bytes) else { throw .noBlankLine }
    let lines = bytes[(blankLine + 1)...].split(
      separator: newline, omittingEmptySubsequences: false)
    guard bytes.count > blankLine + 1 else { throw .noSignatures }
    guard bytes.last == newline else { throw .signatureWithoutFinalNewline }
    // What follows the final newline is no line.
    let signatureLines = lines.dropLast()
    guard signatureLines.count <= LogLimits.noteSignaturesMax else {
      throw .tooManySignatures(count: signatureLines.count)
    }
    var signatures: [NoteSignature] = []
    for (position, line) in signatureLines.enumerated() {
      guard let signature = NoteSignature(line: line) else {
        throw .malformedSignature(line: position + 1)
      }
      signatures.append(signature)
    }
    text = Array(bytes[..<blankLine])
    self.signatures = signatures
  }

  /// The note as bytes: text, blank line, one line for each signature.
  package var encoded: [UInt8] {
    signatures.reduce(into: text + [newline]) { $0 += $1.line }
  }

  /// The note with further signatures on the same text, such as those of witnesses.
  package func adding(_ further: [NoteSignature]) throws(SignedNoteError) -> SignedNote {
    try SignedNote(text: text, signatures: signatures + further)
  }

  /// The position of the newline that is the last blank line.
  private static func lastBlankLine(in bytes: [UInt8]) -> Int? {
    bytes.indices.dropFirst().last { bytes[$0] == newline && bytes[$0 - 1] == newline }
  }

  private static func checkCharacters(_ bytes: [UInt8]) throws(SignedNoteError) {
    guard bytes.count <= LogLimits.noteBytesMax else { throw .tooLong(byteCount: bytes.count) }
    if let control = bytes.first(where: { $0 < 0x20 && $0 != newline }) {
      throw .controlCharacter(control)
    }
    guard String(validating: bytes, as: UTF8.self) != nil else { throw .invalidUTF8 }
  }
}

let newline = UInt8(ascii: "\n")

/// Why bytes, or text with signatures, are no signed note.
package enum SignedNoteError: Error, Hashable {
  /// More than `LogLimits.noteBytesMax`.
  case tooLong(byteCount: Int)
  /// Not UTF-8.
  case invalidUTF8
  /// An ASCII control character other than the newline.
  case controlCharacter(UInt8)
  /// No blank line between a text and signatures.
  case noBlankLine
  /// The text does not end in a newline.
  case textWithoutFinalNewline
  /// Nothing after the blank line.
  case noSignatures
  /// The last signature line does not end in a newline.
  case signatureWithoutFinalNewline
  /// More than `LogLimits.noteSignaturesMax`.
  case tooManySignatures(count: Int)
  /// A signature line of another form; the first has number 1.
  case malformedSignature(line: Int)
}
