/// Comma-separated values (RFC 4180) for spreadsheets.
package enum CSV {
  /// U+FEFF as UTF-8; spreadsheets take a file without it for a local encoding and garble Arabic.
  package static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// One record with its CR LF, ready to append to a file.
  package static func record(_ fields: [String]) -> [UInt8] {
    var bytes: [UInt8] = []
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += quoted(neutral(field))
    }
    return bytes + [0x0D, 0x0A]
  }

  /// `text` as a spreadsheet must not run it: an apostrophe is put before a text that begins like a
  /// formula (`=`, `+`, `-`, `@`, their full-width forms, a tab, CR or LF), as OWASP advises
  /// against CSV injection.
  ///
  /// A text that begins with an apostrophe gets one more, so a reader who takes one apostrophe off
  /// every field that begins with one has the values back exactly. JSON Lines is the format that
  /// alters nothing.
  static func neutral(_ text: String) -> [UInt8] {
    guard let first = text.unicodeScalars.first else { return [] }
    switch first {
    case "=", "+", "-", "@", "\t", "\r", "\n", "'", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}":
      return [UInt8(ascii: "'")] + Array(text.utf8)
    default:
      return Array(text.utf8)
    }
  }

  /// RFC 4180, section 2, rules 5 to 7; also for a space at either end, which some readers drop.
  private static func quoted(_ field: [UInt8]) -> [UInt8] {
    let quote = UInt8(ascii: "\"")
    let space = UInt8(ascii: " ")
    let needed =
      field.first == space || field.last == space
      || field.contains { $0 == quote || $0 == UInt8(ascii: ",") || $0 == 0x0A || $0 == 0x0D }
    guard needed else { return field }
    var bytes = [quote]
    for byte in field {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    return bytes + [quote]
  }
}
