import Testing

@testable import SyncServer

@Suite struct TarArchiveTests {
  @Test(
    "a header says its file's size, of eleven octal digits and beyond",
    arguments: [0, 1, 511, TarArchive.octalSizeMax, TarArchive.octalSizeMax + 1, 1 << 40, .max])
  func size(_ size: Int) throws {
    let header = TarArchive.header(name: "workspaces/a/log.sqlite", mode: 0o600, size: size)
    #expect(header.count == TarArchive.blockBytes)
    let entry = try #require(TarArchive.entry(header))
    #expect(entry.name == "workspaces/a/log.sqlite")
    #expect(entry.size == size)
    // Eight GiB are the first that octal digits do not hold.
    #expect((header[124] == 0x80) == (size >= 8 << 30))
  }

  @Test("a binary size that no file has is no entry")
  func tooLarge() {
    var header = TarArchive.header(name: "a", mode: 0o600, size: .max)
    for (offset, byte) in [(128, 0x80), (127, 0x01), (124, 0xFF)] as [(Int, UInt8)] {
      var changed = header
      changed[offset] = byte
      sum(&changed)
      #expect(TarArchive.entry(changed) == nil, "byte \(offset)")
    }
    header[130] ^= 1
    #expect(TarArchive.entry(header) == nil, "the sum does not fit")
  }

  /// Puts the sum that fits, as six octal digits.
  private func sum(_ header: inout [UInt8]) {
    header.replaceSubrange(148..<156, with: [UInt8](repeating: 0x20, count: 8))
    let text = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    let digits = String(repeating: "0", count: 6 - text.count) + text + "\0 "
    header.replaceSubrange(148..<156, with: digits.utf8)
  }
}
