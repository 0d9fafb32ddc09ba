import AnnotationModel
import Auditor
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@Suite("Why a record is as the log's end has it")
struct WhyReportTests {
  /// The report from the log's first leaves only, so that what stood at some time can be asked.
  private func why(
    _ team: AuditedTeam, after leaf: UInt64, _ field: String? = nil
  ) throws -> WhyReport {
    try read(team, after: leaf) { records in
      let fields = try records.why(team.annotation)
        .filter { field == nil || Array($0.fieldName.utf8) == Array((field ?? "").utf8) }
      return WhyReport(team.annotation, handle: try records.handle(of: team.annotation), fields)
    }
  }

  private func lines(_ team: AuditedTeam, after leaf: UInt64, _ field: String? = nil) throws
    -> [String]
  {
    try why(team, after: leaf, field).lines { $0.description }
  }

  private func read<Value>(
    _ team: AuditedTeam, after leaf: UInt64, _ body: (LogRecords) throws -> Value
  ) throws -> Value {
    let file = try LogFile(in: team)
    for replayed in team.exchange.log.leaves.prefix(Int(leaf) + 1) { try file.append(replayed) }
    return try file.database.read { try body(LogRecords(LogReader($0))) }
  }

  private func time(of dot: Dot, _ team: AuditedTeam) throws -> String {
    let changes = team.exchange.log.leaves.flatMap(\.judgement.fresh)
    return Timestamp(
      milliseconds: try #require(changes.first { $0.received.dot == dot }).time
    ).text
  }

  private func sibling(
    _ value: String, _ dot: Dot, _ analyst: String, against: [Dot], leaf: UInt64,
    _ team: AuditedTeam
  ) throws -> [AuditMember] {
    let clock = against.sorted().map {
      AuditMember($0.replica.hex, .number(Int($0.counter.rawValue)))
    }
    return [
      AuditMember("value", .text(value)), AuditMember("dot", .text(dot.description)),
      AuditMember("analyst", .text(analyst)), AuditMember("time", .text(try time(of: dot, team))),
      AuditMember("against", .object(clock)), AuditMember("leaf", .number(Int(leaf))),
      AuditMember("resolution", .bool(false)), AuditMember("reason", .null),
      AuditMember("brought_back", .null),
    ]
  }

  private func decision(
    _ dot: Dot, _ analyst: String, leaf: UInt64, rule: String = "applied", superseded: [Dot] = [],
    concurrent: [Dot] = [], opened: Bool = false, _ team: AuditedTeam
  ) throws -> AuditValue {
    .object([
      AuditMember("dot", .text(dot.description)), AuditMember("analyst", .text(analyst)),
      AuditMember("time", .text(try time(of: dot, team))), AuditMember("leaf", .number(Int(leaf))),
      AuditMember("rule", .text(rule)),
      AuditMember("superseded", AuditValue(superseded.map(\.description))),
      AuditMember("concurrent", AuditValue(concurrent.map(\.description))),
      AuditMember("opened", .bool(opened)), AuditMember("closed", .bool(false)),
    ])
  }

