/// Search for a run of code points, compared one by one: no normalisation, no clusters.
///
/// Knuth, Morris and Pratt's algorithm: linear in both texts whatever they are. Looking at each
/// place anew would be quadratic for a text and a quote of one repeated letter, and both may have a
/// mebibyte.
struct ScalarSearch {
  private let needle: [Unicode.Scalar]
  /// For each place in the needle, the length of the longest beginning of it that ends there.
  private let borders: [Int]

  /// A run that began like the needle and went on otherwise.
  struct Beginning: Hashable {
    /// Where it starts in the searched text.
    let start: Int
    /// How many code points agree.
    let length: Int
  }

  /// The needle must not be empty.
  init(_ needle: [Unicode.Scalar]) {
    precondition(!needle.isEmpty, "an empty quote occurs everywhere")
    var borders = [Int](repeating: 0, count: needle.count)
    var length = 0
    for index in needle.indices.dropFirst() {
      while length > 0, needle[index] != needle[length] { length = borders[length - 1] }
      if needle[index] == needle[length] { length += 1 }
      borders[index] = length
    }
    self.needle = needle
    self.borders = borders
  }

  /// Where the needle starts in `text`, ascending; occurrences may overlap.
  func starts(in text: [Unicode.Scalar]) -> [Int] { run(text).starts }

  /// The first of the longest runs in `text` that begin like the needle; nil when not even its
  /// first code point occurs.
  func longestBeginning(in text: [Unicode.Scalar]) -> Beginning? { run(text).longest }

  private func run(_ text: [Unicode.Scalar]) -> (starts: [Int], longest: Beginning?) {
    var starts: [Int] = []
    var longest: Beginning?
    var length = 0
    for (index, scalar) in text.enumerated() {
      if length == needle.count { length = borders[length - 1] }
      while length > 0, scalar != needle[length] { length = borders[length - 1] }
      if scalar == needle[length] { length += 1 }
      if length == needle.count { starts.append(index + 1 - length) }
      if length > (longest?.length ?? 0) {
        longest = Beginning(start: index + 1 - length, length: length)
      }
    }
    return (starts, longest)
  }
}
