import Testing
import TransparencyLog

@Suite("Keys of notes")
struct NoteKeyTests {
  @Test(
    "published verifier keys are read and written back, also with + in the Base 64",
    arguments: [PublishedNotes.Go.verifierKey, PublishedNotes.C2SP.verifierKey])
  func publishedVerifierKeys(text: String) throws {
    #expect(try VerifierKey(text).text == text)
  }

  @Test("the published signer key is read, written back and has the published verifier key")
  func publishedSignerKey() throws {
    let signer = try NoteSigner(secretText: PublishedNotes.Go.signerKey)
    #expect(signer.secretText == PublishedNotes.Go.signerKey)
    #expect(signer.verifierKey.text == PublishedNotes.Go.verifierKey)
  }

  @Test("keys of any seed are read back, whatever characters their Base 64 has")
  func roundTrip() throws {
    var withPlus = 0
    for seed in 0...255 as ClosedRange<UInt8> {
      let signer = try makeSigner(seed: seed)
      #expect(try VerifierKey(signer.verifierKey.text) == signer.verifierKey)
      #expect(
        try NoteSigner(secretText: signer.secretText).verifierKey == signer.verifierKey)
      withPlus += signer.verifierKey.text.utf8.filter { $0 == UInt8(ascii: "+") }.count > 2 ? 1 : 0
    }
    #expect(withPlus > 10, "the keys cover Base 64 with +")
  }

  @Test(
    "malformed verifier keys are refused with what is wrong",
    arguments: [
      ("", .wrongForm),
      ("PeterNeumann+c74f20a3", .wrongForm),
      ("+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", .invalidName),
      ("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", .invalidName),
      ("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", .invalidKeyID),
      ("PeterNeumann+c74f20+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", .invalidKeyID),
      ("PeterNeumann+c74f20a3+", .invalidBase64),
      ("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T", .invalidBase64),
      (
        "PeterNeumann+c74f20a3+BBpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        .unsupportedSignatureType(4)
      ),
      ("PeterNeumann+c74f20a3+ARpc", .wrongKeyLength(byteCount: 2)),
    ] as [(String, VerifierKeyError)])
  func malformedVerifierKeys(text: String, error: VerifierKeyError) {
    #expect(throws: error) { try VerifierKey(text) }
  }

  @Test("a mistyped name or key does not have the key identifier, and is refused")
  func mistyped() throws {
    let key = try VerifierKey(PublishedNotes.Go.verifierKey)
    let otherName = "PeterNewmann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    let otherKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TX"
    for text in [otherName, otherKey] {
      let error = #expect(throws: VerifierKeyError.self) { try VerifierKey(text) }
      guard case .keyIDMismatch(stated: key.id, computed: _) = error else {
        Issue.record("expected a mismatch, not \(String(describing: error))")
        continue
      }
    }
  }

  @Test(
    "malformed signer keys are refused with what is wrong",
    arguments: [
      ("PRIVATE+KEY+PeterNeumann+c74f20a3", .wrongForm),
      ("PUBLIC+KEY+PeterNeumann+c74f20a3+AYEK", .wrongForm),
      ("PRIVATE+KEY++c74f20a3+AYEK", .invalidName),
      ("PRIVATE+KEY+PeterNeumann+c74f20ag+AYEK", .invalidKeyID),
      ("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEK=", .invalidBase64),
      ("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEK", .wrongSeedLength(byteCount: 2)),
      ("PRIVATE+KEY+PeterNeumann+c74f20a3+AoEK", .unsupportedSignatureType(2)),
    ] as [(String, NoteSignerError)])
  func malformedSignerKeys(text: String, error: NoteSignerError) {
    #expect(throws: error) { try NoteSigner(secretText: text) }
  }

  @Test("key text is read up to its limit and refused one byte past it")
  func textLimit() throws {
    let overhead = PublishedNotes.C2SP.verifierKey.utf8.count - "example.com/foo".utf8.count
    let longest = String(repeating: "n", count: LogLimits.keyTextBytesMax - overhead)
    let atLimit = try makeSigner(longest).verifierKey
    #expect(try VerifierKey(atLimit.text) == atLimit)
    let pastLimit = try makeSigner(longest + "n").verifierKey.text
    #expect(throws: VerifierKeyError.tooLong(byteCount: LogLimits.keyTextBytesMax + 1)) {
      try VerifierKey(pastLimit)
    }
  }

  @Test(
    "names with spaces of any script, plus signs or control characters are refused",
    arguments: ["", " ", "a b", "a+b", "a\u{00a0}b", "a\u{3000}b", "a\u{2028}b", "a\tb", "a\nb"])
  func invalidNames(name: String) {
    #expect(KeyName(name) == nil)
  }

  @Test("names that look alike but have other bytes are other names")
  func canonicallyEquivalentNames() throws {
    let composed = try #require(KeyName("example.com/caf\u{e9}"))
    let decomposed = try #require(KeyName("example.com/cafe\u{301}"))
    #expect(composed.text == decomposed.text, "as strings they are equal")
    #expect(composed != decomposed)
  }

  @Test("a signer printed or dumped shows its public key and never its seed")
  func secretIsNotPrinted() throws {
    let signer = try NoteSigner(secretText: PublishedNotes.Go.signerKey)
    var dumped = ""
    dump(signer, to: &dumped)
    for printed in ["\(signer)", String(reflecting: signer), dumped] {
      #expect(printed.contains("PeterNeumann+c74f20a3"))
      #expect(!printed.contains("AYEKFALVFGyN"))
    }
  }
}
