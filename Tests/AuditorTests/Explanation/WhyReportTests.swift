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
  private func fields(_ team: AuditedTeam, after leaf: UInt64) throws -> [WhyField] {
    let file = try LogFile(in: team)
    for replayed in team.exchange.log.leaves.prefix(Int(leaf) + 1) { try file.append(replayed) }
    return try file.database.read { try LogRecords(LogReader($0)).why(team.annotation) }
  }

  private func report(_ team: AuditedTeam, after leaf: UInt64, part: String? = nil) throws
    -> WhyReport
  {
    WhyReport(
      team.annotation, handle: "abcd",
      try fields(team, after: leaf).filter { part == nil || $0.fieldName == part })
  }

  private func lines(_ team: AuditedTeam, after leaf: UInt64, part: String? = nil) throws
    -> [String]
  {
    try report(team, after: leaf, part: part).lines { $0.description }
  }

  private func time(of dot: Dot, _ team: AuditedTeam) throws -> String {
    let changes = team.exchange.log.leaves.flatMap(\.judgement.fresh)
    return Timestamp(
      milliseconds: try #require(changes.first { $0.received.dot == dot }).time
    ).text
  }

  @Test("a conflict: who wrote what against what, the rule and leaf, and what was superseded")
  func conflict() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let json = try report(team, after: team.leaves.conflict, part: "note").json
    #expect(json["id"] == .text(hexText(team.annotation.bytes)))
    #expect(json["handle"] == .text("abcd"))
    let field = try #require(json["fields"]?[0])
    // Layla wrote a moment after Omar.
    #expect(field["field"] == .text("note") && field["shown"] == .text("by Layla"))
    #expect(field["reason"] == .text("latest-time") && field["rule"] == .text("kept-siblings"))
    #expect(field["leaf"] == .number(Int(team.leaves.conflict)))
    #expect(field["local"] == .bool(false))
    let written = [("by Omar", "Omar", dots.omarsNote), ("by Layla", "Layla", dots.laylasNote)]
    for (index, (value, analyst, dot)) in written.enumerated() {
      let sibling = try #require(field["siblings"]?[index], "in log order")
      #expect(sibling["value"] == .text(value) && sibling["analyst"] == .text(analyst))
      #expect(sibling["dot"] == .text(dot.description))
      #expect(sibling["time"] == .text(try time(of: dot, team)))
      let clock = AuditMember(
        dots.creation.replica.hex, .number(Int(dots.creation.counter.rawValue)))
      #expect(sibling["against"] == .object([clock]))
    }
    let old = try #require(field["superseded"]?[0])
    #expect(old["value"] == .text("first"))
    #expect(old["superseded_by"] == .text(dots.omarsNote.description))
    #expect(old["superseded_by_analyst"] == .text("Omar"))
    let decision = try #require(field["decisions"]?[2])
    #expect(decision["dot"] == .text(dots.laylasNote.description))
    #expect(decision["concurrent"] == .list([.text(dots.omarsNote.description)]))
    #expect(decision["opened"] == .bool(true))
  }

  @Test("a conflict in lines for people")
  func conflictLines() throws {
    let team = try AuditedTeam()
    let dots = team.dots
    let lines = try self.lines(team, after: team.leaves.conflict, part: "note")
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
    let lines = try self.lines(team, after: team.leaves.resolution, part: "note")
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
    let deleted = try lines(team, after: team.leaves.deletion, part: "lifecycle")
    #expect(
      deleted.first == "lifecycle: deleted (only, by applied at leaf \(team.leaves.deletion))")
    let alive = try lines(team, after: team.leaves.keptAlive, part: "lifecycle")
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
    let before = try lines(team, after: team.leaves.creation, part: "tags")
    #expect(before.first == "tags: t (add-wins, by applied at leaf \(team.leaves.creation))")
    let after = try lines(team, after: team.leaves.keptAlive, part: "tags")
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
    let all = try fields(team, after: team.leaves.keptAlive)
    #expect(all.map(\.fieldName) == ["target", "label", "note", "tags", "lifecycle"])
    #expect(
      try lines(team, after: team.leaves.keptAlive, part: "label").first
        == "label: claim (only, by applied at leaf \(team.leaves.creation))")
    #expect(
      try lines(team, after: team.leaves.keptAlive, part: "target").first?
        .hasPrefix("target: السلام (only, ") == true)
    #expect(
      try lines(team, after: team.leaves.keptAlive).count { !$0.hasPrefix("  ") } == 5)
  }

  @Test("what it re-executes is what the log decided")
  func replay() throws {
    let team = try AuditedTeam()
    let log = team.exchange.log
    for record in log.states.keys {
      let told = try team.layla.read { try LogRecords($0.log).why(record) }
        .flatMap(\.decisions).map(\.merged)
      let decided = log.leaves.flatMap(\.decisions).filter {
        $0.decision.record == record && $0.decision.subject != .record
      }
      #expect(told.count == decided.count)
      #expect(decided.allSatisfy { told.contains($0) })
    }
  }
}

extension AuditValue {
  /// A member of an object.
  fileprivate subscript(name: String) -> AuditValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// An element of a list.
  fileprivate subscript(index: Int) -> AuditValue? {
    guard case .list(let values) = self, values.indices.contains(index) else { return nil }
    return values[index]
  }
}
