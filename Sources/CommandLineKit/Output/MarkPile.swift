/// Marks heaped on one letter, which a terminal draws over the lines above and below.
enum MarkPile {
  /// More than any language writes on one letter; fully pointed Arabic has four.
  static let marksMax = 8

  /// The text with so many marks on a letter at most; how many were left out stands in their place.
  static func flattened(_ text: String) -> String {
    var run = 0
    let isHigh = text.unicodeScalars.contains { scalar in
      run = isMark(scalar) ? run + 1 : 0
      return run > marksMax
    }
    guard isHigh else { return text }
    var result = String.UnicodeScalarView()
    run = 0
    func endRun() {
      if run > marksMax { result.append(contentsOf: "<+\(run - marksMax) marks>".unicodeScalars) }
      run = 0
    }
    for scalar in text.unicodeScalars {
      if isMark(scalar) {
        run += 1
        if run > marksMax { continue }
      } else {
        endRun()
      }
      result.append(scalar)
    }
    endRun()
    return String(result)
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    // Nothing below has marks, and most text is below or plain letters.
    guard scalar.value >= 0x0300 else { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return true
    default: return false
    }
  }
}
