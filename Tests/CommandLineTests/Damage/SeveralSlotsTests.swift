import Foundation
import MergeCore
import SimulationKit
import Testing

/// A server of several workspaces of which one is damaged: the others are served, seen, backed up and
/// repaired all the same.
@Suite struct SeveralSlotsTests {
  /// A team in `press`, and Nadia alone in `second`; the server serves.
  private func play(_ body: (Team, _ nadia: Analyst) throws -> Void) throws {
    try Scene.play { scene in
      let team = try Team(scene)
      try team.shareFox()
      let nadia = try scene.analyst("nadia")
      try nadia("init", "--analyst", "nadia")
      try nadia("publish", try team.server.createWorkspace("second"))
      try nadia("sync")
      try body(team, nadia)
    }
  }

  private func slot(_ team: Team, _ file: String, of name: String = "press") -> String {
    team.server.data + "/workspaces/\(name)/" + file
  }

  @Test func `metrics go on, and say which log is damaged and which cannot be opened`() throws {
    try play { team, nadia in
      team.server.stop()
      _ = try team.server.createWorkspace("third")
      try Data("none".utf8).write(to: URL(fileURLWithPath: slot(team, "claim", of: "third")))
      let port = try FreePort.next()
      try team.server.start(["--metrics-port", "\(port)"])
      try SQLiteFile.execute("DELETE FROM log", in: team.server.log)
      let answer = try RawHTTP.request("GET", "/metrics", port: port)
      #expect(answer.status == 200)
      let lines = Set(String(decoding: answer.body, as: UTF8.self).split(separator: "\n"))
      for (name, reason) in [("press", "log-damaged"), ("third", "cannot-open")] {
        let doubt = "hashiya_log_in_doubt{workspace=\"\(name)\",reason=\"\(reason)\"}"
        #expect(lines.contains("\(doubt) 1"), "\(name)")
      }
      #expect(lines.contains("hashiya_log_size{workspace=\"second\"} 1"))
      #expect(!lines.contains { $0.hasPrefix("hashiya_log_size{workspace=\"press\"") })
      #expect(lines.contains { $0.hasPrefix("hashiya_log_file_bytes{workspace=\"press\"") })
      #expect(try nadia.json("sync")["in_sync"]?.bool == true)
    }
  }

