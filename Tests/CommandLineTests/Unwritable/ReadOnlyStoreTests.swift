import Foundation
import SimulationKit
import Testing

/// A store on a file system that may only be read: everything in it is shown, also what its last
/// process committed before it was killed.
@Suite(.enabled(if: PrivateMount.isAllowed, "this machine lets nobody mount a file system"))
struct ReadOnlyStoreTests {
  /// Everything that reads, and needs no network.
  private static let readings: [[String]] = [
    ["status"], ["list"], ["show", "@"], ["article", "list"],
    ["article", "show", Team.article, "--annotations"], ["label", "list"], ["member", "list"],
    ["device", "list"], ["log"], ["conflicts"], ["why", "@"], ["export"],
    ["export", "--format", "csv"], ["quarantine"], ["sync", "status", "--explain"],
    ["resolve", "fox", "note", "--take", "omar", "--dry-run"], ["audit", "list"],
    ["audit", "show", "1"], ["audit", "verify"], ["doctor"],
  ]

  /// Layla's store with a conflict, and with two megabytes that are in its WAL alone.
  private func play(_ body: (Team, _ killed: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      try team.quarrel(
        omar: ["edit", "fox", "--note", "Omar's"], layla: ["edit", "fox", "--note", "Layla's"])
      let killed = try scene.analyst("layla-killed", on: team.layla.machine)
      try team.layla.copyKilledStore(to: killed) {
        for number in 0..<4 {
          let text = String(repeating: "A line of article \(number).\n", count: 18_000)
          try team.layla.write(text.utf8, to: "long-\(number).txt")
          try team.layla("article", "add", "long-\(number).txt")
        }
        try team.layla.annotate("lazy dog", as: "dog")
      }
      #expect(try fileBytes(killed.store + "/store.sqlite-wal").count > 2_000_000)
      try body(team, killed)
    }
  }

  @Test func `every reading command shows the same as where the store can be written`() throws {
    try play { team, killed in
      for arguments in Self.readings {
        let shown = try killed.runReadOnly(arguments)
        let expected = try team.layla.run(arguments)
        #expect(expected.isSuccess, "\(expected)")
        #expect(shown.isSuccess, "\(shown)")
        #expect(shown.outputBytes == expected.outputBytes, "\(shown)\n\(expected)")
      }
      #expect(try killed.runReadOnly(["list"]).output.contains("lazy dog"))
      #expect(try killed.runReadOnly(["token"]).isSuccess)
    }
  }

  @Test func `a bundle is made there as elsewhere, and brings the server what was pending`() throws
  {
    try play { team, killed in
      let bundle = killed.machine.folder + "/rescue.bundle"
      let states = try FileManager.default.contentsOfDirectory(
        atPath: killed.machine.stateFolder + "/hashiya")
      let made = try killed.runReadOnly(["sync", "bundle", "create", bundle])
      #expect(made.isSuccess, "\(made)")
      try team.layla("sync", "bundle", "create", "same.bundle")
      #expect(try fileBytes(bundle) == fileBytes(team.layla.folder + "/same.bundle"))
      #expect(
        try FileManager.default.contentsOfDirectory(
          atPath: killed.machine.stateFolder + "/hashiya") == states)
      let omar = try team.member("omar")
      try omar("sync", "bundle", "apply", bundle)
      try expectConverged(team.all, team.server)
      #expect(try omar.annotationIDs().count == 2)
    }
  }

  @Test func `what writes is refused there, and says that the file system is read-only`() throws {
    try play { team, killed in
      for arguments in [
        ["annotate", Team.article, "--quote", "quick", "--label", "claim"], ["sync"], ["undo"],
        ["invite", "nadia"], ["server", "set", team.server.url],
      ] {
        let outcome = try killed.runReadOnly(arguments)
        #expect(outcome.code == 74, "\(outcome)")
        expectSays(outcome, ["read-only", "copy"])
      }
      #expect(try killed.runReadOnly(["conflicts"]).messages.contains("--against"))
    }
  }

  @Test func `a full disk is read, rescued from, and named`() throws {
    try play { team, killed in
      for arguments in Self.readings {
        let shown = try killed.runOnFilledDisk(arguments)
        #expect(shown.isSuccess, "\(shown)")
        #expect(try shown.outputBytes == team.layla.run(arguments).outputBytes, "\(shown)")
      }
      let bundle = killed.machine.folder + "/full.bundle"
      let made = try killed.runOnFilledDisk(["sync", "bundle", "create", bundle])
      #expect(made.isSuccess, "\(made)")
      try team.member("omar")("sync", "bundle", "apply", bundle)
      let outcome = try killed.runOnFilledDisk(["undo"])
      #expect(outcome.code == 74, "\(outcome)")
      expectSays(outcome, ["the disk is full", "bundle create"])
    }
  }
}

/// A store that belongs to somebody else.
@Suite(.enabled(if: OtherUser.isAllowed, "only root can become another user"))
struct OthersStoreTests {
  private func run(_ arguments: [String], on store: Analyst) throws -> ProcessOutcome {
    var environment = store.machine.environment
    environment["TMPDIR"] = nil
    environment["XDG_STATE_HOME"] = "/nowhere/of/nobody"
    return try ChildProcess(
      OtherUser.launch(arguments + ["--store", store.store], environment, "/")
    ).wait()
  }

  private func setMode(_ mode: Int, _ path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  @Test func `it can be read where its owner lets others read, and is never changed`() throws {
    try Scene.play { scene in
      let layla = try scene.analyst("layla")
      try layla("init", "--analyst", "layla")
      try layla.write(Team.text.utf8, to: Team.article)
      try layla("article", "add", Team.article)
      try layla.annotate("brown fox", as: "fox")
      for path in [scene.folder, layla.store] { try setMode(0o755, path) }
      for file in try FileManager.default.contentsOfDirectory(atPath: layla.store) {
        try setMode(0o644, layla.store + "/" + file)
      }
      for arguments in [["status"], ["list"], ["export"], ["doctor"], ["audit", "verify"]] {
        let shown = try run(arguments, on: layla)
        #expect(try shown.outputBytes == layla.run(arguments).outputBytes, "\(shown)")
      }
      let outcome = try run(["undo"], on: layla)
      #expect(outcome.code == 77, "\(outcome)")
      expectSays(outcome, ["not yours", "root", "read it"])
      try setMode(0o700, layla.store)
      let hidden = try run(["status"], on: layla)
      #expect(hidden.code == 77, "\(hidden)")
      expectSays(hidden, ["not yours", "may not read"])
    }
  }
}
