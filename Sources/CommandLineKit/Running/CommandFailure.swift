/// Why a command ends without having done what was asked, as a person reads it.
///
/// The message says what happened and to which file, record or line; the remedy says what to do, if
/// possible as a command to type.
package struct CommandFailure: Error, Sendable {
  /// The exit code.
  package var code: CommandExit
  /// What happened, to what: one line without the program's name and without a full stop.
  package var message: StyledText
  /// Further lines, such as the candidates of an ambiguous reference.
  package var details: [StyledText]
  /// What to do about it; nil when the message says all.
  package var remedy: StyledText?

  /// Takes all parts.
  package init(
    _ code: CommandExit, _ message: StyledText, details: [StyledText] = [],
    remedy: StyledText? = nil
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.remedy = remedy
  }

  /// The lines for standard error, the first beginning with the program's name.
  package func lines(program: String) -> [StyledText] {
    var lines: [StyledText] = [StyledText(verbatim: "\(program): ") + message]
    lines += details.map { "  " + $0 }
    if let remedy { lines.append("  " + remedy) }
    return lines
  }
}
