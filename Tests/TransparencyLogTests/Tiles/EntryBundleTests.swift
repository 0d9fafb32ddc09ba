import Testing
import TransparencyLog

@Suite("Entry bundles (tlog-tiles § Log entries)")
struct EntryBundleTests {
  @Test("a bundle is the entries, each after two bytes of length")
  func encoding() throws {
    let entries = [utf8("ab"), [], [UInt8](repeating: 7, count: 258)]
    let bytes = try EntryBundle.encode(entries)
    #expect(bytes == [0, 2, 0x61, 0x62, 0, 0, 1, 2] + [UInt8](repeating: 7, count: 258))
    #expect(try EntryBundle.decode(bytes, width: 3) == entries)
  }

  @Test("an entry is encoded up to its limit and refused one byte past it")
  func entryLimit() throws {
    let longest = [UInt8](repeating: 1, count: LogLimits.entryBytesMax)
    #expect(
      try EntryBundle.decode(EntryBundle.encode([longest]), width: 1) == [longest])
    let error = EntryBundleError.entryTooLong(
      position: 1, byteCount: LogLimits.entryBytesMax + 1)
    #expect(throws: error) { try EntryBundle.encode([[], longest + [1]]) }
  }

  @Test("a bundle cut anywhere is truncated, and one with more bytes has trailing ones")
  func wrongLength() throws {
    let bytes = try EntryBundle.encode([utf8("first"), utf8("second")])
    for count in 0..<bytes.count {
      let position = count < 7 ? 0 : 1
      #expect(throws: EntryBundleError.truncated(position: position)) {
        try EntryBundle.decode(Array(bytes.prefix(count)), width: 2)
      }
    }
    #expect(throws: EntryBundleError.trailingBytes(count: 8)) {
      try EntryBundle.decode(bytes, width: 1)
    }
    #expect(throws: EntryBundleError.truncated(position: 2)) {
      try EntryBundle.decode(bytes, width: 3)
    }
  }
}
