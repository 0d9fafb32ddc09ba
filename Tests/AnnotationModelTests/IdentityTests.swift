import AnnotationModel
import MergeCore
import Testing

@Suite struct IdentityTests {
  @Test func `a made UUID holds the time, version 7, the variant and the random bytes`() {
    // RFC 9562, appendix A.6: 017F22E2-79B0-7CC3-98C4-DC0C0C07398F.
    let random: [UInt8] = [0x0C, 0xC3, 0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F]
    let bytes = RecordUUID.make(milliseconds: 0x017F_22E2_79B0, random: random)
    #expect(RecordUUID.text(bytes) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    let ones = RecordUUID.make(
      milliseconds: 1 << 48 - 1, random: [UInt8](repeating: 0xFF, count: 10))
    #expect(RecordUUID.text(ones) == "ffffffff-ffff-7fff-bfff-ffffffffffff")
  }

  @Test func `UUIDs made later sort later`() {
    let random = [UInt8](repeating: 0xFF, count: 10)
    let early = RecordUUID.make(milliseconds: 255, random: random)
    let late = RecordUUID.make(milliseconds: 256, random: [UInt8](repeating: 0, count: 10))
    #expect(early.lexicographicallyPrecedes(late))
  }

  @Test(
    "UUID text is read with dashes or without, in either case, and in no other shape",
    arguments: [
      ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", true), ("017F22E279B07CC398C4DC0C0C07398F", true),
      ("017f22e2-79b0-7cc3-98c4-dc0c0c07398", false),
      ("017f22e279b0-7cc3-98c4-dc0c0c07398f", false),
      ("017f22e2-79b0-7cc3-98c4-dc0c0c07398g", false),
      ("017f22e2-79b0-7cc3-98c4-dc0c0c0-398f", false),
      ("{017f22e279b07cc398c4dc0c0c07398f}", false), ("", false),
    ])
  func uuidText(text: String, isRead: Bool) {
    #expect((RecordUUID.bytes(of: text) != nil) == isRead)
  }

  @Test func `a script's name maps to the same record by kind and namespace`() throws {
    let name = try ExternalID("row-1")
    let namespace = Array("ns".utf8)
    let record = name.record(kind: .annotation, namespace: namespace)
    // SHA-256 computed apart, with version 8 and the variant written over it.
    #expect(hexText(record.bytes) == "1f721349888680f1aa923c1893f8cd77")
    #expect(
      hexText(name.record(kind: .relation, namespace: namespace).bytes)
        == "6ac591fcd129848b9c4be6b9a19a7a36")
    #expect(name.record(kind: .annotation, namespace: Array("ms".utf8)) != record)
  }

  @Test func `a name and a namespace cannot be shifted into one another`() throws {
    let left = try ExternalID("bc").record(kind: .reply, namespace: Array("a".utf8))
    let right = try ExternalID("c").record(kind: .reply, namespace: Array("ab".utf8))
    #expect(left != right)
  }

  @Test func `a UUID is taken as it is, whatever the namespace`() throws {
    let id = try ExternalID("00000000-0000-4000-8000-00000000002a")
    let record = id.record(kind: .reply, namespace: [1, 2, 3])
    #expect(RecordUUID.text(record.bytes) == "00000000-0000-4000-8000-00000000002a")
  }

  @Test func `canonically equivalent names are two names`() throws {
    #expect(try ExternalID("é") != ExternalID("e\u{301}"))
  }

  @Test func `128 bytes are an identity, 129 and none are not`() throws {
    _ = try ExternalID(String(repeating: "ب", count: 64))
    #expect(throws: ExternalIDError.tooLong(bytes: 129)) {
      try ExternalID(String(repeating: "x", count: 129))
    }
    #expect(throws: ExternalIDError.empty) { try ExternalID("") }
  }

  @Test func `an identity holds no U+0000, at which databases end a text`() {
    for text in ["a\u{0}b", "\u{0}", "a\u{0}"] {
      #expect(throws: ExternalIDError.null) { try ExternalID(text) }
    }
  }

  @Test func `a label's identity hashes its trimmed name in normal form C`() throws {
    #expect(
      try LabelID(name: "اقتباس").hex
        == "d333767fce1685391f2a794ba731d824bdb12f5b9cc02ab7f3426cf1f1afe4e9")
    let composed = try LabelID(name: "caf\u{E9}")
    #expect(
      composed.hex == "79b0d29374bdaf17d21cc4e068fb9d3e1984d9b8cea107cb5ffb8160cc44e7a9")
    #expect(try LabelID(name: "\u{3000} cafe\u{301}\t") == composed)
    #expect(try LabelID(name: "Caf\u{E9}") != composed)
  }

  @Test func `records and content identities convert only within their kind`() throws {
    let label = try LabelID(name: "x")
    #expect(LabelID(label.record) == label)
    #expect(ArticleID(label.record) == nil)
    #expect(ArticleID(hex: label.hex)?.bytes == label.bytes)
    #expect(ArticleID(bytes: label.bytes.dropLast()) == nil)
  }

  @Test(
    "Normal form C agrees with the standard's rules",
    arguments: [
      ([0x1E0A], [0x1E0A]), ([0x0044, 0x0307], [0x1E0A]), ([0x1E0C, 0x0307], [0x1E0C, 0x0307]),
      ([0x0044, 0x0307, 0x0323], [0x1E0C, 0x0307]), ([0x212B], [0x00C5]), ([0x2126], [0x03A9]),
      ([0x0958], [0x0915, 0x093C]), ([0x1100, 0x1161, 0x11A8], [0xAC01]),
      ([0x0627, 0x0653], [0x0622]), ([0x0627, 0x0655], [0x0625]), ([0x064A, 0x0654], [0x0626]),
      ([0x0628, 0x0651, 0x064E], [0x0628, 0x064E, 0x0651]), ([0x1D15E], [0x1D157, 0x1D165]),
      ([0xFB1D], [0x05D9, 0x05B4]), ([0x2000], [0x2002]),
      ([0x61, 0x0323, 0x0F73, 0x0F71], [0x1EA1, 0x0F71, 0x0F71, 0x0F72]), ([0xFEFB], [0xFEFB]),
    ] as [([UInt32], [UInt32])])
  func normalForm(source: [UInt32], composed: [UInt32]) {
    let text = UTF8Text.string(of: source.compactMap { Unicode.Scalar($0) })
    #expect(NormalForm.composed(text).map(\.value) == composed)
  }
}
