/// The table of exit codes, those of sysexits.h; `Protocol/command-line.md` says when each is used.
package enum CommandExit: Int32, CaseIterable, Sendable {
  /// All that was asked for was done, or was so already.
  case success = 0
  /// A check was made and failed: an audit that does not verify, a doctor that found something.
  case checkFailed = 1
  /// The command line itself is wrong: EX_USAGE.
  case usage = 64
  /// What was given is malformed, ambiguous or contradicts what is stored: EX_DATAERR.
  case badData = 65
  /// A file, record or store that was named does not exist or cannot be read: EX_NOINPUT.
  case noInput = 66
  /// The server, or a program that is needed, cannot be reached: EX_UNAVAILABLE.
  case unavailable = 69
  /// This program has a mistake: EX_SOFTWARE.
  case internalError = 70
  /// A file or folder cannot be made: EX_CANTCREAT.
  case cannotCreate = 73
  /// Reading or writing failed halfway: EX_IOERR.
  case ioError = 74
  /// Nothing is wrong for good; the same command may succeed later: EX_TEMPFAIL.
  case tryAgain = 75
  /// Somebody else's answer breaks the protocol, or a proof does not hold: EX_PROTOCOL.
  case protocolError = 76
  /// The analyst, replica or file permissions do not allow it: EX_NOPERM.
  case notPermitted = 77

  /// A few words for tables and help.
  package var summary: String {
    switch self {
    case .success: "done"
    case .checkFailed: "a check failed"
    case .usage: "usage"
    case .badData: "bad data"
    case .noInput: "no such input"
    case .unavailable: "unreachable"
    case .internalError: "internal error"
    case .cannotCreate: "cannot create"
    case .ioError: "input or output error"
    case .tryAgain: "try again"
    case .protocolError: "protocol or proof"
    case .notPermitted: "not permitted"
    }
  }
}
