/// Text of others made fit to be shown: nothing in it moves a cursor, rings or reorders a line.
package enum VisibleText {
  /// One line: every control character, line breaks included, becomes a visible sign.
  ///
  /// On a terminal the same holds for explicit bidi controls, which could close the isolate around the
  /// text; elsewhere they are left, so that piped text is what was typed.
  package static func line(_ text: String, on traits: OutputTraits) -> String {
    replacing(traits.isTerminal ? MarkPile.flattened(text) : text) { scalar in
      sign(for: scalar) ?? (traits.isTerminal ? bidiSign(for: scalar) : nil)
    }
  }

  /// Several lines: as ``line(_:on:)``, but line feeds and tabs stay.
  package static func block(_ text: String, on traits: OutputTraits) -> String {
    replacing(traits.isTerminal ? MarkPile.flattened(text) : text) { scalar in
      if scalar == "\n" || scalar == "\t" { return nil }
      return sign(for: scalar) ?? (traits.isTerminal ? bidiSign(for: scalar) : nil)
    }
  }

  private static func replacing(
    _ text: String, _ replacement: (Unicode.Scalar) -> String?
  ) -> String {
    guard text.unicodeScalars.contains(where: { replacement($0) != nil }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if let sign = replacement(scalar) {
        result += sign
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The control pictures of Unicode (U+2400…) for C0 and DEL; hexadecimal for C1 and separators.
  private static func sign(for scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x0A: "⏎"
    case 0x00...0x1F: Unicode.Scalar(0x2400 + scalar.value).map { String(Character($0)) }
    case 0x7F: "␡"
    case 0x80...0x9F, 0x2028, 0x2029: hexadecimal(scalar)
    default: nil
    }
  }

  /// Embeddings, overrides and isolates; the marks LRM, RLM and ALM change nothing beyond themselves.
  private static func bidiSign(for scalar: Unicode.Scalar) -> String? {
    switch scalar.value {
    case 0x202A...0x202E, 0x2066...0x2069: hexadecimal(scalar)
    default: nil
    }
  }

  private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
    "<U+" + String(scalar.value, radix: 16, uppercase: true).leftPadded(to: 4, with: "0") + ">"
  }
}

extension String {
  /// The same text with `filler` before it until it has `count` characters; longer text stays.
  func leftPadded(to count: Int, with filler: Character) -> String {
    String(repeating: filler, count: max(0, count - self.count)) + self
  }
}
