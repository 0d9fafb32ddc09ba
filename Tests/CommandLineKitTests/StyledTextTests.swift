import CommandLineKit
import Testing

private let terminal = OutputTraits(isTerminal: true, hasColor: false, columns: 80)
private let colored = OutputTraits(isTerminal: true, hasColor: true, columns: 80)

@Suite("Lines of own and foreign text")
struct StyledTextTests {
  @Test("foreign Arabic is isolated on a terminal, and piped as it was typed")
  func isolation() {
    let title = "خبر"
    let line: StyledText = "title: \(title), 3 notes"
    #expect(line.rendered(for: terminal) == "title: \u{2068}خبر\u{2069}, 3 notes")
    #expect(line.rendered(for: .plain) == "title: خبر, 3 notes")
  }

  @Test(
    "whatever may run from right to left is isolated",
    arguments: ["ע", "ب", "\u{200F}", "ﷺ", "ﻻ", "\u{1E900}", "a ب c"])
  func rightToLeft(text: String) {
    let line = StyledText(foreign: text)
    #expect(line.rendered(for: terminal) == "\u{2068}\(text)\u{2069}")
  }

  @Test("text from left to right is not isolated", arguments: ["word", "漢字", "😀", "é", "1/2"])
  func leftToRight(text: String) {
    #expect(StyledText(foreign: text).rendered(for: terminal) == text)
  }

  @Test("foreign text cannot close the isolate around it, nor override what follows")
  func closedIsolate() {
    let line: StyledText = "by \("ب\u{2069}\u{202E}x") at leaf \(7)"
    #expect(line.rendered(for: terminal) == "by \u{2068}ب<U+2069><U+202E>x\u{2069} at leaf 7")
  }

  @Test("every isolate that is opened is closed, one piece after another")
  func balanced() {
    let line: StyledText = "\("ب"): \("a") ⟂ \("د\nر") \(argument: "ق ل")"
    let scalars = line.rendered(for: terminal).unicodeScalars
    var depth = 0
    for scalar in scalars {
      if scalar == "\u{2068}" { depth += 1 }
      if scalar == "\u{2069}" { depth -= 1 }
      #expect((0...1).contains(depth))
    }
    #expect(depth == 0)
    #expect(scalars.count { $0 == "\u{2068}" } == 3)
  }

  @Test("control characters of foreign text are shown, those of our own literals are trusted")
  func controls() {
    let line: StyledText = "\u{1B}[1m\("\u{1B}[2J\n")"
    #expect(line.rendered(for: terminal) == "\u{1B}[1m␛[2J⏎")
    #expect(line.rendered(for: .plain) == "\u{1B}[1m␛[2J⏎")
  }

  @Test(
    "colour surrounds a styled piece, the isolate inside it, and is left out where there is none")
  func colors() {
    let line: StyledText = "a \("ب", .bad) \(12, .strong) b"
    #expect(
      line.rendered(for: colored)
        == "a \u{1B}[31m\u{2068}ب\u{2069}\u{1B}[0m \u{1B}[1m12\u{1B}[0m b")
    #expect(line.rendered(for: terminal) == "a \u{2068}ب\u{2069} 12 b")
    #expect(line.rendered(for: .plain) == "a ب 12 b")
    let good = line.styled(.good).rendered(for: colored)
    #expect(good.hasPrefix("\u{1B}[32ma \u{1B}[0m\u{1B}[32m\u{2068}"))
  }

  @Test("an argument is one word of a shell, and foreign all the same")
  func arguments() {
    #expect(StyledText("run \(argument: "a b")").rendered(for: .plain) == "run 'a b'")
    #expect(StyledText("run \(argument: "plain.txt")").rendered(for: .plain) == "run plain.txt")
    #expect(StyledText("\(argument: "it's")").rendered(for: .plain) == #"'it'\''s'"#)
    #expect(StyledText("\(argument: "")").rendered(for: .plain) == "''")
    #expect(
      StyledText("\(argument: "مقال ١")").rendered(for: terminal) == "\u{2068}'مقال ١'\u{2069}")
  }

  @Test("texts put together keep what is own and what is foreign, and empty ones add nothing")
  func sums() {
    var line: StyledText = "own \u{1B} "
    line += StyledText(foreign: "\u{1B}")
    line = line + "" + StyledText(foreign: "") + StyledText(verbatim: "")
    #expect(line.rendered(for: .plain) == "own \u{1B} ␛")
    #expect(StyledText(foreign: "").isEmpty && StyledText(verbatim: "").isEmpty)
    #expect(!line.isEmpty)
  }

  @Test("the width counts what is shown: no isolates, no colour, signs for controls")
  func width() {
    #expect(StyledText("\("مُ", .bad)").width(on: colored) == 1)
    #expect(StyledText("ab\("漢")").width(on: terminal) == 4)
    #expect(StyledText("\("\u{1B}")").width(on: terminal) == 1)
    #expect(StyledText("\("\u{202E}")").width(on: terminal) == 8)
    #expect(StyledText("\("\u{202E}")").width(on: .plain) == 0)
  }

  @Test("columns of a table stand under each other whatever is written in them")
  func table() {
    var table = TextTable(["name", "n"], alignments: [.left, .right])
    for (name, number) in [("مُحَمَّد", 1), ("漢字", 22), ("👩‍👩‍👧", 333), ("Omar", 4)] {
      table.append(["\(name)", "\(number)"])
    }
    let lines = table.lines(for: terminal)
    #expect(lines.map { $0.width(on: terminal) } == [9, 9, 9, 9, 9])
    #expect(
      table.lines(for: .plain).map { $0.rendered(for: .plain) }
        == [
          "name    n", "مُحَمَّد    1", "漢字   22", "👩‍👩‍👧    333", "Omar    4",
        ])
  }
}
