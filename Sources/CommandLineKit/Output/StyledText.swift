/// How a piece of text stands out where there is colour; without colour it is as if unstyled.
package enum TextStyle: String, Sendable {
  case strong = "1"
  case dim = "2"
  case bad = "31"
  case good = "32"
  case warning = "33"
  case accent = "36"
}

/// One line of output: our own words, and foreign text that was typed by somebody.
///
/// Written as a string literal. Whatever is interpolated counts as foreign: its control characters are
/// made visible, and on a terminal text that may run from right to left is isolated, so that no title or
/// note can scramble a line or send commands to the terminal. A literal is trusted as it is.
package struct StyledText: Sendable, ExpressibleByStringInterpolation {
  struct Piece: Sendable {
    var text: String
    var isForeign: Bool
    var style: TextStyle?
  }

  private(set) var pieces: [Piece]

  /// Takes text that this program wrote itself.
  package init(verbatim text: String, _ style: TextStyle? = nil) {
    pieces = text.isEmpty ? [] : [Piece(text: text, isForeign: false, style: style)]
  }

  /// Takes text that somebody typed, or that came from a file or another replica.
  package init(foreign text: String, _ style: TextStyle? = nil) {
    pieces = text.isEmpty ? [] : [Piece(text: text, isForeign: true, style: style)]
  }

  package init(stringLiteral text: String) { self.init(verbatim: text) }

  package init(stringInterpolation: Interpolation) { pieces = stringInterpolation.pieces }

  /// Whether there is no text at all.
  package var isEmpty: Bool { pieces.isEmpty }

  /// The text alone, as it is.
  package var plain: String { pieces.map(\.text).joined() }

  /// Puts one text after another.
  package static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.pieces += right.pieces
    return sum
  }

  /// Appends a text.
  package static func += (left: inout Self, right: Self) { left.pieces += right.pieces }

  /// The same text in one style throughout.
  package func styled(_ style: TextStyle) -> Self {
    var styled = self
    for index in styled.pieces.indices { styled.pieces[index].style = style }
    return styled
  }

  /// Collects the pieces of a literal.
  package struct Interpolation: StringInterpolationProtocol {
    fileprivate var pieces: [Piece] = []

    package init(literalCapacity: Int, interpolationCount: Int) {}

    package mutating func appendLiteral(_ literal: String) {
      guard !literal.isEmpty else { return }
      pieces.append(Piece(text: literal, isForeign: false, style: nil))
    }

    /// Appends foreign text.
    package mutating func appendInterpolation(_ text: String, _ style: TextStyle? = nil) {
      pieces += StyledText(foreign: text, style).pieces
    }

    /// Appends a number.
    package mutating func appendInterpolation(
      _ number: some BinaryInteger, _ style: TextStyle? = nil
    ) {
      pieces += StyledText(verbatim: String(number), style).pieces
    }

    /// Appends a finished text.
    package mutating func appendInterpolation(_ text: StyledText) { pieces += text.pieces }

    /// Appends foreign text as a word that a shell takes back, quoted where it must be.
    package mutating func appendInterpolation(argument text: String, _ style: TextStyle? = nil) {
      pieces += StyledText(foreign: ShellWord.quoted(text), style).pieces
    }

    /// Appends foreign texts as the last words of a command, behind `--` where one begins like an option.
    package mutating func appendInterpolation(operands texts: [String]) {
      let marker = texts.contains { $0.utf8.first == UInt8(ascii: "-") } ? "-- " : ""
      let words = texts.map(ShellWord.quoted).joined(separator: " ")
      pieces += StyledText(foreign: marker + words).pieces
    }

    /// Appends foreign text as the last word of a command, behind `--` where it begins like an option.
    package mutating func appendInterpolation(operand text: String) {
      appendInterpolation(operands: [text])
    }
  }
}

extension StyledText {
  /// The bytes for an output of these traits, without a line feed.
  package func rendered(for traits: OutputTraits) -> String {
    var result = ""
    for piece in pieces {
      var text = piece.isForeign ? VisibleText.line(piece.text, on: traits) : piece.text
      if piece.isForeign, traits.isTerminal, BidiText.mayRunRightToLeft(text) {
        text = BidiText.isolated(text)
      }
      if let style = piece.style, traits.hasColor {
        result += "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m"
      } else {
        result += text
      }
    }
    return result
  }

  /// The columns that the rendered text takes.
  package func width(on traits: OutputTraits) -> Int {
    pieces.reduce(0) { sum, piece in
      let text = piece.isForeign ? VisibleText.line(piece.text, on: traits) : piece.text
      return sum + DisplayWidth.of(text)
    }
  }
}
