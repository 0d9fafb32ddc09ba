/// Words as a POSIX shell reads them.
package enum ShellWord {
  /// `text` as one word: as it is when no character means anything to a shell, otherwise in single quotes.
  package static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: Array("@%+=:,./-_".utf8).contains(byte) || byte >= 0x80
      }
    }
    let hasSpace = text.unicodeScalars.contains { $0.properties.isWhitespace }
    if isPlain, !hasSpace, !text.isEmpty { return text }
    var quoted = "'"
    for scalar in text.unicodeScalars {
      if scalar == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(scalar) }
    }
    return quoted + "'"
  }
}
