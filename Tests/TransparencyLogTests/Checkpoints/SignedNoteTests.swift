import Testing
import TransparencyLog

@Suite("Signed notes")
struct SignedNoteTests {
  @Test("signing the published text with the published key gives the published note")
  func publishedSignature() throws {
    let signer = try NoteSigner(secretText: PublishedNotes.Go.signerKey)
    let note = try SignedNote(signing: utf8(PublishedNotes.Go.text), by: [signer])
    #expect(note.encoded == utf8(PublishedNotes.Go.note))
  }

  @Test(
    "published notes verify with their published keys",
    arguments: [
      (PublishedNotes.Go.note, PublishedNotes.Go.verifierKey),
      (PublishedNotes.C2SP.note, PublishedNotes.C2SP.verifierKey),
    ])
  func publishedNotes(text: String, verifierKey: String) throws {
    let note = try SignedNote(utf8(text))
    let key = try VerifierKey(verifierKey)
    #expect(try note.verify(with: [key]) == [key])
    #expect(note.encoded == utf8(text))
  }

  @Test("every one-bit mutation of a note is malformed or does not verify")
  func mutated() throws {
    let key = try VerifierKey(PublishedNotes.Go.verifierKey)
    let bytes = utf8(PublishedNotes.Go.note)
    for bit in 0..<8 * bytes.count {
      var mutated = bytes
      mutated[bit / 8] ^= 0x80 >> (bit % 8)
      if let note = try? SignedNote(mutated), (try? note.verify(with: [key])) != nil {
        Issue.record("the note verifies with bit \(bit) turned over")
      }
    }
  }

  @Test("signatures of unknown keys are kept and ignored, and of known keys all are named")
  func severalSigners() throws {
    let log = try makeSigner("example.com/log", seed: 1)
    let witness = try makeSigner("example.com/witness", seed: 2)
    let unknown = NoteSignature(
      name: try #require(KeyName("example.com/later")), keyID: KeyID(7), bytes: [1])
    let text = utf8("text\n")
    let note = try SignedNote(signing: text, by: [log]).adding([unknown, witness.sign(text)])
    let read = try SignedNote(note.encoded)
    #expect(read == note)
    #expect(read.signatures.count == 3)
    let keys = [witness.verifierKey, log.verifierKey]
    #expect(try read.verify(with: keys) == keys)
    #expect(try read.verify(with: [log.verifierKey]) == [log.verifierKey])
  }

  @Test("a note without a signature of a known key is not believed, even with the name of one")
  func unknownSigner() throws {
    let signer = try makeSigner(seed: 1)
    let note = try SignedNote(signing: utf8("text\n"), by: [signer])
    let sameName = try makeSigner(seed: 2).verifierKey
    #expect(throws: NoteVerificationError.noKnownSignature) { try note.verify(with: [sameName]) }
    #expect(throws: NoteVerificationError.noKnownSignature) { try note.verify(with: []) }
  }

  @Test("one broken signature of a known key rejects the note, good signatures notwithstanding")
  func brokenSignature() throws {
    let log = try makeSigner("example.com/log", seed: 1)
    let witness = try makeSigner("example.com/witness", seed: 2)
    let note = try SignedNote(signing: utf8("text\n"), by: [log])
      .adding([witness.sign(utf8("another text\n"))])
    let (name, id) = (witness.verifierKey.name, witness.verifierKey.id)
    #expect(throws: NoteVerificationError.invalidSignature(name, id)) {
      try note.verify(with: [log.verifierKey, witness.verifierKey])
    }
    #expect(try note.verify(with: [log.verifierKey]) == [log.verifierKey])
  }

  @Test("a text may contain empty lines, and the last one separates the signatures")
  func emptyLinesInText() throws {
    let signer = try makeSigner()
    for text in ["\n", "a\n\n", "a\n\n— b c\n", "\n\n\n"] {
      let note = try SignedNote(signing: utf8(text), by: [signer])
      #expect(try SignedNote(note.encoded).text == utf8(text))
    }
  }

  @Test(
    "malformed notes are refused with what is wrong",
    arguments: [
      ("", .noBlankLine),
      ("text\n", .noBlankLine),
      ("\n— n AAAAAAE=\n", .noBlankLine),
      ("text\n\n", .noSignatures),
      ("text\n\n— n AAAAAAE=\n\n", .noSignatures),
      ("text\n\n— n AAAAAAE=", .signatureWithoutFinalNewline),
      ("text\n\n— n AAAAAA==\n", .malformedSignature(line: 1)),
      ("text\n\n— n AAAAAAE=\n— n\n", .malformedSignature(line: 2)),
      ("text\n\n- n AAAAAAE=\n", .malformedSignature(line: 1)),
      ("text\n\n—  n AAAAAAE=\n", .malformedSignature(line: 1)),
      ("text\n\n— n  AAAAAAE=\n", .malformedSignature(line: 1)),
      ("text\n\n— n AAAAAAE= \n", .malformedSignature(line: 1)),
      ("text\n\n— n+m AAAAAAE=\n", .malformedSignature(line: 1)),
      ("text\n\n— n AAAAAAF=\n", .malformedSignature(line: 1)),
      ("te\u{7}xt\n\n— n AAAAAAE=\n", .controlCharacter(7)),
      ("text\r\n\n— n AAAAAAE=\n", .controlCharacter(13)),
    ] as [(String, SignedNoteError)])
  func malformed(text: String, error: SignedNoteError) {
    #expect(throws: error) { try SignedNote(utf8(text)) }
  }

  @Test("bytes that are not UTF-8 are no note")
  func invalidUTF8() {
    let bytes = utf8("te") + [0xff] + utf8("xt\n\n— n AAAAAAE=\n")
    #expect(throws: SignedNoteError.invalidUTF8) { try SignedNote(bytes) }
  }

  @Test("a note is read with as many signatures as the limit and refused with one more")
  func signatureLimit() throws {
    let line = "— n AAAAAAE=\n"
    let atLimit = "text\n\n" + String(repeating: line, count: LogLimits.noteSignaturesMax)
    #expect(try SignedNote(utf8(atLimit)).signatures.count == LogLimits.noteSignaturesMax)
    let error = SignedNoteError.tooManySignatures(count: LogLimits.noteSignaturesMax + 1)
    #expect(throws: error) { try SignedNote(utf8(atLimit + line)) }
    let signature = NoteSignature(name: try #require(KeyName("n")), keyID: KeyID(0), bytes: [1])
    #expect(throws: error) {
      try SignedNote(utf8(atLimit)).adding([signature])
    }
  }

  @Test("a note is read up to the limit of its length and refused one byte past it")
  func lengthLimit() throws {
    let end = "\n\n— n AAAAAAE=\n"
    let text = String(repeating: "t", count: LogLimits.noteBytesMax - end.utf8.count)
    #expect(try SignedNote(utf8(text + end)).encoded.count == LogLimits.noteBytesMax)
    #expect(throws: SignedNoteError.tooLong(byteCount: LogLimits.noteBytesMax + 1)) {
      try SignedNote(utf8("t" + text + end))
    }
  }

  @Test("text that cannot stand in a note is not signed")
  func unsignableText() throws {
    let signer = try makeSigner()
    #expect(throws: SignedNoteError.textWithoutFinalNewline) {
      try SignedNote(signing: utf8("text"), by: [signer])
    }
    #expect(throws: SignedNoteError.controlCharacter(0)) {
      try SignedNote(signing: utf8("te\0xt\n"), by: [signer])
    }
    #expect(throws: SignedNoteError.noSignatures) {
      try SignedNote(signing: utf8("text\n"), by: [])
    }
  }
}
