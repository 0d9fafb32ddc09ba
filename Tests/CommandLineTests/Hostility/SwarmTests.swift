import Foundation
import SimulationKit
import Testing

/// Hostile connections by the hundred, and members who work and join meanwhile.
///
/// `make hostile` runs them at full size, times the honest work, and prints a table.
@Suite(.serialized) struct SwarmTests {
  /// How many connections, and how many syncs are timed meanwhile; nil in the ordinary tests.
  private static let fullSize = ProcessInfo.processInfo.environment["HASHIYA_SWARM"]
    .flatMap { Int($0) }
  /// The one kind of connections to try; nil for all.
  private static let kind = ProcessInfo.processInfo.environment["HASHIYA_SWARM_KIND"]
  private static let count = fullSize ?? 300
  private static let syncs = fullSize == nil ? 2 : 120

  /// What the server may take for its connections: each place's share.
  private static let memoryMax = 256 * (256 << 10)
  /// What a MiB may cost that is sent to do harm: milliseconds of a processor, and MiB.
  private static let costMax = (milliseconds: 100.0, mebibytes: 64.0)

  @Test func `members work and join, and memory is bounded, whatever strangers do`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["omar", "mallory"])
      let stranger = Stranger()
      let token = try stranger.token(for: "press")
      let heavy = try stranger.body([stranger.hollowBatch(contents: 540_000)])
      let small = try stranger.body([stranger.hollowBatch(contents: 4_000, operations: 100)])
      let attacks = Attack.Sources.allCases.flatMap { sources in
        let first =
          [
            .silence(sources), .slowBodies(sources, token: token), .refusedBodies(sources),
          ] as [Attack]
        // What else there is does the same to members wherever it comes from.
        guard sources != .members || Self.fullSize != nil else { return first }
        return first + [
          .slowHeads(sources), .keptAlive(sources),
          .flood("heavy batches", sources, token: token, body: heavy),
          .flood("small batches", sources, token: token, body: small),
        ]
      }
      try play(attacks, team, scene)
      let hollow = try stranger.body([stranger.hollowBatch(contents: 250_000, operations: 500_000)])
      let costs = [
        try measure("half a million empty contents", heavy, team),
        try measure("as many empty operations and contents", hollow, team),
      ]
      if Self.fullSize != nil {
        print(([BodyCost.heading] + costs.map(\.line)).joined(separator: "\n"))
      }
    }
  }

  /// What a body costs that a member brings, for each MiB of it.
  private func measure(_ name: String, _ body: [UInt8], _ team: Team) throws -> BodyCost {
    let process = try #require(team.server.process)
    let token = try team.member("mallory")("token").lines[0]
    try process.forgetPeak()
    let before = try process.usage()
    let rounds = 5
    for _ in 0..<rounds {
      let answer = try RawHTTP.request(
        "POST", "/v1/workspaces/press/exchange", headers: ["Authorization: Bearer \(token)"],
        body: body, port: team.server.port)
      #expect(answer.status == 200 || answer.status == 413, "\(name)")
    }
    let after = try process.usage()
    let size = Double(body.count) / Double(1 << 20)
    let cost = BodyCost(
      name: name,
      milliseconds: (after.seconds - before.seconds) * 1_000 / size / Double(rounds),
      mebibytes: Double(max(0, after.peakBytes - before.residentBytes) >> 20) / size)
    #expect(cost.mebibytes <= Self.costMax.mebibytes, "\(cost.line)")
    if Self.fullSize != nil {
      #expect(cost.milliseconds <= Self.costMax.milliseconds, "\(cost.line)")
    }
    return cost
  }

  @Test func `pulls that nobody reads take no more memory than their places`() throws {
    try Scene.play { scene in
      let team = try Team(scene, ["omar", "mallory"])
      // A log that no buffer between the two sides holds.
      for number in 0..<(Self.fullSize == nil ? 3 : 12) {
        let line = "This is line of article \(number), and it is as long as most lines are.\n"
        try team.layla.write(String(repeating: line, count: 14_000).utf8, to: "long\(number).txt")
        try team.layla("article", "add", "long\(number).txt")
      }
      try team.layla("sync")
      let token = try team.member("mallory")("token").lines[0]
      let attacks = Attack.Sources.allCases.filter { $0 != .members || Self.fullSize != nil }
        .map { Attack.unreadPulls($0, token: token) }
      try play(attacks, team, scene)
    }
  }

  private func play(_ attacks: [Attack], _ team: Team, _ scene: Scene) throws {
    let metricsPort = try FreePort.next()
    team.server.stop()
    try team.server.start(["--metrics-port", "\(metricsPort)"])
    let work = Work(team: team, scene: scene, metricsPort: metricsPort)
    var quiet = try work.observe("none", "", number: 0)
    var rows: [SwarmRow] = []
    let chosen = attacks.filter { Self.kind == nil || $0.name == Self.kind }
    for (number, attack) in chosen.enumerated() {
      let swarm = Swarm(attack, count: Self.count, port: team.server.port)
      try swarm.wait { $0.opened >= Self.count }
      var row = try work.observe(attack.name, attack.sources.rawValue, number: number + 1)
      row.tally = swarm.stop()
      #expect(row.peakBytes <= quiet.peakBytes + Self.memoryMax, "\(row.line(quiet))")
      rows.append(row)
    }
    try expectConverged([team.layla, team.member("omar")], team.server)
    guard Self.fullSize != nil else { return }
    // Quiet before and after: a machine's pace changes by itself, and a log grows.
    quiet.add(try work.observe("none", "", number: rows.count + 1))
    print(([SwarmRow.heading] + ([quiet] + rows).map { $0.line(quiet) }).joined(separator: "\n"))
    for row in rows {
      #expect(row.percentile(0.99) < 2 * quiet.percentile(0.99), "\(row.line(quiet))")
      #expect(row.lateTurns == 0, "\(row.line(quiet))")
    }
  }

  /// What members do meanwhile.
  private struct Work {
    let team: Team
    let scene: Scene
    let metricsPort: Int

    /// One pushes a change, one pulls it, one joins.
    func observe(_ name: String, _ sources: String, number: Int) throws -> SwarmRow {
      let omar = try team.member("omar")
      let process = try #require(team.server.process)
      let code = try Team.code(for: "guest \(number)", by: team.layla)
      try process.forgetPeak()
      let (before, turnsBefore) = (try process.usage(), try TurnCounts(metricsPort))
      var milliseconds: [Double] = []
      for round in 0..<SwarmTests.syncs {
        let author = round % 2 == 0 ? team.layla : omar
        try author.annotate("brown fox", as: "fox-\(number)-\(round)-\(sources)")
        milliseconds.append(
          try timed {
            let sync = try author.json("sync")
            #expect(sync["in_sync"]?.bool == true, "\(name)")
          })
      }
      let guest = try scene.analyst("guest \(number)")
      let join = try timed { try guest("join", code) }
      let (after, turns) = (try process.usage(), try TurnCounts(metricsPort))
      return SwarmRow(
        name: name, sources: sources, milliseconds: milliseconds, joinMilliseconds: join,
        peakBytes: after.peakBytes, lateTurns: turns.late - turnsBefore.late,
        turns: turns.all - turnsBefore.all, processorSeconds: after.seconds - before.seconds)
    }

    private func timed(_ body: () throws -> Void) rethrows -> Double {
      let start = ContinuousClock.now
      try body()
      return (ContinuousClock.now - start) / .milliseconds(1)
    }
  }
}
