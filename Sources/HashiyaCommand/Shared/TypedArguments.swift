import AnnotationModel
import ArgumentParser
import CommandLineKit
import SyncProtocol

extension Role: ExpressibleByArgument {}

/// Until when an invite is valid, as it is typed.
enum ExpiryArgument: ExpressibleByArgument {
  /// So long from now.
  case after(seconds: Int64)
  /// Until a moment, in milliseconds since 1970.
  case at(milliseconds: Int64)

  private static let unitSeconds: [Character: Int64] = [
    "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400,
  ]
  private static let numberMax: Int64 = 100_000

  /// Reads a number with m, h, d or w, a date (its end in UTC), or a time as JSON output has them.
  init?(argument: String) {
    if let unit = argument.last, let seconds = Self.unitSeconds[unit] {
      guard let number = Int64(argument.dropLast()), (1...Self.numberMax).contains(number) else {
        return nil
      }
      self = .after(seconds: number * seconds)
      return
    }
    guard let time = Timestamp(Self.completed(argument)) else { return nil }
    self = .at(milliseconds: time.milliseconds)
  }

  /// The time in full: a date alone means that day up to its end, and milliseconds may be left out.
  private static func completed(_ text: String) -> String {
    if text.utf8.count == "2026-12-31".utf8.count { return text + "T23:59:59.000Z" }
    guard text.hasSuffix("Z"), !text.contains(".") else { return text }
    return text.dropLast() + ".000Z"
  }

  var defaultValueDescription: String {
    switch self {
    case .after(let seconds) where seconds % 86_400 == 0: "\(seconds / 86_400)d"
    case .after(let seconds): "\(seconds / 60)m"
    case .at(let milliseconds): Timestamp(milliseconds: milliseconds).text
    }
  }

  /// The moment, in milliseconds since 1970; one that is past would make a code that nobody can use.
  func milliseconds(now: Int64) throws(CommandFailure) -> Int64 {
    switch self {
    case .after(let seconds): return now + seconds * 1_000
    case .at(let milliseconds):
      guard milliseconds > now else {
        throw CommandFailure(
          .usage, "--expires \(TimeText.json(milliseconds)) is past",
          remedy: "write how long the code is valid, such as 7d, or a moment that is to come")
      }
      return milliseconds
    }
  }
}

/// Reads `--confidence`.
enum ConfidenceArgument {
  static func parse(_ text: String) throws -> Confidence {
    do {
      return try Confidence(parsing: text)
    } catch .malformed {
      throw ValidationError("\(text) is no confidence. Write a number from 0 to 1, such as 0.85.")
    } catch .outOfRange {
      throw ValidationError("The confidence \(text) is out of range. It goes from 0 to 1.")
    } catch .tooPrecise {
      throw ValidationError("The confidence \(text) has more than the six decimals that count.")
    }
  }
}
