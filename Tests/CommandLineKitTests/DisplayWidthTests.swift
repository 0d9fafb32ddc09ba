import CommandLineKit
import Testing

@Suite("Columns of text in a terminal")
struct DisplayWidthTests {
  @Test(
    "letters take one column, marks none, wide characters and emoji two",
    arguments: [
      ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1),
      // Arabic: harakat and shadda take none, tatweel one, lam-alef as two letters.
      ("قال", 3), ("قَالَ", 3), ("مُحَمَّد", 4), ("مـد", 3), ("لا", 2), ("\u{64B}", 0), ("١٢٣", 3),
      // Marks and joiners of no width.
      ("\u{200E}\u{200F}\u{61C}", 0), ("\u{200B}", 0), ("a\u{AD}b", 2), ("\u{FEFF}", 0),
      ("\u{2068}a\u{2069}", 1),
      // East Asian.
      ("漢字", 4), ("ひらがな", 8), ("カ", 2), ("ｶ", 1), ("한", 2), ("\u{1112}\u{1161}\u{11AB}", 2),
      ("Ａ", 2), ("。", 2), ("か\u{3099}", 2), ("𠀀", 2),
      // Emoji: one of them, however many code points.
      ("😀", 2), ("👩‍👩‍👧", 2), ("👍🏽", 2), ("🇪🇬", 2), ("1️⃣", 2), ("❤️", 2), ("☎", 1),
      ("😀😀", 4), ("a😀ب", 4),
    ])
  func widths(text: String, columns: Int) {
    #expect(DisplayWidth.of(text) == columns)
  }

  @Test("what fits is not cut")
  func fits() {
    for text in ["", "abc", "漢", "مُد", "👩‍👩‍👧"] {
      for columns in DisplayWidth.of(text)...6 {
        #expect(DisplayWidth.truncated(text, to: columns) == text)
      }
    }
  }

  @Test("what does not fit ends in an ellipsis and fits, no character torn")
  func truncation() {
    #expect(DisplayWidth.truncated("abcdef", to: 4) == "abc…")
    #expect(DisplayWidth.truncated("漢字漢字", to: 4) == "漢…")
    #expect(DisplayWidth.truncated("漢字漢字", to: 5) == "漢字…")
    #expect(DisplayWidth.truncated("مُحَمَّد", to: 3) == "مُحَ…")
    #expect(DisplayWidth.truncated("👩‍👩‍👧👩‍👩‍👧", to: 3) == "👩‍👩‍👧…")
    #expect(DisplayWidth.truncated("abc", to: 1) == "…")
    #expect(DisplayWidth.truncated("abc", to: 0) == "")
  }

  @Test("whatever is cut takes no more than the columns, and is a beginning of the text")
  func truncationLaw() {
    let texts = ["abc漢字def", "قَالَ المُسؤُولُ", "a😀b👩‍👩‍👧c", "ｶカｶカ", "e\u{301}e\u{301}e\u{301}"]
    for text in texts {
      for columns in 0..<DisplayWidth.of(text) {
        let cut = DisplayWidth.truncated(text, to: columns)
        #expect(DisplayWidth.of(cut) <= columns, "\(text) to \(columns)")
        let kept = cut.unicodeScalars.dropLast()
        #expect(text.unicodeScalars.starts(with: kept), "\(text) to \(columns)")
        // One more character would not have fitted beside the ellipsis.
        #expect(DisplayWidth.of(cut) >= columns - 1, "\(text) to \(columns)")
      }
    }
  }
}
