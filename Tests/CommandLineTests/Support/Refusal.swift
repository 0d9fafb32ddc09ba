import SimulationKit
import Testing

/// What a store holds: its counters, its pending work, its log, and the digest over all records.
struct StoreSnapshot: Equatable {
  private let status: JSON

  init(_ analyst: Analyst) throws {
    let status = try analyst.json("status")
    // What the server said last is no part of what the store holds.
    let said = ["revoked", "refused_answer", "server_restored"]
    self.status = .members(status.members.filter { !said.contains($0.key) })
  }

  /// All but one member.
  func without(_ name: String) -> JSON { .members(status.members.filter { $0.key != name }) }
}

/// Runs a command that must be refused: with this code, these words on standard error and nothing
/// else on standard output, and with the store exactly as it was and healthy.
@discardableResult
func expectRefused(
  _ analyst: Analyst, _ arguments: [String], input: String = "", code: Int32,
  says words: [String], sourceLocation: SourceLocation = #_sourceLocation
) throws -> ProcessOutcome {
  let before = try StoreSnapshot(analyst)
  let outcome = try analyst.run(arguments, input: input)
  #expect(outcome.code == code, "\(outcome)", sourceLocation: sourceLocation)
  #expect(outcome.output == "", "\(outcome)", sourceLocation: sourceLocation)
  expectSays(outcome, words, sourceLocation: sourceLocation)
  #expect(try StoreSnapshot(analyst) == before, "\(outcome)", sourceLocation: sourceLocation)
  try expectHealthy(analyst, sourceLocation: sourceLocation)
  return outcome
}

/// Expects these words on standard error.
func expectSays(
  _ outcome: ProcessOutcome, _ words: [String],
  sourceLocation: SourceLocation = #_sourceLocation
) {
  for word in words {
    #expect(
      outcome.messages.contains(word), "\(word) is not told by \(outcome)",
      sourceLocation: sourceLocation)
  }
}

/// Expects `doctor` to find nothing.
func expectHealthy(
  _ analyst: Analyst, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let outcome = try analyst.run(["doctor"])
  #expect(outcome.isSuccess, "\(outcome)", sourceLocation: sourceLocation)
}

/// Expects a value to be of a shape.
func expect(
  _ json: JSON?, _ shape: Shape, sourceLocation: SourceLocation = #_sourceLocation
) {
  let mismatches = shape.mismatches(json)
  #expect(mismatches == [], sourceLocation: sourceLocation)
}

/// Syncs everybody until nobody can have anything new, then expects one state everywhere, in which
/// every check holds.
func expectConverged(
  _ analysts: [Analyst], _ server: ServerHost, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  for _ in 0..<2 {
    for analyst in analysts { try analyst("sync") }
  }
  let digest = try server.digest()
  for analyst in analysts {
    let sync = try analyst.json("sync")
    #expect(sync["in_sync"]?.bool == true, "\(analyst.name)", sourceLocation: sourceLocation)
    #expect(
      sync["state_digest"]?.text == digest, "\(analyst.name)", sourceLocation: sourceLocation)
    let status = try analyst.json("status")
    #expect(status["state_digest"]?.text == digest, sourceLocation: sourceLocation)
    #expect(status["pending_changes"]?.int == 0, sourceLocation: sourceLocation)
    try expectHealthy(analyst, sourceLocation: sourceLocation)
  }
  guard let analyst = analysts.first else { return }
  #expect(
    try analyst.json("audit", "verify")["verified"]?.bool == true, sourceLocation: sourceLocation)
  #expect(
    try server.json("audit", "verify")["verified"]?.bool == true, sourceLocation: sourceLocation)
  #expect(try server.run(["doctor"]).isSuccess, sourceLocation: sourceLocation)
}
