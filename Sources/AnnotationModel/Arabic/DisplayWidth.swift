/// An estimate of the columns that text takes on a terminal.
///
/// For layout only: the clusters are Swift's characters and change with the Unicode version.
package enum DisplayWidth {
  /// The columns of `text` on one line.
  package static func columns(of text: String) -> Int {
    text.reduce(0) { $0 + columns(of: $1) }
  }

  /// `text` when it fits into `columns`, else its beginning and an ellipsis that together fit.
  ///
  /// No cluster of letter and marks is split. At least one column is needed for the ellipsis; fewer
  /// give "".
  package static func truncated(_ text: String, columns limit: Int) -> String {
    guard columns(of: text) > limit else { return text }
    guard limit > 0 else { return "" }
    var kept = ""
    var width = 0
    for character in text {
      width += columns(of: character)
      guard width <= limit - 1 else { break }
      kept.append(character)
    }
    return kept + "…"
  }

  /// `text` with spaces after it up to `columns`; unchanged when it is as wide or wider.
  package static func padded(_ text: String, columns limit: Int) -> String {
    text + String(repeating: " ", count: max(0, limit - columns(of: text)))
  }

  private static func columns(of cluster: Character) -> Int {
    let scalars = cluster.unicodeScalars
    // Variation selector 16 asks for the emoji form; two regional indicators make one flag.
    if scalars.contains("\u{FE0F}") { return 2 }
    return scalars.reduce(0) { max($0, columns(of: $1)) }
  }

  private static func columns(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control, .lineSeparator, .paragraphSeparator:
      return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    return isWide(scalar) ? 2 : 1
  }

  /// The larger blocks of UAX #11's classes W and F.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF: true
    case 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19: true
    case 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF: true
    case 0x1AFF0...0x1B2FF, 0x1F200...0x1F320, 0x20000...0x3FFFD: true
    default: false
    }
  }
}
