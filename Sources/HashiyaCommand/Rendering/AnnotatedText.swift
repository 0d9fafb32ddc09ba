import AnnotationModel
import CommandLineKit

/// An article's text as lines with numbers, with the annotated passages marked.
struct AnnotatedText {
  /// One annotation in the text.
  struct Gloss {
    /// The offsets of its pieces, inside the text.
    var spans: [Span]
    /// What stands below the line on which it begins.
    var summary: StyledText
    /// What its analyst wrote, on lines of its own.
    var note: String?
    /// What was answered, below the note.
    var replies: [StyledText] = []
  }

  private let text: ArticleText
  private let glosses: [Gloss]

  /// Takes glosses in any order; they are numbered in the order in which they begin.
  init(_ text: ArticleText, glosses: [Gloss] = []) {
    self.text = text
    self.glosses = glosses.filter { !$0.spans.isEmpty }.sorted {
      ($0.spans[0].start, -$0.spans[0].end) < ($1.spans[0].start, -$1.spans[0].end)
    }
  }

  /// The lines, each followed by the glosses that begin on it.
  ///
  /// Passages are set apart by `⟦n` and `n⟧`, which may cross where annotations overlap. Numbers and not
  /// handles, because digits keep their place in a line of Arabic and letters do not.
  var lines: [StyledText] {
    let width = String(text.lineCount).utf8.count
    let margin = String(repeating: " ", count: width + 2)
    var lines: [StyledText] = []
    var next = 0
    let marks = self.marks
    var markIndex = 0
    for line in text.lines {
      let number = String(line.number)
      let padding = String(repeating: " ", count: width - number.utf8.count)
      var shown = StyledText(verbatim: padding + number + "  ", .dim)
      shown += StyledText(foreign: marked(line.range, marks, &markIndex))
      lines.append(shown)
      while next < glosses.count, glosses[next].spans[0].start <= line.range.upperBound {
        lines += below(glosses[next], number: next + 1, margin: margin)
        next += 1
      }
    }
    return lines
  }

  private func below(_ gloss: Gloss, number: Int, margin: String) -> [StyledText] {
    let head = StyledText(verbatim: "\(margin)\(number)  ", .accent) + gloss.summary
    let indentation = StyledText(verbatim: margin + "   ")
    return [head]
      + PassageText.block(gloss.note ?? "", indentation: indentation).filter { _ in
        gloss.note != nil
      }
      + gloss.replies.map { indentation + $0 }
  }

  private struct Mark {
    var offset: Int
    var isStart: Bool
    var sign: String
  }

  /// All signs in the order of the text; at one offset ends come before starts.
  private var marks: [Mark] {
    var marks: [Mark] = []
    for (index, gloss) in glosses.enumerated() {
      for span in gloss.spans {
        marks.append(Mark(offset: span.start, isStart: true, sign: "⟦\(index + 1) "))
        marks.append(Mark(offset: shownEnd(of: span), isStart: false, sign: " \(index + 1)⟧"))
      }
    }
    return marks.sorted { left, right in
      if left.offset != right.offset { return left.offset < right.offset }
      return !left.isStart && right.isStart
    }
  }

  /// Where a passage is shown to end: one that ends with line feeds ends before them.
  private func shownEnd(of span: Span) -> Int {
    var end = span.end
    while end - 1 > span.start, text.scalars[end - 1] == "\n" { end -= 1 }
    return end
  }

  /// A line with its signs, from the first that is not on an earlier line.
  private func marked(_ range: Range<Int>, _ marks: [Mark], _ index: inout Int) -> String {
    var result = ""
    var position = range.lowerBound
    while index < marks.count, marks[index].offset <= range.upperBound {
      let mark = marks[index]
      let offset = max(position, mark.offset)
      result += text.string(in: position..<offset) + mark.sign
      position = offset
      index += 1
    }
    return result + text.string(in: position..<range.upperBound)
  }
}
