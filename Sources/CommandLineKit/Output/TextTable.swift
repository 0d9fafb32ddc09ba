/// Lines whose columns stand under each other, by the columns that the text takes and not by its length.
package struct TextTable: Sendable {
  /// Where a column's text stands.
  package enum Alignment: Sendable {
    case left, right
  }

  private let alignments: [Alignment]
  private var rows: [[StyledText]] = []

  /// Begins a table with one alignment a column.
  package init(_ alignments: [Alignment]) { self.alignments = alignments }

  /// Begins a table with a line of headings.
  package init(_ headings: [String], alignments: [Alignment]? = nil) {
    self.init(alignments ?? headings.map { _ in .left })
    append(headings.map { StyledText(verbatim: $0, .dim) })
  }

  /// Appends a line; cells that are missing at its end stay empty.
  package mutating func append(_ cells: [StyledText]) {
    precondition(
      cells.count <= alignments.count, "a line has more cells than the table has columns")
    rows.append(cells)
  }

  /// The lines, two spaces between columns and nothing after the last.
  package func lines(for traits: OutputTraits) -> [StyledText] {
    let widths = rows.map { $0.map { $0.width(on: traits) } }
    let columns = alignments.indices.map { column in
      widths.compactMap { $0.indices.contains(column) ? $0[column] : nil }.max() ?? 0
    }
    return zip(rows, widths).map { row, widths in
      var line = StyledText(verbatim: "")
      for (column, cell) in row.enumerated() {
        let padding = StyledText(verbatim: spaces(columns[column] - widths[column]))
        if column > 0 { line += "  " }
        if alignments[column] == .right { line += padding }
        line += cell
        if alignments[column] == .left, column + 1 < row.count { line += padding }
      }
      return line
    }
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}