  @Test func `a backup has everything but the log that is damaged, and says so`() throws {
    try play { team, _ in
      try SQLiteFile.execute("DELETE FROM log", in: team.server.log)
      let file = team.scene.folder + "/b.tar"
      let made = try team.server.run(["backup", "create", file, "--json"])
      #expect(made.code == 74, "\(made)")
      expectSays(made, ["press is backed up without its log", "damaged"])
      #expect(try made.json()["lacking"] == .items([.text("press")]))
      #expect(try made.json()["workspaces"]?.items.map { $0["name"]?.text } == ["second"])
      let left = try FileManager.default.contentsOfDirectory(atPath: team.scene.folder)
      #expect(left.filter { $0.hasPrefix("b.tar") } == ["b.tar"])
      let restored = team.scene.folder + "/restored"
      #expect(
        try team.server.runElsewhere(["backup", "restore", file], data: restored).isSuccess)
    }
  }

  @Test func `doctor repairs what can be repaired, and says last what cannot`() throws {
    try play { team, nadia in
      team.server.stop()
      let second = slot(team, "log.sqlite", of: "second")
      try SQLiteFile.execute(
        SQLiteFile.alteringLastByte(of: "batch", in: "leaf", where: "position = 3"),
        in: team.server.log)
      try SQLiteFile.execute(
        SQLiteFile.alteringLastByte(of: "state_digest", in: "log", where: "1"), in: second)
      let repair = try team.server.run(["doctor", "--repair"])
      #expect(repair.code == 74, "\(repair)")
      expectSays(repair, ["leaf 3 cannot be had from it"])
      for name in ["press", "second"] { #expect(repair.output.contains(name), "\(repair)") }
      for dump in ["SyncProtocol", "Refusal(", "code:"] {
        #expect(!(repair.output + repair.messages).contains(dump), "\(repair)")
      }
      #expect(try team.server.run(["doctor", "--workspace", "second"]).isSuccess)
      #expect(FileManager.default.fileExists(atPath: second + ".damaged"))
      let told = try team.server.run(["doctor", "--repair", "--json"])
      let checks = try told.json()["workspaces"]?[0]?["checks"]?.items ?? []
      #expect(checks.contains { $0["problem"]?.text?.contains("leaf 3") == true })
    }
  }

  @Test func `a log that is not the one that was named is left as it is`() throws {
    try play { team, nadia in
      let slots = try #require(team.server.json("status")["workspaces"]?.items)
      let key = try #require(slots.last?["key"]?.text)
      let id = try #require(slots.last?["workspace"]?.text)
      let press = ["doctor", "--repair", "--workspace", "press"]
      let refused = try team.server.run(press + ["--key", key])
      #expect(refused.code == 1, "\(refused)")
      #expect(refused.output.contains("WRONG  the log is the one that was named"), "\(refused)")
      #expect(refused.output.contains("ok     the log re-executes"), "\(refused)")
      #expect(!FileManager.default.fileExists(atPath: team.server.log + ".damaged"))
      let right = ["doctor", "--workspace", id, "--key", key]
      #expect(try team.server.run(right).isSuccess)
    }
  }

  /// `GET /ready` until it has these reasons: what it was a second ago holds that long.
  private func expectReady(
    _ server: ServerHost, _ reasons: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let end = ContinuousClock.now + .seconds(ProcessLimits.seconds)
    var found: [String]?
    repeat {
      let answer = try RawHTTP.request("GET", "/ready", port: server.port)
      found = try JSON(parsing: answer.body)["reasons"]?.items.compactMap(\.text)
      if found == reasons { return }
      usleep(50_000)
    } while ContinuousClock.now < end
    #expect(found == reasons, sourceLocation: sourceLocation)
  }

  @Test func `a slot that could not be opened is ready again when it can be, or is gone`() throws {
    try play { team, nadia in
      let claim = slot(team, "claim", of: "second")
      let whole = try fileBytes(claim)
      for isGone in [false, true] {
        team.server.stop()
        try Data("none".utf8).write(to: URL(fileURLWithPath: claim))
        try team.server.start()
        try expectReady(team.server, ["log-damaged"])
        if isGone {
          try FileManager.default.removeItem(atPath: slot(team, "", of: "second"))
        } else {
          try Data(whole).write(to: URL(fileURLWithPath: claim))
        }
        // Nobody but who watches asks.
        try expectReady(team.server, [])
      }
    }
  }

  @Test func `a log that cannot be read is not called damaged`() throws {
    try play { team, nadia in
      team.server.stop()
      _ = try team.server.createWorkspace("third")
      let log = slot(team, "log.sqlite", of: "third")
      try FileManager.default.removeItem(atPath: log)
      try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: false)
      try team.server.start()
      try expectReady(team.server, ["cannot-open"])
      #expect(try nadia.json("sync")["in_sync"]?.bool == true)
    }
  }

  @Test func `why a slot cannot be opened is not hidden by why it cannot be closed`() throws {
    try play { team, _ in
      team.server.stop()
      _ = try team.server.createWorkspace("third")
      try Data("none".utf8).write(to: URL(fileURLWithPath: slot(team, "published", of: "third")))
      let lock = slot(team, "log.sqlite.lock", of: "third")
      try? FileManager.default.removeItem(atPath: lock)
      try FileManager.default.createDirectory(atPath: lock, withIntermediateDirectories: false)
      try team.server.start()
      try #require(team.server.process).wait(forMessage: "it is no workspace")
    }
  }

  @Test func `nobody learns of a damaged slot without a token that holds`() throws {
    try play { team, nadia in
      team.server.stop()
      try Data("none".utf8).write(to: URL(fileURLWithPath: slot(team, "claim", of: "second")))
      try team.server.start()
      try SQLiteFile.execute("DELETE FROM log", in: team.server.log)
      let answers = try ["press", "second", "nothing"].map { name in
        let answer = try RawHTTP.request(
          "GET", "/v1/workspaces/\(name)/log/checkpoint", headers: ["Authorization: Bearer x"],
          port: team.server.port)
        return "\(answer.status) " + String(decoding: answer.body, as: UTF8.self)
      }
      #expect(Set(answers).count == 1, "\(answers)")
      #expect(answers[0].contains("token-malformed"))
      // Its members are told.
      let sync = try nadia.run(["sync"])
      #expect(sync.code == 75, "\(sync)")
      expectSays(sync, ["damaged"])
    }
  }

  @Test func `damage that is met after something was taken in is not told as nothing taken in`()
    throws
  {
    try play { team, _ in
      let omar = try team.member("omar")
      try omar("sync")
      let first = try #require(try team.server.size())
      for word in ["quick", "brown"] {
        try team.layla.annotate(word, as: word)
        try team.layla("sync")
      }
      try SQLiteFile.execute(
        SQLiteFile.alteringLastByte(of: "batch", in: "leaf", where: "position = \(first)"),
        in: team.server.log)
      try omar("edit", "fox", "--note", "by Omar")
      let sync = try omar.run(["sync"])
      #expect(sync.code == 75, "\(sync)")
      expectSays(sync, ["damaged", "may be in the log already"])
      #expect(!sync.messages.contains("nothing was taken in"), "\(sync)")
      let slots = try team.server.json("status")["workspaces"]?.items
      #expect(slots?.first?["size"]?.int == first + 3)
    }
  }
}
