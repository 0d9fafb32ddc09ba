import Foundation
import SimulationKit
import Testing

/// What is altered in the operator's data folder behind the program's back.
@Suite struct ServerDamageTests {
  private static let doctor = Shape.object([
    "sound": .bool,
    "workspaces": .array(
      .object([
        "name": .text,
        "checks": .array(.object(["check": .text, "sound": .bool, "problem": .orNull(.text)])),
        "repaired": .orNull(.repaired),
      ])),
  ])

  struct Damage: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var sql: String
    /// The leaf that the audit names; nil where it is no leaf that differs.
    var leaf: Int?
  }

  static let damages = [
    Damage(
      testDescription: "a record's state",
      sql: SQLiteFile.alteringLastByte(of: "state", in: "record", where: "kind = 2")),
    Damage(testDescription: "a record that is gone", sql: "DELETE FROM record WHERE kind = 2"),
    Damage(
      testDescription: "the state digest", sql: "UPDATE log SET state_digest = zeroblob(32)"),
    Damage(
      testDescription: "a checkpoint", sql: SQLiteFile.alteringCheckpoint),
    Damage(testDescription: "all checkpoints", sql: "DELETE FROM checkpoint", leaf: 0),
    Damage(
      testDescription: "a leaf",
      sql: SQLiteFile.alteringLastByte(of: "bytes", in: "leaf", where: "position = 2"),
      leaf: 2),
    Damage(
      testDescription: "a batch",
      sql: SQLiteFile.alteringLastByte(of: "batch", in: "leaf", where: "position = 3"),
      leaf: 3),
    Damage(
      testDescription: "a report",
      sql: "UPDATE leaf SET report = CAST(report || x'20' AS BLOB) WHERE position = 1",
      leaf: 1),
    Damage(
      testDescription: "a leaf that is gone", sql: "DELETE FROM leaf WHERE position = 4", leaf: 4),
  ]

  private func play(_ body: (Team, _ file: String) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let omar = try team.member("omar")
      try omar("edit", "fox", "--note", "logged")
      try omar("sync")
      team.server.stop()
      #expect(try team.server.run(["doctor"]).isSuccess)
      try body(team, team.server.data + "/workspaces/press/log.sqlite")
    }
  }

  @Test(arguments: damages)
  func `doctor finds it, and exits with 1`(damage: Damage) throws {
    try play { team, file in
      try SQLiteFile.execute(damage.sql, in: file)
      let outcome = try team.server.run(["doctor", "--json"])
      #expect(outcome.code == 1, "\(outcome)")
      let found = try outcome.json()
      expect(found, Self.doctor)
      #expect(found["sound"]?.bool == false)
      let bad = found["workspaces"]?[0]?["checks"]?.items.filter { $0["sound"]?.bool == false }
      #expect(bad?.isEmpty == false)
      #expect(bad?.allSatisfy { $0["problem"]?.text?.isEmpty == false } == true)
      #expect(try team.server.run(["doctor"]).output.contains("WRONG"))
    }
  }

  @Test(arguments: damages)
  func `audit verify refuses it, names the leaf, and exits with 1`(damage: Damage) throws {
    try play { team, file in
      try SQLiteFile.execute(damage.sql, in: file)
      let outcome = try team.server.run(["audit", "verify", "--json"])
      #expect(outcome.code == 1, "\(outcome)")
      let verdict = try outcome.json()
      expect(verdict, .auditVerify)
      #expect(verdict["verified"]?.bool == false)
      #expect(verdict["first_bad_leaf"]?.int == damage.leaf)
      #expect(verdict["reason"]?.text?.isEmpty == false)
    }
  }

  @Test func `a key that others may read, or that is gone, is found`() throws {
    try play { team, _ in
      let key = team.server.data + "/workspaces/press/log.skey"
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: key)
      let readable = try team.server.run(["doctor"])
      #expect(readable.code == 1, "\(readable)")
      #expect(readable.output.contains("chmod 600"))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
      #expect(try team.server.run(["doctor"]).isSuccess)
      try FileManager.default.removeItem(atPath: key)
      #expect(try !team.server.run(["doctor"]).isSuccess)
    }
  }
}
