/// A number with its noun: `1 change`, `2 changes`; the plural adds an s.
package func counted(_ count: some BinaryInteger, _ noun: String) -> String {
  counted(count, noun, noun + "s")
}

/// The same where the plural is another word: `1 leaf`, `2 leaves`.
package func counted(_ count: some BinaryInteger, _ one: String, _ many: String) -> String {
  "\(count) \(count == 1 ? one : many)"
}
