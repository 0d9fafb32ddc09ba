import Auditor
import MergeCore
import SimulationKit
import SyncProtocol
import Testing
import TransparencyLog
import WorkspaceStore

@Suite("Leaves as they are listed and shown")
struct AuditListingTests {
  private func stored(_ team: AuditedTeam, _ index: UInt64) throws -> StoredLeaf {
    try #require(try team.layla.read { try $0.log.leaf(at: index) })
  }

  private func listing(_ team: AuditedTeam, _ index: UInt64) throws -> AuditListing {
    try AuditListing(stored(team, index), membership: team.exchange.log.membership)
  }

  private func detail(_ team: AuditedTeam, _ index: UInt64) throws -> AuditDetail {
    try AuditDetail(stored(team, index), membership: team.exchange.log.membership)
  }

  @Test("every leaf is listed with its author, type and act, in log order")
  func listed() throws {
    let team = try AuditedTeam()
    let listings = try (0..<team.exchange.log.treeSize).map { try listing(team, $0) }
    let expected: [(analyst: String, type: String, act: AuditValue)] = [
      ("Layla", "genesis", .text("genesis")), ("Layla", "member", .text("invite")),
      ("Omar", "enrol", .text("enrol")), ("Layla", "member", .text("invite")),
      ("Nadia", "enrol", .text("enrol")), ("Layla", "edit", .null), ("Omar", "edit", .null),
      ("Layla", "edit", .null), ("Layla", "edit", .null), ("Omar", "edit", .null),
      ("Layla", "edit", .null), ("Layla", "member", .text("role")),
    ]
    #expect(listings.map(\.index) == Array(0..<UInt64(expected.count)))
    #expect(listings.map(\.analyst) == expected.map(\.analyst))
    #expect(listings.map { member("type", $0.json) } == expected.map { .text($0.type) })
    #expect(listings.map { member("act", $0.json) } == expected.map(\.act))
    let subjects = listings.compactMap(\.subject)
    #expect(subjects.prefix(3) == ["Layla", "Omar as annotator", "Omar"])
    #expect(listings.allSatisfy { ($0.subject == nil) == ($0.leaf.type == .edit) })
  }

  @Test("the counts of a leaf are those of the merges that it made")
  func counts() throws {
    let team = try AuditedTeam()
    let leaves = team.leaves
    let expected: [(leaf: UInt64, changes: Int, concurrent: Int, opened: Int, closed: Int)] = [
      (leaves.creation, 2, 0, 0, 0), (leaves.omarsNote, 1, 0, 0, 0),
      (leaves.conflict, 2, 1, 1, 0), (leaves.resolution, 1, 0, 0, 1),
      (leaves.deletion, 1, 0, 0, 0), (leaves.keptAlive, 1, 1, 1, 0), (leaves.role, 1, 0, 0, 0),
    ]
    for (index, changes, concurrent, opened, closed) in expected {
      let json = try listing(team, index).json
      #expect(member("changes", json) == .number(changes), "leaf \(index)")
      #expect(member("concurrent", json) == .number(concurrent), "leaf \(index)")
      #expect(member("conflicts_opened", json) == .number(opened), "leaf \(index)")
      #expect(member("conflicts_closed", json) == .number(closed), "leaf \(index)")
    }
  }

