/// One line of an article.
package struct ArticleLine: Hashable, Sendable {
  /// The line's number, from 1.
  package let number: Int
  /// The offsets of its code points, without the line feed that ends it; empty for a blank line.
  package let range: Range<Int>
}

/// Lines, as people name places. A line ends at a line feed; one at the very end of the text begins
/// no further line, as in an editor.
extension ArticleText {
  /// The number of lines, at least 1.
  package var lineCount: Int { lineStarts.count }

  /// All lines in order.
  package var lines: [ArticleLine] { (1...lineCount).compactMap { line(number: $0) } }

  /// The line of a number from 1; nil where there is none.
  package func line(number: Int) -> ArticleLine? {
    guard lineStarts.indices.contains(number - 1) else { return nil }
    let start = lineStarts[number - 1]
    let next = number < lineCount ? lineStarts[number] : codePointCount
    let end = next > start && scalars[next - 1] == "\n" ? next - 1 : next
    return ArticleLine(number: number, range: start..<end)
  }

  /// The number, from 1, of the line that holds the code point at `offset`, found by bisection.
  ///
  /// A line feed belongs to the line it ends. The end of the text counts as its last line; offsets
  /// beyond it are a caller's mistake.
  package func lineNumber(at offset: Int) -> Int {
    precondition((0...codePointCount).contains(offset), "offset \(offset) is outside the text")
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// A title for an article that was given none: its first line that is not blank, trimmed, without
  /// bidi control marks and control characters, cut to `AnnotationLimits.defaultTitleCodePoints`.
  ///
  /// Nil when the text is blank altogether; callers then use the file's name.
  package var defaultTitle: String? {
    for line in lines {
      let shown = scalars[line.range].filter {
        !BidiControl.contains($0) && $0.properties.generalCategory != .control
      }
      let trimmed = TextField.trimmed(shown[...])
      guard !trimmed.isEmpty else { continue }
      return UTF8Text.string(of: Self.cut(trimmed))
    }
    return nil
  }

  /// At most as many code points as a default title has, a combining mark never parted from its
  /// letter.
  private static func cut(_ line: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    let limit = AnnotationLimits.defaultTitleCodePoints
    guard line.count > limit else { return line }
    var end = line.startIndex + limit
    while end > line.startIndex + 1, line[end].continuesCluster || line[end - 1] == "\u{200D}" {
      end -= 1
    }
    return TextField.trimmed(line[line.startIndex..<end])
  }
}

extension Unicode.Scalar {
  /// Whether this code point attaches to the one before it: a mark, a variation selector, a joiner
  /// or an emoji's skin tone.
  fileprivate var continuesCluster: Bool {
    properties.isGraphemeExtend || self == "\u{200D}" || properties.isEmojiModifier
      || properties.generalCategory == .spacingMark
  }
}
