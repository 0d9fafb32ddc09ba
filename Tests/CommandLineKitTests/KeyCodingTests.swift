import Testing

@testable import CommandLineKit

@Suite("Keys as a terminal sends them")
struct KeyCodingTests {
  /// All keys of some bytes, of which no more come.
  private func keys(_ text: String) -> [Key] {
    var bytes = Array(text.utf8)
    var keys: [Key] = []
    while let (key, count) = KeyCoding.first(of: bytes, isWhole: true) {
      keys.append(key)
      bytes.removeFirst(count)
    }
    return keys
  }

  @Test("letters, digits of Arabic and emoji are characters")
  func characters() {
    #expect(keys("1١ع😀") == ["1", "١", "ع", "😀"].map { .character($0) })
  }

  @Test(
    "arrow and function keys are one key each, and no character",
    arguments: ["\u{1B}[D", "\u{1B}OA", "\u{1B}[1;5C", "\u{1B}[15~", "\u{1B}[200~"])
  func sequences(sequence: String) {
    #expect(keys(sequence + "a") == [.other, .character("a")])
    let bytes = Array(sequence.utf8)
    for count in 2..<bytes.count {
      #expect(KeyCoding.first(of: Array(bytes.prefix(count)), isWhole: false) == nil)
    }
  }

  @Test("Esc alone is Esc once nothing follows, and what was typed behind it stays")
  func escape() {
    #expect(KeyCoding.first(of: [0x1B], isWhole: false) == nil)
    #expect(keys("\u{1B}") == [.escape])
    #expect(keys("\u{1B}\n1") == [.escape, .enter, .character("1")])
    #expect(keys("\u{1B}\u{1B}[A") == [.escape, .other])
  }

  @Test("a character whose bytes are not all there is waited for, and broken ones are no character")
  func partial() {
    #expect(KeyCoding.first(of: [0xD8], isWhole: false) == nil)
    #expect(keys("\u{7F}\u{8}\r\u{15}\t") == [.backspace, .backspace, .enter, .eraseLine, .other])
    for bytes: [UInt8] in [[0xFF], [0xC0], [0x80], [0xED, 0xA0, 0x80], [0xE0, 0x20]] {
      let key = KeyCoding.first(of: bytes, isWhole: true)
      #expect(key?.0 == .other, "\(bytes)")
      #expect((key?.1 ?? 0) > 0)
    }
  }

  @Test("Ctrl-C and Ctrl-D are no keys")
  func ends() {
    #expect(KeyCoding.first(of: [3], isWhole: true) == nil)
    #expect(KeyCoding.first(of: [4], isWhole: true) == nil)
  }
}