  @Test("a conflict: who wrote what against what, the rule and leaf, and what was superseded")
  func conflict() throws {
    let team = try AuditedTeam()
    let (dots, leaves) = (team.dots, team.leaves)
    let first = try sibling(
      "first", dots.creation, "Layla", against: [], leaf: leaves.creation, team)
    let omars = try sibling(
      "by Omar", dots.omarsNote, "Omar", against: [dots.creation], leaf: leaves.omarsNote, team)
    let laylas = try sibling(
      "by Layla", dots.laylasNote, "Layla", against: [dots.creation], leaf: leaves.conflict, team)
    let note = AuditValue.object([
      // Layla wrote a moment after Omar.
      AuditMember("field", .text("note")), AuditMember("shown", .text("by Layla")),
      AuditMember("reason", .text("latest-time")), AuditMember("rule", .text("kept-siblings")),
      AuditMember("leaf", .number(Int(leaves.conflict))),
      AuditMember("siblings", .list([.object(omars), .object(laylas)])),
      AuditMember(
        "superseded",
        .list([
          .object(
            first + [
              AuditMember("superseded_by", .text(dots.omarsNote.description)),
              AuditMember("superseded_by_analyst", .text("Omar")),
            ])
        ])),
      AuditMember(
        "decisions",
        .list([
          try decision(dots.creation, "Layla", leaf: leaves.creation, team),
          try decision(
            dots.omarsNote, "Omar", leaf: leaves.omarsNote, superseded: [dots.creation], team),
          try decision(
            dots.laylasNote, "Layla", leaf: leaves.conflict, rule: "kept-siblings",
            concurrent: [dots.omarsNote], opened: true, team),
        ])),
      AuditMember("local", .bool(false)),
    ])
    let id = hexText(team.annotation.bytes)
    #expect(
      try why(team, after: leaves.conflict, "note").json
        == .object([
          AuditMember("id", .text(id)), AuditMember("handle", .text(String(id.suffix(4)))),
          AuditMember("fields", .list([note])),
        ]))
  }

  @Test("a conflict in lines for people")
  func conflictLines() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    #expect(
      try lines(team, after: team.leaves.conflict, "note") == [
        "note: by Layla (latest-time, by kept-siblings at leaf \(team.leaves.conflict))",
        "  stands  by Omar by Omar at \(try time(of: dots.omarsNote, team)), \(dots.omarsNote)",
        "  stands  by Layla by Layla at \(try time(of: dots.laylasNote, team)), \(dots.laylasNote)",
        "  was     first by Layla at \(try time(of: dots.creation, team)), \(dots.creation), "
          + "until \(dots.omarsNote)",
      ])
  }

  @Test("a resolution leaves one value with its reason, and says whose values it superseded")
  func resolution() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let lines = try lines(team, after: team.leaves.resolution, "note")
    #expect(
      lines.prefix(2) == [
        "note: by both (only, by applied at leaf \(team.leaves.resolution))",
        "  stands  by both by Layla at \(try time(of: dots.resolution, team)), "
          + "\(dots.resolution): agreed",
      ])
    let gone = lines.dropFirst(2)
    #expect(gone.count == 3 && gone.allSatisfy { $0.hasPrefix("  was     ") })
    #expect(gone.count { $0.hasSuffix("until \(dots.resolution)") } == 2)
  }

  @Test("a delete against an edit: the record lives, and both sides stand")
  func keptAlive() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let deleted = "deleted by Omar at \(try time(of: dots.deletion, team)), \(dots.deletion)"
    #expect(
      try lines(team, after: team.leaves.deletion, "lifecycle") == [
        "lifecycle: deleted (only, by applied at leaf \(team.leaves.deletion))",
        "  stands  \(deleted)",
      ])
    #expect(
      try lines(team, after: team.leaves.keptAlive, "lifecycle") == [
        "lifecycle: live (kept-alive, by kept-alive at leaf \(team.leaves.keptAlive))",
        "  stands  \(deleted)",
        "  stands  live by Layla at \(try time(of: dots.keptAlive, team)), \(dots.keptAlive)",
      ])
  }

  @Test("a set shows its elements, and who removed what was in it")
  func set() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    #expect(
      try lines(team, after: team.leaves.creation, "tags").first
        == "tags: t (only, by applied at leaf \(team.leaves.creation))")
    #expect(
      try lines(team, after: team.leaves.keptAlive, "tags") == [
        "tags: u (only, by applied at leaf \(team.leaves.keptAlive))",
        "  stands  u by Layla at \(try time(of: dots.keptAlive, team)), \(dots.keptAlive)",
        "  was     t by Layla at \(try time(of: dots.creation, team)), \(dots.creation), "
          + "until \(dots.laylasTag)",
      ])
  }

  @Test("labels are named, passages quoted, and the parts stand in the order of their fields")
  func values() throws {
    let team = try AuditedTeam()
    let heads = try lines(team, after: team.leaves.keptAlive).filter { !$0.hasPrefix("  ") }
    #expect(
      heads.map { $0.prefix { $0 != "(" } } == [
        "target: السلام ", "label: claim ", "note: by both ", "tags: u ", "lifecycle: live ",
      ])
    #expect(try lines(team, after: team.leaves.keptAlive, "no such field").isEmpty)
  }

  @Test("what it re-executes is what the log decided")
  func replay() throws {
    let team = try AuditedTeam()
    let log = team.exchange.log
    try read(team, after: log.treeSize - 1) { records in
      for record in log.states.keys {
        let replayed = try records.why(record).flatMap(\.decisions).map(\.merged)
        let decided = log.leaves.flatMap(\.decisions)
          .filter { $0.decision.record == record && $0.decision.subject != .record }
        #expect(replayed.count == decided.count)
        #expect(Set(replayed) == Set(decided))
      }
    }
  }
}
