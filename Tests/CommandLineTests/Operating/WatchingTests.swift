import Foundation
import SimulationKit
import Testing

/// What a server tells whoever watches it.
@Suite struct WatchingTests {
  /// `GET /ready` as it is now: what it was a second ago holds that long.
  private func expectReady(
    _ server: ServerHost, _ reasons: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let end = ContinuousClock.now + .seconds(ProcessLimits.seconds)
    while true {
      let answer = try RawHTTP.request("GET", "/ready", port: server.port)
      let found = try JSON(parsing: answer.body)["reasons"]?.items.compactMap(\.text)
      if found == reasons || ContinuousClock.now > end {
        let status = try JSON(parsing: answer.body)["status"]?.text
        #expect(found == reasons, sourceLocation: sourceLocation)
        #expect(answer.status == (reasons.isEmpty ? 200 : 503), sourceLocation: sourceLocation)
        #expect(
          status == (reasons.isEmpty ? "ready" : "not-ready"), sourceLocation: sourceLocation)
        return
      }
      usleep(50_000)
    }
  }

  @Test func `a server is ready while it takes changes in, and says why where it does not`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      try expectReady(team.server, [])
      #expect(try RawHTTP.request("POST", "/ready", port: team.server.port).status == 405)
      team.server.stop()
      let backup = scene.folder + "/backup"
      try scene.copy(team.server.data, to: backup)
      team.server.clockShift = 0
      try team.server.start()
      try team.layla.annotate("fox", as: "lost")
      try team.layla("sync")

      team.server.clockShift = 10_000
      try expectReady(team.server, ["clock-in-doubt"])
      #expect(try team.server.run(["clock", "confirm"]).isSuccess)
      try expectReady(team.server, [])
      team.server.clockShift = 0
      #expect(try team.server.run(["clock", "confirm"]).isSuccess)

      try team.server.restore(backup, in: scene)
      try expectReady(team.server, ["log-in-doubt"])
      let answer = try RawHTTP.request("GET", "/ready", port: team.server.port)
      #expect(!String(decoding: answer.body, as: UTF8.self).contains("press"), "names are secret")
      try team.layla("sync")
      try expectReady(team.server, [])
      try #require(team.server.process).wait(forMessage: "takes changes in again")
    }
  }

  @Test func `a server that has no room is not ready, and is again when it has`() throws {
    try Scene.play { scene in
      let team = try Team(scene)
      team.server.stop()
      let full = try ChildProcess(
        onFullDisk(
          Programs.server, ["serve", "--port", "\(team.server.port)", "--data", team.server.data],
          400_000, team.server.machine.environment, scene.folder))
      defer { full.killNow() }
      _ = try full.firstLine()
      try expectReady(team.server, ["cannot-write"])
      full.signal(15)
      #expect(full.wait().isSuccess)
      try team.server.start()
      try expectReady(team.server, [])
      let left = try FileManager.default.contentsOfDirectory(atPath: team.server.data)
      #expect(!left.contains { $0.hasPrefix(".ready") })
    }
  }

  /// A page of metrics, by name and labels as they are written.
  private func metrics(_ port: Int) throws -> [String: Double] {
    let answer = try RawHTTP.request("GET", "/metrics", port: port)
    #expect(answer.status == 200)
    #expect(answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
    let name = "[a-zA-Z_:][a-zA-Z0-9_:]*"
    let sample = try Regex("\(name)(\\{\(name)=\"[^\"\\\\]*\"(,\(name)=\"[^\"\\\\]*\")*\\})? [^ ]+")
    var values: [String: Double] = [:]
    var types: Set<Substring> = []
    for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("#") {
        if words[1] == "TYPE" {
          #expect(types.insert(words[2]).inserted, "\(words[2]) is told once")
          #expect(["counter", "gauge", "histogram"].contains(words[3]))
        }
        continue
      }
      #expect(line.wholeMatch(of: sample) != nil, "\(line)")
      let cut = try #require(line.lastIndex(of: " "))
      let value = try #require(Double(line[line.index(after: cut)...]), "\(line)")
      #expect(
        values.updateValue(value, forKey: String(line[..<cut])) == nil, "\(line) is told once")
      let plain = line.prefix { $0 != "{" && $0 != " " }
      #expect(
        ["", "_bucket", "_sum", "_count"].contains { suffix in
          plain.hasSuffix(suffix) && types.contains(plain.dropLast(suffix.count))
        }, "\(line) has a type")
    }
    return values
  }

  @Test func `metrics count what happens, on a port of this machine alone, and name nobody`()
    throws
  {
    try Scene.play { scene in
      let team = try Team(scene)
      let omar = try team.member("omar")
      team.server.stop()
      let port = try FreePort.next()
      try team.server.start(["--metrics-port", "\(port)"])
      let before = try metrics(port)
      try omar.annotate("fox", as: "one")
      try omar("sync")
      _ = try RawHTTP.request("GET", "/nowhere", port: team.server.port)
      _ = try RawHTTP.request(
        "POST", "/v1/workspaces/press/exchange", body: [1], port: team.server.port)
      let after = try metrics(port)
      func rise(_ name: String) -> Double { (after[name] ?? 0) - (before[name] ?? 0) }
      #expect(rise("hashiya_batches_total{outcome=\"accepted\"}") == 1)
      #expect(rise("hashiya_log_size{workspace=\"press\"}") == 1)
      #expect(rise("hashiya_log_signed_size{workspace=\"press\"}") == 1)
      #expect(rise("hashiya_requests_total{route=\"exchange\",status=\"200\"}") >= 1)
      #expect(rise("hashiya_requests_total{route=\"exchange\",status=\"401\"}") == 1)
      #expect(rise("hashiya_requests_total{route=\"other\",status=\"404\"}") == 1)
      #expect(rise("hashiya_problems_total{code=\"token-missing\"}") == 1)
      #expect(rise("hashiya_write_wait_seconds_count") >= 1)
      #expect(rise("hashiya_received_bytes_total") > 100)
      #expect(rise("hashiya_sent_bytes_total") > 100)
      #expect(rise("hashiya_connections_total") >= 3)
      #expect(after["hashiya_connection_places{kind=\"any\"}"] == 256)
      #expect(after["hashiya_clock_in_doubt"] == 0)
      #expect(after["process_resident_memory_bytes"] ?? 0 > 1_000_000)
      #expect(after["process_open_fds"] ?? 0 > 5)
      #expect(after["process_cpu_seconds_total"] ?? 0 > 0)
      let doubts = after.filter { $0.key.hasPrefix("hashiya_log_in_doubt{") }
      #expect(doubts.count == 10 && doubts.values.allSatisfy { $0 == 0 })

      // Everything but the slot's name is one of few words.
      let text = after.keys.joined(separator: "\n")
      for secret in ["omar", "layla", try omar.replica().prefix(8).description, "127.0.0"] {
        #expect(!text.contains(secret))
      }
      #expect(try RawHTTP.request("GET", "/", port: port).status == 404)
      #expect(try RawHTTP.request("POST", "/metrics", port: port).status == 405)
      #expect(try RawHTTP.request("GET", "/metrics", port: team.server.port).status == 404)

      // Every metric stands on the operator's page, and the page names no other.
      let page = try String(
        contentsOfFile: Programs.repository + "/Protocol/operating/metrics.md", encoding: .utf8)
      let told = Set(
        page.split(separator: "\n").filter { $0.hasPrefix("| `") }
          .compactMap { $0.split(separator: "`").dropFirst().first }
          .map { String($0.prefix { $0 != "{" }) })
      let found = Set(
        after.keys.map { key in
          let name = String(key.prefix { $0 != "{" })
          return ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) }
            .map { String(name.dropLast($0.count)) } ?? name
        })
      #expect(told == found, "\(told.symmetricDifference(found))")
    }
  }

  @Test func `metrics show evictions while the server has no place left`() throws {
    try Scene.play { scene in
      let server = try scene.server()
      let port = try FreePort.next()
      try server.start(["--metrics-port", "\(port)"])
      let swarm = Swarm(.silence(.many), count: 200, port: server.port)
      try swarm.wait { $0.ended >= 1 }
      let now = try metrics(port)
      swarm.stop()
      #expect(now["hashiya_connections_evicted_total"] ?? 0 >= 1)
      #expect(now["hashiya_connections{kind=\"stranger\"}"] ?? 0 > 100)
      #expect(now["hashiya_connections{kind=\"member\"}"] == 0)
    }
  }

  @Test func `a port for metrics that is taken or wrong is told before anything is served`() throws
  {
    try Scene.play { scene in
      let server = try scene.server().start()
      let second = try scene.server("second")
      let taken = try second.run(
        ["serve", "--port", "\(second.port)", "--metrics-port", "\(server.port)"])
      #expect(taken.code == 73, "\(taken)")
      expectSays(taken, ["port \(server.port)", "in use", "--metrics-port"])
      #expect(taken.output == "", "\(taken)")
      for port in ["70000", "\(second.port)"] {
        let wrong = try second.run(["serve", "--port", "\(second.port)", "--metrics-port", port])
        #expect(wrong.code == 64, "\(wrong)")
        expectSays(wrong, ["--metrics-port"])
      }
    }
  }
}
