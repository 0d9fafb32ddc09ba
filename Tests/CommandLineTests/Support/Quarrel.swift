import SimulationKit
import Testing

/// A record that two people edited without knowing of each other.
extension Team {
  /// Layla annotates the passage `brown fox` as `fox`, and everybody gets it.
  func shareFox(_ options: [String] = []) throws {
    try layla.run(
      [
        "annotate", Team.article, "--quote", "brown fox", "--label", "claim", "--id", "fox",
      ] + options
    ).successful()
    try syncTwice()
  }

  /// Omar runs a command, then Layla one, neither having the other's; then everybody gets both.
  ///
  /// Omar's is in the log first and so is listed first; Layla's clock is later.
  func quarrel(omar omars: [String], layla laylas: [String]) throws {
    let omar = try member("omar")
    try omar.run(omars).successful()
    try layla.run(laylas).successful()
    try omar("sync")
    try syncTwice()
  }

  private func syncTwice() throws {
    for _ in 0..<2 {
      for analyst in all { try analyst("sync") }
    }
  }
}

extension Analyst {
  /// The conflict about a field of the only record that is in conflict.
  func conflict(_ field: String) throws -> JSON {
    let found = try json("conflicts", "--field", field)
    expect(found, .conflicts)
    guard found.items.count == 1, let conflict = found[0] else {
      throw ProcessFailure("\(found.items.count) conflicts about \(field)")
    }
    return conflict
  }

  /// What `show` tells of a record.
  func shown(_ record: String, _ member: String) throws -> JSON? {
    try json("show", record)[member]
  }
}

/// A clock as `--against` takes it back.
func clockText(_ clock: JSON?) -> String {
  let entries = (clock?.members ?? [:]).sorted { $0.key < $1.key }
  return "{" + entries.map { "\"\($0.key)\":\($0.value.int ?? 0)" }.joined(separator: ",") + "}"
}
