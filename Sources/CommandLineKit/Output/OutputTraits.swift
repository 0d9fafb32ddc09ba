/// What the place where a stream ends can show.
package struct OutputTraits: Hashable, Sendable {
  /// Whether a person looks at it directly.
  package var isTerminal: Bool
  /// Whether it shows colour.
  package var hasColor: Bool
  /// The columns of a line; nil where lines have no end.
  package var columns: Int?

  /// A file or a pipe.
  package static let plain = OutputTraits(isTerminal: false, hasColor: false, columns: nil)

  /// Takes all parts.
  package init(isTerminal: Bool, hasColor: Bool, columns: Int?) {
    self.isTerminal = isTerminal
    self.hasColor = hasColor
    self.columns = columns
  }

  /// Decides about colour: only on a terminal, never with a `NO_COLOR` that has a value
  /// (no-color.org), nor on a terminal that calls itself dumb.
  package init(isTerminal: Bool, columns: Int?, environment: (String) -> String?) {
    self.isTerminal = isTerminal
    let isForbidden = environment("NO_COLOR").map { !$0.isEmpty } ?? false
    hasColor = isTerminal && !isForbidden && environment("TERM") != "dumb"
    self.columns = isTerminal ? columns : nil
  }

  /// The traits of an open file of this process.
  package init(of descriptor: FileDescriptor) {
    self.init(
      isTerminal: descriptor.isTerminal, columns: descriptor.terminalColumns,
      environment: Environment.value)
  }
}
