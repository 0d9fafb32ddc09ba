import AnnotationModel
import ArgumentParser
import CommandLineKit
import MergeCore

/// The state of a record that an edit was made against.
struct AgainstOption: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The clock of the record as you saw it: the JSON that `list` and `show` give as clock.",
      valueName: "clock"))
  var against: String?

  /// The clock; nil when none was given.
  func clock() throws -> VectorClock? {
    guard let against else { return nil }
    guard let clock = Self.parse(against) else {
      throw CommandFailure(
        .badData, "--against \(against) is no clock",
        remedy: "give the object that `hashiya show REF --json` prints as clock")
    }
    return clock
  }

  private static func parse(_ text: String) -> VectorClock? {
    guard let value = try? ParsedJSON(parsing: Array(text.utf8)), case .object(let members) = value
    else { return nil }
    var clock = VectorClock()
    for member in members {
      guard let replica = ReplicaID(hex: member.name), case .number(let digits) = member.value,
        let number = UInt64(digits), let counter = Counter(received: number)
      else { return nil }
      clock.include(Dot(replica, counter))
    }
    return clock
  }
}
