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
  /// The log's first leaves only, so that what stood at some time can be asked.
  private func why<Value>(
    _ team: AuditedTeam, after leaf: UInt64, _ body: (WhyReport) throws -> Value
  ) throws -> Value {
    let file = try LogFile(in: team)
    for replayed in team.exchange.log.leaves.prefix(Int(leaf) + 1) { try file.append(replayed) }
    return try file.database.read { db in
      try body(WhyReport(of: team.annotation, in: LogReader(db)))
    }
  }

  private func time(of dot: Dot, _ team: AuditedTeam) throws -> String {
    let changes = team.exchange.log.leaves.flatMap(\.judgement.fresh)
    return Timestamp(
      milliseconds: try #require(changes.first { $0.received.dot == dot }).time
    ).text
  }

  private func sibling(
    _ value: String, _ dot: Dot, _ analyst: String, against: [Dot], _ team: AuditedTeam
  ) throws -> [AuditMember] {
    let clock = against.sorted().map {
      AuditMember($0.replica.hex, .number(Int($0.counter.rawValue)))
    }
    return [
      AuditMember("value", .text(value)), AuditMember("dot", .text(dot.description)),
      AuditMember("analyst", .text(analyst)), AuditMember("time", .text(try time(of: dot, team))),
      AuditMember("against", .object(clock)),
    ]
  }

  @Test("a conflict: who wrote what against what, the rule and leaf, and what was superseded")
  func conflict() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let omars = try sibling(
      "by Omar", dots.omarsNote, "Omar", against: [dots.creation], team)
    let laylas = try sibling(
      "by Layla", dots.laylasNote, "Layla", against: [dots.creation], team)
    let inOrder = dots.omarsNote < dots.laylasNote ? [omars, laylas] : [laylas, omars]
    let first = try sibling("first", dots.creation, "Layla", against: [], team)
    let expected = AuditValue.object([
      AuditMember("id", .text(hexText(team.annotation.bytes))),
      AuditMember(
        "fields",
        .list([
          .object([
            // Layla wrote a moment after Omar.
            AuditMember("field", .text("note")), AuditMember("shown", .text("by Layla")),
            AuditMember("reason", .text("latest-time")),
            AuditMember("rule", .text("kept-siblings")),
            AuditMember("leaf", .number(Int(team.leaves.conflict))),
            AuditMember("siblings", .list(inOrder.map(AuditValue.object))),
            AuditMember(
              "superseded",
              .list([.object(first + [AuditMember("by", .text(dots.omarsNote.description))])])),
          ])
        ])),
    ])
    #expect(try why(team, after: team.leaves.conflict) { try $0.json(part: "note") } == expected)
  }

  @Test("a conflict in lines for people")
  func conflictLines() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let lines = try why(team, after: team.leaves.conflict) { try $0.lines(part: "note") }
    let omars =
      "  stands  by Omar by Omar at \(try time(of: dots.omarsNote, team)), \(dots.omarsNote)"
    let laylas =
      "  stands  by Layla by Layla at \(try time(of: dots.laylasNote, team)), \(dots.laylasNote)"
    let inOrder = dots.omarsNote < dots.laylasNote ? [omars, laylas] : [laylas, omars]
    #expect(
      lines == [
        "note: by Layla (latest-time, by kept-siblings at leaf \(team.leaves.conflict))"
      ] + inOrder + [
        "  was     first by Layla at \(try time(of: dots.creation, team)), \(dots.creation), "
          + "until \(dots.omarsNote)"
      ])
  }

  @Test("a resolution leaves one value, and says whose values it superseded")
  func resolution() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let lines = try why(team, after: team.leaves.resolution) { try $0.lines(part: "note") }
    #expect(
      lines.first == "note: by both (only, by applied at leaf \(team.leaves.resolution))")
    #expect(lines.count { $0.hasPrefix("  stands  ") } == 1)
    let gone = lines.filter { $0.hasPrefix("  was     ") }
    #expect(gone.count == 3)
    #expect(gone.count { $0.hasSuffix("until \(dots.resolution)") } == 2)
  }

  @Test("a delete against an edit: the record lives, and the delete stands beside it")
  func keptAlive() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let deleted = try why(team, after: team.leaves.deletion) { try $0.lines(part: "lifecycle") }
    #expect(
      deleted.first == "lifecycle: deleted (only, by applied at leaf \(team.leaves.deletion))")
    let alive = try why(team, after: team.leaves.keptAlive) { try $0.lines(part: "lifecycle") }
    #expect(
      alive == [
        "lifecycle: live (kept-alive, by kept-alive at leaf \(team.leaves.keptAlive))",
        "  stands  deleted by Omar at \(try time(of: dots.deletion, team)), \(dots.deletion)",
      ])
  }

  @Test("a set shows its elements, and who removed what was in it")
  func set() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let before = try why(team, after: team.leaves.creation) { try $0.lines(part: "tags") }
    #expect(before.first == "tags: t (add-wins, by applied at leaf \(team.leaves.creation))")
    let after = try why(team, after: team.leaves.keptAlive) { try $0.lines(part: "tags") }
    #expect(
      after == [
        "tags: u (add-wins, by applied at leaf \(team.leaves.keptAlive))",
        "  stands  u by Layla at \(try time(of: dots.keptAlive, team)), \(dots.keptAlive)",
        "  was     t by Layla at \(try time(of: dots.creation, team)), \(dots.creation), "
          + "until \(dots.laylasTag)",
      ])
  }

  @Test("labels are named, passages quoted, and the parts stand in the order of their fields")
  func values() throws {
    let team = try AuditedTeam()
    try why(team, after: team.leaves.keptAlive) { report in
      #expect(report.partNames == ["target", "label", "note", "tags", "lifecycle"])
      #expect(
        try report.lines(part: "label").first
          == "label: claim (only, by applied at leaf \(team.leaves.creation))")
      #expect(try report.lines(part: "target").first?.hasPrefix("target: السلام (only, ") == true)
      #expect(try report.lines(part: "no such field").isEmpty)
      #expect(try report.lines(part: nil).count { !$0.hasPrefix("  ") } == 5)
      guard case .object(let members) = try report.json(part: nil),
        case .list(let fields)? = members.last?.value
      else {
        Issue.record("the report has its shape")
        return
      }
      #expect(fields.count == 5)
    }
  }

  @Test("what it re-executes is what the log decided and what the records hold")
  func replay() throws {
    let team = try AuditedTeam()
    let log = team.exchange.log
    for (record, state) in log.states {
      let history = try team.layla.read { try RecordHistory(of: record, in: $0.log) }
      #expect(history.state == state)
      #expect(
        history.steps.flatMap(\.decisions)
          == log.leaves.flatMap(\.decisions).filter { $0.decision.record == record })
      #expect(history.steps.map(\.leaf) == history.steps.map(\.leaf).sorted())
    }
  }
}