  @Test("a leaf's JSON has all members in their order, with the values of its merge")
  func json() throws {
    let team = try AuditedTeam()
    let logged = team.exchange.log.leaves[Int(team.leaves.conflict)]
    let (first, last) = (team.dots.laylasNote, team.dots.laylasTag)
    #expect(
      try listing(team, team.leaves.conflict).json
        == .object([
          AuditMember("index", .number(Int(team.leaves.conflict))),
          AuditMember("time", .text(logged.leaf.time)), AuditMember("type", .text("edit")),
          AuditMember("analyst", .text("Layla")), AuditMember("replica", .text(first.replica.hex)),
          AuditMember("first", .number(Int(first.counter.rawValue))),
          AuditMember("last", .number(Int(last.counter.rawValue))),
          AuditMember("changes", .number(2)), AuditMember("concurrent", .number(1)),
          AuditMember("conflicts_opened", .number(1)), AuditMember("conflicts_closed", .number(0)),
          AuditMember("batch", .text(logged.judgement.batch.header.digest.hex)),
          AuditMember("report", .text(DomainHash.plain(logged.reportBytes).hex)),
          AuditMember("state_digest", .text(logged.stateDigest.hex)), AuditMember("act", .null),
          AuditMember("subject", .null),
        ]))
  }

  @Test("a line of the table has a cell for each heading")
  func cells() throws {
    let team = try AuditedTeam()
    let listing = try listing(team, team.leaves.conflict)
    #expect(
      listing.cells == [
        "\(team.leaves.conflict)", listing.leaf.time, "Layla", "edit", "2", "1", "1", "0", "",
      ])
    #expect(AuditListing.headings.count == listing.cells.count)
  }

  @Test("an author whom the membership does not know is the beginning of the replica's id")
  func unknownAuthor() throws {
    let team = try AuditedTeam()
    let listing = try AuditListing(
      stored(team, team.leaves.omarsNote), membership: MembershipState())
    #expect(listing.analyst == String(team.dots.omarsNote.replica.hex.prefix(8)))
  }

  @Test("a leaf's operations are those of its new changes, with kinds and fields by name")
  func operations() throws {
    let team = try AuditedTeam()
    let made = try detail(team, team.leaves.creation).operations.filter {
      $0.dot == team.dots.creation
    }
    let id = hexText(team.annotation.bytes)
    let own = made.filter { $0.id == id }.map { [$0.type, $0.kind, $0.field] }
    #expect(
      Set(own) == [
        ["create", "annotation", nil], ["write", "annotation", "target"],
        ["write", "annotation", "label"], ["write", "annotation", "note"],
        ["add", "annotation", "tags"],
      ])
    let others = made.filter { $0.id != id }.map { [$0.type, $0.kind, $0.field] }
    #expect(Set(others) == [["create", "label", nil], ["touch", "article", nil]])
    #expect(made.allSatisfy { !$0.isResolution })
    let resolution = try detail(team, team.leaves.resolution).operations
    #expect(resolution.map { [$0.type, $0.field] } == [["write", "note"]])
    #expect(resolution.map(\.isResolution) == [true])
    #expect(try detail(team, team.leaves.role).operations.isEmpty)
  }

  @Test("a leaf's decisions are those that were not plain, by dots and with names")
  func decisions() throws {
    let team = try AuditedTeam()
    let id = hexText(team.annotation.bytes)
    #expect(
      member("decisions", try detail(team, team.leaves.conflict).json)
        == .list([
          .object([
            AuditMember("change", .text(team.dots.laylasNote.description)),
            AuditMember("id", .text(id)), AuditMember("subject", .text("field")),
            AuditMember("field", .text("note")), AuditMember("rule", .text("kept-siblings")),
            // Omar's change has superseded the first note already.
            AuditMember("superseded", .list([])),
            AuditMember("concurrent", .list([.text(team.dots.omarsNote.description)])),
            AuditMember("opened", .bool(true)), AuditMember("closed", .bool(false)),
          ])
        ]))
    #expect(member("decisions", try detail(team, team.leaves.creation).json) == .list([]))
  }

  @Test("the lines for people tell whose leaf it is, what it does and what was decided")
  func lines() throws {
    let team = try AuditedTeam()
    let detail = try detail(team, team.leaves.conflict)
    let (leaf, dots) = (detail.listing.leaf, team.dots)
    let end = hexText(team.annotation.bytes).suffix(8)
    #expect(
      detail.lines { $0.description } == [
        "leaf \(team.leaves.conflict)  edit by Layla  \(leaf.time)",
        "  changes       \(dots.laylasNote)-\(dots.laylasTag.counter.rawValue)",
        "  batch         \(leaf.batch)", "  report        \(leaf.report)",
        "  state digest  \(leaf.stateDigest)",
        "  \(dots.laylasNote.counter.rawValue)  write annotation …\(end) note",
        "  \(dots.laylasTag.counter.rawValue)  remove annotation …\(end) tags",
        "  kept-siblings: note of …\(end) by \(dots.laylasNote), "
          + "concurrent with \(dots.omarsNote), opens a conflict",
      ])
    let resolution = try self.detail(team, team.leaves.resolution).lines { $0.description }
    #expect(resolution.contains { $0.hasSuffix("write annotation …\(end) note (resolution)") })
    #expect(
      resolution.last
        == "  applied: note of …\(end) by \(dots.resolution), closes the conflict")
  }

  @Test("a leaf, batch or report that does not decode is told, with the leaf's number")
  func undecodable() throws {
    let team = try AuditedTeam()
    let good = try stored(team, 3)
    for part in [\StoredLeaf.leafBytes, \.batchBytes, \.reportBytes] {
      var bad = good
      bad[keyPath: part] = [0x7B]
      #expect {
        _ = try AuditDetail(bad, membership: MembershipState())
      } throws: { error in
        guard case .corrupt(let what)? = error as? StoreFailure else { return false }
        return what.contains("leaf 3")
      }
    }
  }

  /// A member of an object.
  private func member(_ name: String, _ value: AuditValue) -> AuditValue? {
    guard case .object(let members) = value else { return nil }
    return members.first { $0.name == name }?.value
  }
}
