import CommandLineKit

/// What a batch came to, as far as it is durable.
struct BatchOutcome {
  /// A line that was left out.
  struct Refused {
    var line: Int
    var reason: String
  }

  /// Lines that were applied, left unchanged or refused; blank ones do not count.
  var lines = 0
  /// Lines that made a change.
  var changes = 0
  /// Lines that asked for what was so already.
  var unchanged = 0
  /// Lines that were refused and skipped.
  var refused: [Refused] = []

  /// `{"lines","changes","unchanged","refused"}`.
  var json: JSONValue {
    [
      "lines": .integer(lines), "changes": .integer(changes), "unchanged": .integer(unchanged),
      "refused": .array(
        refused.map { ["line": .integer($0.line), "reason": .string($0.reason)] }),
    ]
  }
}
