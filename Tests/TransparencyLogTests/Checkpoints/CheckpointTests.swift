import Testing
import TransparencyLog

@Suite("Checkpoints")
struct CheckpointTests {
  private let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="

  @Test("the published checkpoint is read and written back")
  func published() throws {
    let note = try SignedNote(utf8(PublishedNotes.checkpoint))
    let checkpoint = try Checkpoint(text: note.text)
    #expect(checkpoint.origin.text == "example.com/behind-the-sofa")
    #expect(checkpoint.size == 20_852_163)
    #expect(checkpoint.root.base64 == root)
    #expect(checkpoint.extensionLines.isEmpty)
    #expect(checkpoint.text == note.text)
  }

  @Test("extension lines, and an origin with spaces, are kept as they were")
  func extensionLines() throws {
    let text = utf8("origin with spaces + signs\n0\n\(root)\nfirst\n second \n")
    let checkpoint = try Checkpoint(text: text)
    #expect(checkpoint.extensionLines.map(\.text) == ["first", " second "])
    #expect(checkpoint.text == text)
  }

  @Test("the largest tree size is read and the next is refused")
  func sizeLimit() throws {
    let largest = try Checkpoint(text: utf8("o\n9223372036854775807\n\(root)\n"))
    #expect(largest.size.rawValue == LogLimits.treeSizeMax)
    #expect(throws: CheckpointError.invalidSize) {
      try Checkpoint(text: utf8("o\n9223372036854775808\n\(root)\n"))
    }
  }

  @Test(
    "a tree size in any other spelling is refused",
    arguments: ["01", "00", "+1", "-1", "1 ", " 1", "0x1", "1e3", "1.0", "١", "1_000"])
  func malformedSize(size: String) {
    #expect(throws: CheckpointError.invalidSize) {
      try Checkpoint(text: utf8("o\n\(size)\n\(root)\n"))
    }
  }

  @Test(
    "malformed checkpoints are refused with what is wrong",
    arguments: [
      ("", .noFinalNewline),
      ("o\n1\nROOT", .noFinalNewline),
      ("\n", .tooFewLines(count: 1)),
      ("o\n1\n", .tooFewLines(count: 2)),
      ("\n1\nROOT\n", .invalidLine(1)),
      ("o\n\nROOT\n", .invalidLine(2)),
      ("o\n1\nROOT\n\n", .invalidLine(4)),
      ("o\r\n1\r\nROOT\r\n", .invalidLine(1)),
      ("o\n1\nROOT=\n", .invalidRoot),
      ("o\n1\nAAAA\n", .invalidRoot),
      ("o\n1\n ROOT\n", .invalidRoot),
    ] as [(String, CheckpointError)])
  func malformed(template: String, error: CheckpointError) {
    let text = template.split(separator: "ROOT", omittingEmptySubsequences: false)
      .joined(separator: root)
    #expect(throws: error) { try Checkpoint(text: utf8(text)) }
  }

  @Test("a signed checkpoint opens with the log's key and origin, and with no other")
  func opening() throws {
    let signer = try makeSigner()
    let origin = signer.verifierKey.name.line
    let checkpoint = Checkpoint(origin: origin, size: 5, root: makeLog(5).root)
    let signed = try SignedCheckpoint(signing: checkpoint, by: [signer])
    let bytes = signed.note.encoded
    let opened = try SignedCheckpoint(
      opening: bytes, origin: origin, logKey: signer.verifierKey)
    #expect(opened == signed)

    let otherKey = try makeSigner(seed: 2).verifierKey
    #expect(throws: SignedCheckpointError.unverified(.noKnownSignature)) {
      try SignedCheckpoint(opening: bytes, origin: origin, logKey: otherKey)
    }
    let otherOrigin = try #require(NoteLine("example.com/other"))
    #expect(throws: SignedCheckpointError.wrongOrigin(expected: otherOrigin, actual: origin)) {
      try SignedCheckpoint(opening: bytes, origin: otherOrigin, logKey: signer.verifierKey)
    }
  }

  @Test("signed text that is no checkpoint, and bytes that are no note, do not open")
  func openingMalformed() throws {
    let signer = try makeSigner()
    let origin = signer.verifierKey.name.line
    let note = try SignedNote(signing: utf8("text\n"), by: [signer])
    #expect(throws: SignedCheckpointError.malformedCheckpoint(.tooFewLines(count: 1))) {
      try SignedCheckpoint(opening: note.encoded, origin: origin, logKey: signer.verifierKey)
    }
    #expect(throws: SignedCheckpointError.malformedNote(.noBlankLine)) {
      try SignedCheckpoint(opening: [], origin: origin, logKey: signer.verifierKey)
    }
  }
}
