/// A number with its noun: `1 change`, `2 changes`; the plural adds an s.
package func counted(_ count: Int, _ noun: String) -> String {
  "\(count) \(noun)\(count == 1 ? "" : "s")"
}
