import SimulationKit
import Testing

/// What is altered in an analyst's store behind the program's back.
@Suite struct StoreDamageTests {
  private static let doctor = Shape.object([
    "healthy": .bool,
    "checks": .array(.object(["check": .text, "good": .bool, "problem": .orNull(.text)])),
    "repaired": .orNull(.repaired),
  ])

  /// What is altered, and how.
  struct Damage: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var sql: String
    /// Whether it is in the log or in what the log comes to, so that the audit sees it too.
    var isAudits = true
    /// The leaf that the audit names; nil where it is no leaf that differs.
    var leaf: Int?
  }

  static let damages = [
    Damage(
      testDescription: "a leaf",
      sql: SQLiteFile.alteringLastByte(of: "bytes", in: "leaf", where: "position = 2"), leaf: 2),
    Damage(
      testDescription: "a batch",
      sql: SQLiteFile.alteringLastByte(of: "batch", in: "leaf", where: "position = 3"), leaf: 3),
    Damage(
      testDescription: "a report",
      sql: "UPDATE leaf SET report = CAST(report || x'20' AS BLOB) WHERE position = 1",
      leaf: 1),
    Damage(
      testDescription: "a leaf that is gone", sql: "DELETE FROM leaf WHERE position = 4", leaf: 4),
    Damage(
      testDescription: "a hash of the tree",
      sql: SQLiteFile.alteringLastByte(of: "hash", in: "tree_hash", where: "position = 0"), leaf: 0),
    Damage(
      testDescription: "a record's state",
      sql: SQLiteFile.alteringLastByte(of: "state", in: "record", where: "kind = 2")),
    Damage(
      testDescription: "a record that is gone",
      sql: "DELETE FROM record WHERE kind = 2"),
    Damage(
      testDescription: "the state digest",
      sql: SQLiteFile.alteringLastByte(of: "state_digest", in: "log", where: "id = 1")),
    Damage(
      testDescription: "the last checkpoint", sql: SQLiteFile.alteringCheckpoint),
    Damage(
      testDescription: "all checkpoints", sql: "DELETE FROM checkpoint", leaf: 0),
    Damage(
      testDescription: "a pending record",
      sql: SQLiteFile.alteringLastByte(of: "state", in: "pending_record", where: "1"),
      isAudits: false),
    Damage(
      testDescription: "what pending changes add",
      sql: SQLiteFile.alteringLastByte(of: "delta", in: "pending_total", where: "1"),
      isAudits: false
    ),
    Damage(
      testDescription: "a pending change that is gone",
      sql: "DELETE FROM pending WHERE sequence = (SELECT min(sequence) FROM pending)",
      isAudits: false),
  ]

  /// Omar's store with a log of six leaves at least, and two pending changes of one record.
  private func play(_ body: (Team, _ omar: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      try omar("edit", "fox", "--note", "logged")
      try omar("sync")
      try omar("edit", "fox", "--note", "pending")
      try omar("edit", "fox", "--label", "pending")
      #expect((try omar.json("status")["log"]?["size"]?.int ?? 0) >= 6)
      try expectHealthy(omar)
      try body(team, omar)
    }
  }

  @Test(arguments: damages) func `doctor finds it, and exits with 1`(damage: Damage) throws {
    try play { _, omar in
      try SQLiteFile.execute(damage.sql, in: omar.store + "/store.sqlite")
      let outcome = try omar.run(["doctor", "--json"])
      #expect(outcome.code == 1, "\(outcome)")
      let found = try outcome.json()
      expect(found, Self.doctor)
      #expect(found["healthy"]?.bool == false)
      let bad = found["checks"]?.items.filter { $0["good"]?.bool == false } ?? []
      #expect(!bad.isEmpty)
      #expect(bad.allSatisfy { $0["problem"]?.text?.isEmpty == false })
      let told = try omar.run(["doctor"])
      #expect(told.code == 1)
      #expect(told.output.contains("BAD"))
    }
  }

  @Test(arguments: damages.filter(\.isAudits))
  func `audit verify refuses it, names the leaf, and exits with 1`(damage: Damage) throws {
    try play { _, omar in
      try SQLiteFile.execute(damage.sql, in: omar.store + "/store.sqlite")
      let outcome = try omar.run(["audit", "verify", "--json"])
      #expect(outcome.code == 1, "\(outcome)")
      let verdict = try outcome.json()
      expect(verdict, .auditVerify)
      #expect(verdict["verified"]?.bool == false)
      #expect(verdict["first_bad_leaf"]?.int == damage.leaf)
      #expect(verdict["reason"]?.text?.isEmpty == false)
      let told = try omar.run(["audit", "verify"])
      #expect(told.code == 1)
      #expect(told.output.contains(damage.leaf.map { "REFUSED at leaf \($0)" } ?? "REFUSED"))
    }
  }

  @Test func `bytes of the file itself that are altered are found`() throws {
    try play { team, omar in
      // One file, without a log of writes beside it.
      try SQLiteFile.execute(
        "PRAGMA wal_checkpoint(TRUNCATE)", in: omar.store + "/store.sqlite")
      let file = omar.store + "/store.sqlite"
      var bytes = try fileBytes(file)
      for page in stride(from: 8_192, to: bytes.count, by: 4_096 * 3) {
        for offset in 0..<16 { bytes[page + offset] ^= 0x5A }
      }
      try team.scene.write(bytes, to: String(file.dropFirst(team.scene.folder.count + 1)))
      let outcome = try omar.run(["doctor"])
      #expect(outcome.code == 1, "the checks are listed: \(outcome)")
      #expect(outcome.output.contains("BAD"), "\(outcome)")
    }
  }
}
