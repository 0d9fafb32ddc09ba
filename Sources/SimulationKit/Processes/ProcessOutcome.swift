import Foundation

/// How long processes may take.
package enum ProcessLimits {
  /// Seconds after which a process is killed and its test fails; far more than any needs.
  package static let seconds: Double = 120
}

/// How a process ended.
package enum ProcessExit: Hashable, Sendable {
  /// By itself, with a code.
  case code(Int32)
  /// By a signal.
  case signal(Int32)

  /// Reads the status that `waitpid` gives.
  init(status: Int32) {
    self = status & 0x7F == 0 ? .code((status >> 8) & 0xFF) : .signal(status & 0x7F)
  }
}

/// What a process printed, and how it ended.
package struct ProcessOutcome: Sendable, CustomStringConvertible {
  /// The command line.
  package let command: String
  /// How it ended.
  package let exit: ProcessExit
  /// Whether it was killed because it took too long.
  package let isLate: Bool
  /// Standard output.
  package let outputBytes: [UInt8]
  /// Standard error.
  package let messageBytes: [UInt8]

  /// The exit code; nil when a signal ended it.
  package var code: Int32? { if case .code(let code) = exit { code } else { nil } }

  /// Whether it did what it was asked.
  package var isSuccess: Bool { exit == .code(0) }

  /// Standard output as text.
  package var output: String { String(decoding: outputBytes, as: UTF8.self) }

  /// Standard error as text.
  package var messages: String { String(decoding: messageBytes, as: UTF8.self) }

  /// The lines of standard output, without the empty one at its end.
  package var lines: [String] { output.split(separator: "\n").map(String.init) }

  /// Standard output as one JSON value; throws when it is anything else.
  package func json() throws -> JSON {
    do {
      return try JSON(parsing: outputBytes)
    } catch {
      throw ProcessFailure("no JSON on standard output of \(self)")
    }
  }

  /// The outcome itself, when the process succeeded; otherwise throws with all it printed.
  @discardableResult
  package func successful() throws -> ProcessOutcome {
    guard isSuccess else { throw ProcessFailure("\(self)") }
    return self
  }

  package var description: String {
    """
    \(command)
    ended with \(exit)\(isLate ? " after it took too long" : "")
    --- standard output
    \(output)
    --- standard error
    \(messages)
    """
  }
}
