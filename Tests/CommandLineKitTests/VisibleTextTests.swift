import CommandLineKit
import Testing

private let terminal = OutputTraits(isTerminal: true, hasColor: false, columns: 80)

@Suite("Text of others made visible")
struct VisibleTextTests {
  @Test("every control character of C0 becomes its picture, a line feed the sign for return")
  func controlPictures() {
    for value in UInt32(0)...0x1F {
      guard let control = Unicode.Scalar(value), let picture = Unicode.Scalar(0x2400 + value)
      else { continue }
      let sign = value == 0x0A ? "⏎" : String(Character(picture))
      for traits in [terminal, .plain] {
        #expect(VisibleText.line("a\(control)b", on: traits) == "a\(sign)b", "U+\(value)")
      }
    }
    #expect(VisibleText.line("\u{7F}", on: .plain) == "␡")
    #expect(VisibleText.line("\r\n", on: .plain) == "␍⏎")
  }

  @Test("C1 controls and the two separators are spelt out, on a terminal and elsewhere")
  func spelledOut() {
    for traits in [terminal, .plain] {
      #expect(
        VisibleText.line("\u{80}\u{9B}31m\u{9F}", on: traits) == "<U+0080><U+009B>31m<U+009F>")
      #expect(VisibleText.line("a\u{2028}b\u{2029}", on: traits) == "a<U+2028>b<U+2029>")
    }
  }

  @Test("an escape sequence is shown, and neither obeyed nor lost")
  func escapeSequence() {
    let bell = "\u{1B}[2J\u{1B}]0;title\u{7}"
    #expect(VisibleText.line(bell, on: terminal) == "␛[2J␛]0;title␇")
  }

  @Test("embeddings, overrides and isolates show on a terminal, and stay as typed elsewhere")
  func bidiControls() {
    for value in Array(UInt32(0x202A)...0x202E) + Array(0x2066...0x2069) {
      guard let control = Unicode.Scalar(value) else { continue }
      let text = "a\(control)b"
      let hexadecimal = String(value, radix: 16, uppercase: true)
      #expect(VisibleText.line(text, on: terminal) == "a<U+\(hexadecimal)>b")
      #expect(VisibleText.block(text, on: terminal) == "a<U+\(hexadecimal)>b")
      #expect(VisibleText.line(text, on: .plain).unicodeScalars.elementsEqual(text.unicodeScalars))
    }
  }

  @Test(
    "marks, joiners, harakat, tatweel and emoji stay as they are",
    arguments: [
      "قَالَ المُسؤُولُ", "مـــــد", "\u{200E}a\u{200F}b\u{61C}", "لا\u{200C}لا", "👩‍👩‍👧 1️⃣ 🇪🇬",
      "漢字", "", "plain",
    ])
  func unchanged(text: String) {
    for traits in [terminal, .plain] {
      #expect(VisibleText.line(text, on: traits).unicodeScalars.elementsEqual(text.unicodeScalars))
      #expect(VisibleText.block(text, on: traits).unicodeScalars.elementsEqual(text.unicodeScalars))
    }
  }

  @Test("a block keeps line feeds and tabs, and shows everything else that a line shows")
  func block() {
    #expect(VisibleText.block("a\tb\nc\r\n\u{0}", on: .plain) == "a\tb\nc␍\n␀")
    #expect(VisibleText.line("a\tb\nc", on: .plain) == "a␉b⏎c")
  }

  @Test(
    "of all characters up to U+2FFF no control is left in a line, and no bidi control for a terminal"
  )
  func nothingLeft() throws {
    for value in UInt32(0)..<0x3000 {
      let scalar = try #require(Unicode.Scalar(value))
      let shown = VisibleText.line(String(Character(scalar)), on: terminal).unicodeScalars
      let hasControl = shown.contains { $0.properties.generalCategory == .control }
      #expect(!hasControl, "U+\(String(value, radix: 16))")
      // Bidi_Control of the Unicode Character Database, without the three marks.
      let hasBidi = shown.contains {
        (0x202A...0x202E).contains($0.value) || (0x2066...0x2069).contains($0.value)
      }
      #expect(!hasBidi, "U+\(String(value, radix: 16))")
    }
  }

  @Test("marks heaped on a letter are counted on a terminal, and stay as they are elsewhere")
  func marks() {
    for base in ["a", "ب", ""] {
      let most = base + String(repeating: "\u{0301}", count: 8)
      #expect(VisibleText.line(most, on: terminal) == most)
      let heap = base + String(repeating: "\u{0301}", count: 32_700) + "x"
      #expect(
        Array(VisibleText.line(heap, on: terminal).unicodeScalars)
          == Array((most + "<+32692 marks>x").unicodeScalars))
      #expect(VisibleText.block(heap, on: terminal).unicodeScalars.count < 40)
      #expect(VisibleText.line(heap, on: .plain) == heap)
    }
    let pointed = "مُتَنَاسِبًا ٱلرَّحْمَٰنِ"
    #expect(VisibleText.block(pointed, on: terminal) == pointed)
  }
}
