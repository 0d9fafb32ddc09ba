import AnnotationModel

/// A three-way merge of notes, word by word, as a proposal to a person.
///
/// It is never made by itself: two rewrites put together by a program can make a sentence that nobody
/// wrote.
struct NoteMerge {
  /// The text; where both changed the same words, first the one's and then the other's, in brackets.
  let text: String
  /// Whether both changed the same words somewhere.
  let hasClash: Bool

  private typealias Word = [Unicode.Scalar]

  /// Merges two notes that were written from the same ancestor.
  init(ancestor: String, _ left: String, _ right: String) {
    let ancestor = Self.words(ancestor)
    let (left, right) = (Self.words(left), Self.words(right))
    let leftPlaces = Self.matches(ancestor, left)
    let rightPlaces = Self.matches(ancestor, right)
    var merged: [Unicode.Scalar] = []
    var clashed = false
    var (base, one, two) = (0, 0, 0)

    func takeChunk(
      _ ancestor: ArraySlice<Word>, _ left: ArraySlice<Word>, _ right: ArraySlice<Word>
    ) {
      if left == right || right == ancestor {
        merged += left.joined()
      } else if left == ancestor {
        merged += right.joined()
      } else {
        clashed = true
        merged += Array("[".unicodeScalars) + left.joined() + Array(" | ".unicodeScalars)
        merged += Array(right.joined()) + Array("]".unicodeScalars)
      }
    }

    for index in ancestor.indices {
      guard let leftPlace = leftPlaces[index], let rightPlace = rightPlaces[index] else { continue }
      takeChunk(ancestor[base..<index], left[one..<leftPlace], right[two..<rightPlace])
      merged += ancestor[index]
      (base, one, two) = (index + 1, leftPlace + 1, rightPlace + 1)
    }
    takeChunk(ancestor[base...], left[one...], right[two...])
    text = UTF8Text.string(of: merged)
    hasClash = clashed
  }

  /// Merges any number of notes, one after the other.
  init?(ancestor: String, notes: [String]) {
    guard let first = notes.first else { return nil }
    var text = first
    var clashed = false
    for note in notes.dropFirst() {
      let merged = NoteMerge(ancestor: ancestor, text, note)
      text = merged.text
      clashed = clashed || merged.hasClash
    }
    self.text = text
    hasClash = clashed
  }

  /// Runs of white space and runs of anything else, so that joining gives the text back.
  private static func words(_ text: String) -> [Word] {
    var words: [Word] = []
    var wasSpace: Bool?
    for scalar in text.unicodeScalars {
      let isSpace = scalar.properties.isWhitespace
      if isSpace == wasSpace {
        words[words.count - 1].append(scalar)
      } else {
        words.append([scalar])
      }
      wasSpace = isSpace
    }
    return words
  }

  /// For each word of `old` the place in `new` that it stayed at: a longest common subsequence.
  ///
  /// What is equal at both ends is taken off first. Beyond ``cellsMax`` cells the middle counts as
  /// rewritten, which only makes the proposal coarser.
  private static func matches(_ old: [Word], _ new: [Word]) -> [Int?] {
    var places = [Int?](repeating: nil, count: old.count)
    let start = zip(old, new).prefix { $0 == $1 }.count
    for index in 0..<start { places[index] = index }
    let end = zip(old[start...].reversed(), new[start...].reversed()).prefix { $0 == $1 }.count
    for index in 0..<end { places[old.count - 1 - index] = new.count - 1 - index }
    let (rows, columns) = (old.count - start - end, new.count - start - end)
    guard rows > 0, columns > 0, rows * columns <= cellsMax else { return places }

    // lengths[r][c]: the longest common subsequence of what follows row r and column c.
    var lengths = [[Int32]](repeating: [Int32](repeating: 0, count: columns + 1), count: rows + 1)
    for row in stride(from: rows - 1, through: 0, by: -1) {
      for column in stride(from: columns - 1, through: 0, by: -1) {
        lengths[row][column] =
          old[start + row] == new[start + column]
          ? lengths[row + 1][column + 1] + 1
          : max(lengths[row + 1][column], lengths[row][column + 1])
      }
    }
    var (row, column) = (0, 0)
    while row < rows, column < columns {
      if old[start + row] == new[start + column] {
        places[start + row] = start + column
        (row, column) = (row + 1, column + 1)
      } else if lengths[row + 1][column] >= lengths[row][column + 1] {
        row += 1
      } else {
        column += 1
      }
    }
    return places
  }

  private static let cellsMax = 4_000_000
}
